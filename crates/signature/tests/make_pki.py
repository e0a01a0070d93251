"""The made-up certification authorities of the fixtures. Every name in here is invented."""

import datetime as dt

from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID


def day(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone.utc)


START, END = day("2010-01-01"), day("2040-01-01")


def rsa_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def name(common, organisation="Cơ quan Thử nghiệm (bịa đặt)", title=None, email=None, unit=None):
    parts = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, organisation)]
    if unit:
        parts.append((NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    if title:
        parts.append((NameOID.TITLE, title))
    parts.append((NameOID.COMMON_NAME, common))
    if email:
        parts.append((NameOID.EMAIL_ADDRESS, email))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def signed_with_sha1(cert, key):
    """The same certificate with a signature as older authorities made it; cryptography's builder refuses to."""
    again = asn1_x509.Certificate.load(cert.public_bytes(serialization.Encoding.DER))
    algorithm = {"algorithm": "sha1_rsa", "parameters": core.Null()}
    again["tbs_certificate"]["signature"] = algorithm
    again["signature_algorithm"] = algorithm
    value = key.sign(again["tbs_certificate"].dump(force=True), padding.PKCS1v15(), hashes.SHA1())
    again["signature_value"] = value
    return x509.load_der_x509_certificate(again.dump(force=True))


class Entity:
    """A key with its certificate."""

    def __init__(self, subject, key, issuer=None, ca=False, start=START, end=END, purposes=None, signs=True, sha1=False, more=()):
        self.key = key
        signing_key = issuer.key if issuer else key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.cert.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.KeyUsage(signs and not ca, signs and not ca, not signs, False, False, ca, ca, False, False),
                critical=True,
            )
        )
        if issuer:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
            builder = builder.add_extension(identifier, critical=False)
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=purposes == [Purpose.TIME_STAMPING])
        for extension in more:
            builder = builder.add_extension(extension, critical=False)
        self.cert = builder.sign(signing_key, hashes.SHA256())
        if sha1:
            self.cert = signed_with_sha1(self.cert, signing_key)

    def der(self):
        return self.cert.public_bytes(serialization.Encoding.DER)

    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM)

    def key_pem(self):
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())

    def crl(self, revoked=(), this="2026-02-28", following="2039-01-01"):
        """A revocation list of this authority; `revoked` holds pairs of entity and date."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.cert.subject)
            .last_update(day(this))
            .next_update(day(following))
        )
        for entity, date in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(entity.cert.serial_number).revocation_date(day(date))
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def ocsp(self, entity, responder, revoked=None, this="2026-02-28", following="2039-01-01"):
        """An answer about `entity`, which this authority issued."""
        status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=entity.cert,
            issuer=self.cert,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=day(this),
            next_update=day(following),
            revocation_time=day(revoked) if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.cert).certificates([responder.cert])
        return builder.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class Pki:
    """Two trees: one whose root the tests trust, and one that nobody does."""

    def __init__(self):
        self.root = Entity(name("Gốc Thử nghiệm"), rsa_key(), ca=True)
        self.ca = Entity(name("Nơi cấp Thử nghiệm"), rsa_key(), self.root, ca=True)
        self.an = Entity(
            name("Nguyễn Văn An", "UBND xã Mẫu (bịa đặt)", "Chủ tịch", "an@example.vn", "Văn phòng"), rsa_key(), self.ca
        )
        self.binh = Entity(name("Trần Thị Bình", "UBND xã Mẫu (bịa đặt)", "Phó Chủ tịch"), ec.generate_private_key(ec.SECP256R1()), self.ca)
        self.p384 = Entity(name("Lê Văn Cường"), ec.generate_private_key(ec.SECP384R1()), self.ca)
        self.p521 = Entity(name("Phạm Thị Dung"), ec.generate_private_key(ec.SECP521R1()), self.ca)
        self.expired = Entity(name("Hoàng Hết Hạn"), rsa_key(), self.ca, start=day("2024-01-01"), end=day("2025-01-01"))
        self.revoked = Entity(name("Vũ Thu Hồi"), rsa_key(), self.ca)
        self.server = Entity(name("may-chu.example.vn"), rsa_key(), self.ca, purposes=[Purpose.SERVER_AUTH])
        self.encipher = Entity(name("Khóa Mã Hóa"), rsa_key(), self.ca, signs=False)
        self.sha1 = Entity(name("Đỗ Cũ Kỹ"), rsa_key(), self.ca, sha1=True)
        self.early = Entity(name("Người Đến Sớm"), rsa_key(), self.ca, start=day("2030-01-01"))
        self.fallen_ca = Entity(name("Nơi cấp Bị Thu hồi"), rsa_key(), self.root, ca=True)
        self.under_fallen = Entity(name("Dưới Nơi cấp Bị Thu hồi"), rsa_key(), self.fallen_ca)
        self.short = Entity(name("Khóa Ngắn"), rsa_key(1024), self.ca)
        self.responder = Entity(name("Nơi trả lời Thử nghiệm"), rsa_key(), self.ca, purposes=[Purpose.OCSP_SIGNING])
        self.tsa = Entity(name("Dấu thời gian Thử nghiệm"), rsa_key(), self.ca, purposes=[Purpose.TIME_STAMPING])
        self.tsa_without = Entity(name("Dấu thời gian Sai mục đích"), rsa_key(), self.ca)
        self.other_root = Entity(name("Gốc Lạ"), rsa_key(), ca=True)
        self.other_tsa = Entity(name("Dấu thời gian Lạ"), rsa_key(), self.other_root, purposes=[Purpose.TIME_STAMPING])
        self.stranger = Entity(name("Người Lạ"), rsa_key(), self.other_root)
        self.self_signed = Entity(name("Tự Ký"), rsa_key())
