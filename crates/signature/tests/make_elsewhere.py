"""Signed files as odd tools of the field write them, under a root of their own (`elsewhere-root.pem`).

    .venv/bin/python crates/signature/tests/make_elsewhere.py [FOLDER]

pyHanko, cryptography and asn1crypto make the parts, which are put together here in ways that those tools would not choose.
Keys are made anew each time and thrown away; every name is invented.
"""

import asyncio
import hashlib
import io
import pathlib
import re
import sys

from asn1crypto import algos, cms, core, tsp, x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID as Access, ExtendedKeyUsageOID as Purpose
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

import make_fixtures as base
from make_fixtures import cert, contents, covered, page_pdf, private_key, registry, with_contents
from make_pki import Entity, day, name, rsa_key

OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "fixtures"
root = Entity(name("Gốc Nơi khác"), rsa_key(), ca=True)
ca = Entity(name("Nơi cấp Nơi khác"), rsa_key(), root, ca=True)
an = Entity(name("Nguyễn Thị Mẫu", "UBND xã Mẫu (bịa đặt)", "Chủ tịch"), rsa_key(), ca)
binh = Entity(name("Trần Văn Mẫu"), ec.generate_private_key(ec.SECP256R1()), ca)
PLAIN = page_pdf()
SHA = {"sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
       "sha512": hashes.SHA512, "sha3_256": hashes.SHA3_256}


def sign(entity=an, digest="sha256", pades=True, size=9000):
    signer = signers.SimpleSigner(signing_cert=cert(entity), signing_key=private_key(entity), cert_registry=registry(ca))
    meta = signers.PdfSignatureMetadata(
        field_name="Sig1", md_algorithm=digest,
        subfilter=fields.SigSeedSubFilter.PADES if pades else fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    out = IncrementalPdfFileWriter(io.BytesIO(PLAIN))
    return signers.PdfSigner(meta, signer=signer).sign_pdf(out, bytes_reserved=size).getvalue()


def attribute(kind, value):
    return cms.CMSAttribute({"type": kind, "values": [value]})


def value_of(pdf, entity=an, digest="sha256", attributes=None, algorithm=None, pad=None, more=(), without=(), certificates=None,
             signature_digest=None, by_key=False):
    """A CMS over what the file covers, built by hand: whatever is asked for stands in it."""
    imprint = hashlib.new(digest, covered(pdf)).digest()
    signed = {
        "content_type": attribute("content_type", "data"),
        "message_digest": attribute("message_digest", imprint),
        "signing_certificate_v2": attribute("signing_certificate_v2", tsp.SigningCertificateV2(
            {"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(entity.der()).digest()})]})),
    }
    signed.update(attributes or {})
    listed = cms.CMSAttributes([one for kind, one in signed.items() if kind not in without] + list(more))
    signature_digest = signature_digest or digest
    algorithm = algorithm or {"algorithm": "rsassa_pkcs1v15", "parameters": core.Null()}
    message = listed.dump()
    if pad is not None:
        value = entity.key.sign(message, pad, SHA[signature_digest]())
    elif isinstance(entity.key, rsa.RSAPrivateKey):
        value = entity.key.sign(message, padding.PKCS1v15(), SHA[signature_digest]())
    elif isinstance(entity.key, ec.EllipticCurvePrivateKey):
        value = entity.key.sign(message, ec.ECDSA(SHA[signature_digest]()))
    else:
        value = entity.key.sign(message)
    holder = cert(entity)
    who = cms.SignerIdentifier("subject_key_identifier", core.OctetString(holder.key_identifier)) if by_key else \
        cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(
            {"issuer": holder.issuer, "serial_number": holder.serial_number}))
    signer = cms.SignerInfo({
        "version": "v3" if by_key else "v1", "sid": who, "digest_algorithm": {"algorithm": digest},
        "signed_attrs": listed, "signature_algorithm": algorithm, "signature": value,
    })
    data = cms.SignedData({
        "version": "v1", "digest_algorithms": [{"algorithm": digest}], "encap_content_info": {"content_type": "data"},
        "certificates": certificates if certificates is not None else [holder, cert(ca)], "signer_infos": [signer],
    })
    return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()


def remade(pdf=None, entity=an, **options):
    pdf = pdf or sign()
    return with_contents(pdf, value_of(pdf, entity, **options))


def rewritten(change, **options):
    """The last revision with its bytes changed but not moved, signed anew by whoever writes so."""
    pdf = change(sign())
    return remade(pdf, **options)


def same_length(pdf, old, new):
    assert len(old) == len(new) and old in pdf, (old, new)
    return pdf.replace(old, new)


def pss(digest, mask, salt):
    return {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams({
        "hash_algorithm": {"algorithm": digest}, "salt_length": salt,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask}}})}


def lower_case(pdf):
    found = re.search(rb"<[0-9A-Fa-f]{1000,}>", pdf)
    return pdf[:found.start()] + found.group(0).swapcase() + pdf[found.end():]


def spaced(pdf):
    """White space between the digits, as some writers wrap their lines."""
    found = re.search(rb"<([0-9A-Fa-f]{1000,})>", pdf)
    digits = found.group(1)
    half = len(digits) - 400
    lines = b"\n".join(digits[at:at + 64] for at in range(0, half, 64))
    assert len(lines) <= len(digits)
    return pdf[:found.start(1)] + lines.ljust(len(digits)) + pdf[found.end(1):]


def literal(pdf):
    """/Contents as a string in parentheses: Table 255 asks for a hexadecimal one."""
    found = re.search(rb"<([0-9A-Fa-f]{1000,})>", pdf)
    value = contents(pdf).rstrip(b"\0")
    escaped = value.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)").replace(b"\r", b"\\r")
    room = found.end(1) - found.start(1)
    text = b"(" + escaped + b")"
    return pdf[:found.start()] + text.ljust(room + 2) + pdf[found.end():]


