"""A certification authority on this machine that answers about revocation, well and badly, and files signed under it.

    revocation.py FOLDER NOW

Writes `root.pem` and a signed `CASE.pdf` for every case into the folder, says on which port it listens, and then a line for
whatever it is asked. All is made with pyHanko and cryptography, tools that are not ours; every name is invented, and the
keys are thrown away. NOW is the time that all days count from; that an answer was produced is always dated today.
"""

import datetime as dt
import http.server
import io
import json
import logging
import pathlib
import socket
import sys
import threading
import time

from asn1crypto import keys, x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID as Purpose, NameOID
from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko_certvalidator.registry import SimpleCertificateStore

logging.disable(logging.CRITICAL)
FOLDER = pathlib.Path(sys.argv[1])
NOW = dt.datetime.fromisoformat(sys.argv[2].replace("Z", "+00:00")).replace(microsecond=0)
BEGUN = time.monotonic()
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DER = serialization.Encoding.DER


def now():
    return NOW + dt.timedelta(seconds=int(time.monotonic() - BEGUN))


class Entity:
    """A key with its certificate, which says where to ask about it."""

    def __init__(self, common, issuer=None, ca=False, asks=(), lists=(), purposes=()):
        # pyHanko's timestamps are made with RSA only.
        stamps = Purpose.TIME_STAMPING in purposes
        self.key = rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
        self.issuer = issuer or self
        self.name = x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Cơ quan Thử nghiệm (bịa đặt)"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ])
        builder = (
            x509.CertificateBuilder().subject_name(self.name).issuer_name(self.issuer.name)
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 300 * DAY).not_valid_after(NOW + 4000 * DAY)
            .add_extension(x509.BasicConstraints(ca, None), True)
            .add_extension(x509.KeyUsage(not ca, not ca, False, False, False, ca, ca, False, False), True)
        )
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), purposes == [Purpose.TIME_STAMPING])
        if asks:
            places = [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url)) for url in asks]
            builder = builder.add_extension(x509.AuthorityInformationAccess(places), False)
        if lists:
            points = [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None) for url in lists]
            builder = builder.add_extension(x509.CRLDistributionPoints(points), False)
        self.cert = builder.sign(self.issuer.key, hashes.SHA256())

    def asn1(self):
        return asn1_x509.Certificate.load(self.cert.public_bytes(DER))

    def secret(self):
        form = serialization.PrivateFormat.PKCS8
        return keys.PrivateKeyInfo.load(self.key.private_bytes(DER, form, serialization.NoEncryption()))

    def answer(self, by=None, status=ocsp.OCSPCertStatus.GOOD, revoked=None, this=None, following=DAY, about=None):
        """What a responder says of this certificate; `following` of None leaves the end open."""
        by, this = by or responder, this or now() - HOUR
        status = ocsp.OCSPCertStatus.REVOKED if revoked else status
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=(about or self).cert, issuer=self.issuer.cert, algorithm=hashes.SHA1(), cert_status=status,
            this_update=this, next_update=following and this + following, revocation_time=revoked, revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.cert)
        if by is not self.issuer:
            builder = builder.certificates([by.cert])
        return builder.sign(by.key, hashes.SHA256()).public_bytes(DER)

    def list(self, revoked=(), scope=None):
        """A list of what this authority revoked."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name).last_update(now() - HOUR).next_update(now() + DAY)
        for entity, at in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(entity.cert.serial_number).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        if scope:
            point = x509.IssuingDistributionPoint([x509.UniformResourceIdentifier(scope)], None, True, False, None, False, False)
            builder = builder.add_extension(point, True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(DER)


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.reply(self.rfile.read(int(self.headers["content-length"])))

    def do_GET(self):
        self.reply(None)

    def reply(self, question):
        kind, case = self.path.strip("/").split("/")
        print(json.dumps({"asked": self.path}), flush=True)
        try:
            self.give(kind, case, question)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def give(self, kind, case, question):
        entity = SIGNERS.get(case) or tsa_revoked
        if kind == "ocsp":
            asked = ocsp.load_der_ocsp_request(question)
            proper = self.command == "POST" and self.headers["content-type"] == "application/ocsp-request"
            if not proper or asked.serial_number != entity.cert.serial_number or len(asked.extensions):
                return self.send_error(400)
        if case == "missing":
            return self.send_error(404)
        if case == "redirect":
            self.send_response(302)
            self.send_header("location", f"{BASE}/ocsp/good")
            return self.end_headers()
        self.send_response(200)
        if case == "declared":
            self.send_header("content-length", str(1 << 40))
        self.end_headers()
        if case in ("huge", "declared"):
            while True:
                self.wfile.write(bytes(1 << 20))
        if case == "slow":
            while True:
                self.wfile.write(b"0")
                self.wfile.flush()
                time.sleep(0.1)
        self.wfile.write(ANSWERS[kind, case]())


def page():
    out = writer.PdfFileWriter()
    content = out.add_object(generic.StreamObject(stream_data=b"BT ET"))
    out.insert_page(writer.PageObject(contents=content, media_box=[0, 0, 595, 842]))
    buffer = io.BytesIO()
    out.write(buffer)
    return buffer.getvalue()


def sign(case, entity, stamped_by=None):
    store = SimpleCertificateStore()
    store.register_multiple([ca.asn1()])
    signer = signers.SimpleSigner(signing_cert=entity.asn1(), signing_key=entity.secret(), cert_registry=store)
    meta = signers.PdfSignatureMetadata(field_name="Chu_ky", subfilter=fields.SigSeedSubFilter.PADES)
    stamper = stamped_by and timestamps.DummyTimeStamper(
        tsa_cert=stamped_by.asn1(), tsa_key=stamped_by.secret(), certs_to_embed=store, fixed_dt=NOW - DAY)
    out = IncrementalPdfFileWriter(io.BytesIO(PAGE))
    signed = signers.PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(out, bytes_reserved=8000)
    (FOLDER / f"{case}.pdf").write_bytes(signed.getvalue())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
BASE = f"http://127.0.0.1:{server.server_address[1]}"
with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    NOBODY = f"http://127.0.0.1:{closed.getsockname()[1]}/"

root = Entity("Gốc Thử nghiệm", ca=True)
ca = Entity("Nơi cấp Thử nghiệm", root, ca=True, lists=[f"{BASE}/crl/root"])
responder = Entity("Nơi trả lời", ca, purposes=[Purpose.OCSP_SIGNING])
without = Entity("Không được giao trả lời", ca)
stranger = Entity("Nơi trả lời Lạ", purposes=[Purpose.OCSP_SIGNING])
tsa = Entity("Dấu thời gian", ca, purposes=[Purpose.TIME_STAMPING])
tsa_revoked = Entity("Dấu thời gian Bị thu hồi", ca, purposes=[Purpose.TIME_STAMPING], asks=[f"{BASE}/ocsp/tsa"])
PAGE = page()

ASK = ["good", "issuer", "fresh", "revoked", "revoked-before", "revoked-after", "unknown", "stale", "future", "wrong-signer",
       "no-purpose", "another", "garbage", "missing", "redirect", "huge", "declared", "slow"]
SIGNERS = {case: Entity(f"Người ký {case}", ca, asks=[f"{BASE}/ocsp/{case}"]) for case in ASK}
for case in ["list", "list-revoked", "shard", "foreign-shard", "wrong-list"]:
    SIGNERS[case] = Entity(f"Người ký {case}", ca, lists=[f"{BASE}/crl/{case}"])
SIGNERS["down"] = Entity("Người ký down", ca, asks=[NOBODY])
SIGNERS["second"] = Entity("Người ký second", ca, asks=[NOBODY], lists=[f"{BASE}/crl/list"])
SIGNERS["house"] = Entity("Người ký house", ca, asks=["http://169.254.169.254/latest/meta-data/"])
SIGNERS["silent"] = Entity("Người ký silent", ca)
SIGNERS["tsa-revoked"] = SIGNERS["good"]

S = SIGNERS
ANSWERS = {
    ("crl", "root"): lambda: root.list(),
    ("ocsp", "good"): lambda: S["good"].answer(),
    ("ocsp", "issuer"): lambda: S["issuer"].answer(by=ca),
    ("ocsp", "fresh"): lambda: S["fresh"].answer(this=now(), following=None),
    ("ocsp", "revoked"): lambda: S["revoked"].answer(revoked=NOW - 2 * DAY),
    ("ocsp", "revoked-before"): lambda: S["revoked-before"].answer(revoked=NOW - 2 * DAY),
    ("ocsp", "revoked-after"): lambda: S["revoked-after"].answer(revoked=NOW - HOUR),
    ("ocsp", "unknown"): lambda: S["unknown"].answer(status=ocsp.OCSPCertStatus.UNKNOWN),
    ("ocsp", "stale"): lambda: S["stale"].answer(this=now() - 9 * DAY),
    ("ocsp", "future"): lambda: S["future"].answer(this=now() + 2 * DAY),
    ("ocsp", "wrong-signer"): lambda: S["wrong-signer"].answer(by=stranger),
    ("ocsp", "no-purpose"): lambda: S["no-purpose"].answer(by=without),
    ("ocsp", "another"): lambda: S["another"].answer(about=S["good"]),
    ("ocsp", "garbage"): lambda: b"<!doctype html><title>Xin chao</title>",
    ("ocsp", "tsa"): lambda: tsa_revoked.answer(revoked=NOW - 2 * DAY),
    ("crl", "list"): lambda: ca.list([(S["revoked"], NOW - 2 * DAY)]),
    ("crl", "list-revoked"): lambda: ca.list([(S["list-revoked"], NOW - 2 * DAY)]),
    ("crl", "shard"): lambda: ca.list(scope=f"{BASE}/crl/shard"),
    ("crl", "foreign-shard"): lambda: ca.list(scope=f"{BASE}/crl/shard"),
    ("crl", "wrong-list"): lambda: root.list(),
}
for case, entity in SIGNERS.items():
    stamper = {"revoked-before": tsa, "revoked-after": tsa, "tsa-revoked": tsa_revoked}.get(case)
    sign(case, entity, stamper)
(FOLDER / "root.pem").write_bytes(root.cert.public_bytes(serialization.Encoding.PEM))
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"port": server.server_address[1]}), flush=True)
while True:
    time.sleep(3600)