def x509_rsa_sha1():
    """adbe.x509.rsa_sha1: a bare PKCS#1 value in /Contents, the certificate in /Cert (12.8.3.2; deprecated in PDF 2.0)."""
    pdf = sign(pades=False)
    pdf = same_length(pdf, b"/adbe.pkcs7.detached", b"/adbe.x509.rsa_sha1 ")
    value = an.key.sign(covered(pdf), padding.PKCS1v15(), hashes.SHA1())
    return with_contents(pdf, core.OctetString(value).dump())


def policy():
    """A signature policy, named (CAdES-EPES; EN 319 122-1, 5.2.9)."""
    hashed = algos.DigestInfo({"digest_algorithm": {"algorithm": "sha256"}, "digest": bytes(32)}).dump()
    inside = core.ObjectIdentifier("1.2.3.4.5.6").dump() + hashed
    value = core.Any(core.load(b"\x30" + bytes([len(inside)]) + inside))
    return cms.CMSAttribute({"type": "1.2.840.113549.1.9.16.2.15", "values": [value.parsed]})


def cases():
    yield "elsewhere-plain.pdf", remade()
    yield "elsewhere-uppercase.pdf", lower_case(remade())
    yield "elsewhere-wrapped-hex.pdf", spaced(remade())
    yield "elsewhere-literal-contents.pdf", literal(remade())
    yield "elsewhere-no-claimed-time.pdf", rewritten(lambda pdf: re.sub(rb"/M \(D:[^)]*\)", lambda m: b" " * len(m.group(0)), pdf))
    yield "elsewhere-no-type.pdf", rewritten(lambda pdf: re.sub(rb"/Type /Sig(?=\s|/)", lambda m: b" " * len(m.group(0)), pdf))
    yield "elsewhere-signing-time.pdf", remade(more=[attribute("signing_time", cms.Time({"utc_time": day("2026-03-01")}))])
    yield "elsewhere-by-key.pdf", remade(by_key=True)
    yield "elsewhere-adbe-bare.pdf", remade(sign(pades=False), without=["signing_certificate_v2"])
    yield "elsewhere-unbound.pdf", remade(without=["signing_certificate_v2"])
    yield "elsewhere-policy.pdf", remade(more=[policy()])
    yield "elsewhere-pss-17.pdf", remade(algorithm=pss("sha256", "sha256", 17), pad=padding.PSS(padding.MGF1(hashes.SHA256()), 17))
    yield "elsewhere-pss-sha384.pdf", remade(digest="sha384", algorithm=pss("sha384", "sha384", 48),
                                            pad=padding.PSS(padding.MGF1(hashes.SHA384()), 48))
    yield "elsewhere-pss-mask-sha1.pdf", remade(algorithm=pss("sha256", "sha1", 32), pad=padding.PSS(padding.MGF1(hashes.SHA1()), 32))
    yield "elsewhere-pss-wrong-salt.pdf", remade(algorithm=pss("sha256", "sha256", 20), pad=padding.PSS(padding.MGF1(hashes.SHA256()), 32))
    yield "elsewhere-rsa-full-name.pdf", remade(algorithm={"algorithm": "sha256_rsa"})
    yield "elsewhere-digests-differ.pdf", remade(algorithm={"algorithm": "sha512_rsa"}, signature_digest="sha512")
    yield "elsewhere-ecdsa-sha384.pdf", remade(entity=binh, digest="sha384", algorithm={"algorithm": "sha384_ecdsa"})
    yield "elsewhere-sha224.pdf", remade(digest="sha224")
    yield "elsewhere-sha3.pdf", remade(digest="sha3_256", algorithm={"algorithm": "2.16.840.1.101.3.4.3.14", "parameters": core.Null()})
    k1 = Entity(name("Đường cong Khác"), ec.generate_private_key(ec.SECP256K1()), ca)
    yield "elsewhere-secp256k1.pdf", remade(entity=k1, algorithm={"algorithm": "sha256_ecdsa"})
    e448 = Entity(name("Edwards Khác"), ed448.Ed448PrivateKey.generate(), ca)
    yield "elsewhere-ed448.pdf", remade(entity=e448, digest="sha512", algorithm={"algorithm": "ed448"})
    yield "elsewhere-digest-twice.pdf", remade(more=[attribute("message_digest", bytes(32))])
    yield "elsewhere-no-digest.pdf", remade(without=["message_digest"])
    yield "elsewhere-wrong-type.pdf", remade(attributes={"content_type": attribute("content_type", "enveloped_data")})
    yield "elsewhere-certificate-of-another.pdf", remade(certificates=[cert(binh), cert(ca)])
    yield "elsewhere-certificates-reversed.pdf", remade(certificates=[cert(root), cert(ca), cert(an)])
    yield "elsewhere-x509-rsa-sha1.pdf", x509_rsa_sha1()
    yield "elsewhere-prefix.pdf", b"junk of a mail gateway\r\n" + remade()


def asks():
    """A certificate that names who knows of its revocation, and what they would answer."""
    place = x509.UniformResourceIdentifier
    asker = Entity(name("Người Nêu Nơi hỏi"), rsa_key(), root, more=[
        x509.AuthorityInformationAccess([x509.AccessDescription(Access.OCSP, place("http://ocsp.example.vn/"))]),
        x509.CRLDistributionPoints([x509.DistributionPoint([place(url)], None, None, None) for url in (
            "ldap://example.vn/cn=crl", "http://crl.example.vn/root.crl")]),
    ])
    responder = Entity(name("Nơi trả lời Nơi khác"), rsa_key(), root, purposes=[Purpose.OCSP_SIGNING])
    (OUT / "elsewhere-asks.pdf").write_bytes(sign(asker))
    (OUT / "elsewhere-asks.ocsp").write_bytes(root.ocsp(asker, responder))
    (OUT / "elsewhere-asks.crl").write_bytes(root.crl())
    (OUT / "elsewhere-asks-revoked.crl").write_bytes(root.crl([(asker, "2026-01-15")]))


def main():
    OUT.mkdir(exist_ok=True)
    for file, data in cases():
        (OUT / file).write_bytes(data)
    asks()
    (OUT / "elsewhere-root.pem").write_bytes(root.pem())


if __name__ == "__main__":
    main()
