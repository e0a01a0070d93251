"""Makes the signed files of the tests with pyHanko and cryptography, tools that are not ours.

    python3 -m venv .venv && .venv/bin/pip install pyHanko==0.38.0 cryptography signxml   # and qpdf, openssl
    .venv/bin/python crates/signature/tests/make_fixtures.py

Keys are made anew each time and thrown away. Every person, office and authority is invented.
"""

import datetime as dt
import io
import pathlib
import re
import subprocess
import tempfile
import zipfile

from asn1crypto import algos, cms, core, keys, ocsp as asn1_ocsp, crl as asn1_crl, x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.validation import dss
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from make_pki import Pki, day

OUT = pathlib.Path(__file__).parent / "fixtures"
pki = Pki()


def cert(entity):
    return asn1_x509.Certificate.load(entity.der())


def private_key(entity):
    form = serialization.PrivateFormat.PKCS8
    der = entity.key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    return keys.PrivateKeyInfo.load(der)


def registry(*entities):
    store = SimpleCertificateStore()
    store.register_multiple([cert(one) for one in entities])
    return store


def stamper(entity=None, at=None, chain=None):
    entity = entity or pki.tsa
    chain = chain if chain is not None else [pki.ca]
    return timestamps.DummyTimeStamper(
        tsa_cert=cert(entity), tsa_key=private_key(entity), certs_to_embed=registry(*chain), fixed_dt=at or day("2026-03-01")
    )


def page_pdf(form=False, streams=False):
    """One page with a sentence, and a text field if asked for."""
    out = writer.PdfFileWriter(stream_xrefs=streams)
    font = out.add_object(generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Font"), pdf_name("/Subtype"): pdf_name("/Type1"),
        pdf_name("/BaseFont"): pdf_name("/Helvetica"),
    }))
    content = generic.StreamObject(stream_data=b"BT /F1 14 Tf 72 760 Td (So tien: 100 dong. Van ban bia dat de thu.) Tj ET")
    resources = generic.DictionaryObject({pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F1"): font})})
    page = writer.PageObject(
        contents=out.add_object(content), media_box=[0, 0, 595, 842], resources=resources,
    )
    reference = out.insert_page(page)
    if form:
        field = generic.DictionaryObject({
            pdf_name("/FT"): pdf_name("/Tx"), pdf_name("/T"): generic.pdf_string("ghi_chu"),
            pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, [72, 600, 300, 620])),
            pdf_name("/P"): reference, pdf_name("/V"): generic.pdf_string(""),
        })
        widget = out.add_object(field)
        page[pdf_name("/Annots")] = generic.ArrayObject([widget])
        out.root[pdf_name("/AcroForm")] = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject([widget])})
    buffer = io.BytesIO()
    out.write(buffer)
    return buffer.getvalue()


PLAIN = page_pdf()


def sign(source, entity, name="Sig1", chain=None, pss=None, digest="sha256", tsa=None, pades=True, context=None,
         lta=False, certify=None, lock=None, size=6000):
    chain = chain if chain is not None else [pki.ca]
    mechanism = None
    if pss is not None:
        mechanism = algos.SignedDigestAlgorithm({
            "algorithm": "rsassa_pss",
            "parameters": algos.RSASSAPSSParams({
                "hash_algorithm": {"algorithm": "sha256"},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
                "salt_length": pss,
            }),
        })
    signer = signers.SimpleSigner(
        signing_cert=cert(entity), signing_key=private_key(entity), cert_registry=registry(*chain),
        signature_mechanism=mechanism,
    )
    meta = signers.PdfSignatureMetadata(
        field_name=name, md_algorithm=digest, certify=certify is not None,
        subfilter=fields.SigSeedSubFilter.PADES if pades else fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        validation_context=context, embed_validation_info=context is not None, use_pades_lta=lta,
        **({"docmdp_permissions": certify} if certify is not None else {}),
    )
    out = IncrementalPdfFileWriter(io.BytesIO(source))
    if lock is not None:
        fields.append_signature_field(out, fields.SigFieldSpec(name, field_mdp_spec=lock))
    result = signers.PdfSigner(meta, signer=signer, timestamper=tsa).sign_pdf(out, bytes_reserved=size if not lta else None)
    return result.getvalue()


def context(crls=(), ocsps=()):
    return ValidationContext(
        trust_roots=[cert(pki.root)], other_certs=[cert(pki.ca), cert(pki.tsa)], allow_fetching=False,
        crls=[asn1_crl.CertificateList.load(one) for one in crls],
        ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in ocsps], revocation_mode="soft-fail",
    )


def add_dss(source, crls=(), ocsps=()):
    out = IncrementalPdfFileWriter(io.BytesIO(source))
    dss.DocumentSecurityStore.supply_dss_in_writer(
        out, None,
        certs=[cert(pki.ca), cert(pki.root)],
        ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in ocsps],
        crls=[asn1_crl.CertificateList.load(one) for one in crls],
    )
    buffer = io.BytesIO()
    out.write(buffer)
    return buffer.getvalue()


def revise(source, change):
    out = IncrementalPdfFileWriter(io.BytesIO(source))
    change(out)
    buffer = io.BytesIO()
    out.write(buffer)
    return buffer.getvalue()


def ranges(pdf):
    numbers = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)[-1]
    return [int(one) for one in numbers]


def covered(pdf):
    first, length, second, rest = ranges(pdf)
    return pdf[first:first + length] + pdf[second:second + rest]


def contents(pdf):
    _, start, end, _ = ranges(pdf)
    value = bytes.fromhex(pdf[start + 1:end - 1].decode())
    return cms.ContentInfo.load(value, strict=False).dump()


def with_contents(pdf, value):
    _, start, end, _ = ranges(pdf)
    room = end - start - 2
    digits = value.hex().encode()
    assert len(digits) <= room
    return pdf[:start + 1] + digits.ljust(room, b"0") + pdf[end - 1:]


def write(name, data):
    (OUT / name).write_bytes(data)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def to_ber(der):
    """The same value with indefinite lengths wherever it is constructed."""
    def convert(at):
        tag, first = der[at], der[at + 1]
        if first < 0x80:
            head, length = 2, first
        else:
            count = first & 0x7F
            head, length = 2 + count, int.from_bytes(der[at + 2:at + 2 + count], "big")
        end = at + head + length
        if not tag & 0x20:
            return der[at:end], end
        # Certificates and signed attributes are hashed as they are: they stay DER.
        inside, position = b"", at + head
        if convert.depth > 3:
            return der[at:end], end
        convert.depth += 1
        while position < end:
            piece, position = convert(position)
            inside += piece
        convert.depth -= 1
        return bytes([tag, 0x80]) + inside + b"\0\0", end
    convert.depth = 0
    return convert(0)[0]


def good():
    write("unsigned.pdf", PLAIN)
    write("b-b.pdf", sign(PLAIN, pki.an))
    write("b-t-rsa.pdf", sign(PLAIN, pki.an, tsa=stamper(), size=12000))
    write("b-t-ecdsa.pdf", sign(PLAIN, pki.binh, tsa=stamper(), size=12000))
    write("pss-largest-salt.pdf", sign(PLAIN, pki.an, pss=222))
    write("p384.pdf", sign(PLAIN, pki.p384, digest="sha384"))
    write("p521.pdf", sign(PLAIN, pki.p521, digest="sha512"))
    crl, root_crl = pki.ca.crl(), pki.root.crl()
    answer = pki.ca.ocsp(pki.an, pki.responder)
    known = context([crl, root_crl], [answer])
    write("b-lt.pdf", sign(PLAIN, pki.an, tsa=stamper(), context=known, size=12000))
    write("b-lta.pdf", sign(PLAIN, pki.an, tsa=stamper(), context=context([crl, root_crl], [answer]), lta=True))
    write("adbe-revocation.pdf", sign(PLAIN, pki.an, tsa=stamper(), pades=False, context=context([crl, root_crl]), size=16000))
    write("object-streams.pdf", sign(page_pdf(streams=True), pki.an))
    twice = sign(sign(PLAIN, pki.an), pki.binh, name="Sig2")
    write("two-signatures.pdf", twice)
    write("expired-stamped-inside.pdf", sign(PLAIN, pki.expired, tsa=stamper(at=day("2024-06-01")), size=12000))
    one = sign(PLAIN, pki.an, size=12000)
    write("ber.pdf", with_contents(one, to_ber(contents(one))))
    write("certified.pdf", sign(PLAIN, pki.an, certify=fields.MDPPerm.NO_CHANGES))
    write("revoked-later.pdf", add_dss(
        sign(PLAIN, pki.revoked, tsa=stamper(), size=12000), [pki.ca.crl([(pki.revoked, "2026-04-01")], this="2026-04-02"), root_crl]))
    write("form-filled.pdf", revise(sign(page_pdf(form=True), pki.an), fill))
    write("p256-sha512.pdf", sign(PLAIN, pki.binh, digest="sha512"))
    write("sha1-stamped-2016.pdf", sign(PLAIN, pki.sha1, digest="sha1", tsa=stamper(at=day("2016-06-01")), size=12000))
    write("trailing-newline.pdf", sign(PLAIN, pki.an) + b"\n")


def fill(out):
    field = out.root["/AcroForm"]["/Fields"][0]
    field[pdf_name("/V")] = generic.pdf_string("da xem")
    out.update_container(field)


def repaint(out):
    page = out.root["/Pages"]["/Kids"][0]
    other = generic.StreamObject(stream_data=b"BT /F1 14 Tf 72 760 Td (So tien: 900 dong. Van ban bia dat de thu.) Tj ET")
    page[pdf_name("/Contents")] = out.add_object(other)
    out.update_container(page)


def annotate(out):
    page = out.root["/Pages"]["/Kids"][0]
    note = out.add_object(generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"),
        pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, [72, 750, 400, 780])),
        pdf_name("/Contents"): generic.pdf_string("So tien: 900 dong"), pdf_name("/DA"): generic.pdf_string("/Helv 12 Tf"),
    }))
    page[pdf_name("/Annots")] = generic.ArrayObject([*page.get("/Annots", []), note])
    out.update_container(page)


def relook(out):
    """A new look for a field whose value stays."""
    field = out.root["/AcroForm"]["/Fields"][0]
    look = generic.StreamObject(
        generic.DictionaryObject({
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, [0, 0, 228, 20])),
        }),
        stream_data=b"BT /F1 14 Tf 0 0 Td (So tien: 900 dong) Tj ET",
    )
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): out.add_object(look)})
    out.update_container(field)


def overlay(out):
    """A widget that calls itself a signature, has no signature, and draws over the page."""
    page = out.root["/Pages"]["/Kids"][0]
    look = generic.StreamObject(
        generic.DictionaryObject({
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, [0, 0, 300, 20])),
        }),
        stream_data=b"1 g 0 0 300 20 re f",
    )
    widget = out.add_object(generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Widget"), pdf_name("/FT"): pdf_name("/Sig"),
        pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, [72, 755, 372, 775])),
        pdf_name("/V"): generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Sig")}),
        pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): out.add_object(look)}),
    }))
    page[pdf_name("/Annots")] = generic.ArrayObject([*page.get("/Annots", []), widget])
    out.update_container(page)


def prepared():
    """A document prepared before signing: its images stand in a dictionary that calls itself an empty signature field."""
    def change(out):
        page = out.root["/Pages"]["/Kids"][0]
        form = generic.StreamObject(
            generic.DictionaryObject({
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, [0, 0, 300, 20])),
            }),
            stream_data=b"",
        )
        images = out.add_object(generic.DictionaryObject({
            pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/FT"): pdf_name("/Sig"), pdf_name("/P"): out.add_object(form),
        }))
        page["/Resources"][pdf_name("/XObject")] = images
        out.update_container(page["/Resources"])
    return revise(PLAIN, change)


def swap_image(out):
    images = out.root["/Pages"]["/Kids"][0]["/Resources"]["/XObject"]
    form = images["/P"]
    form._data = b"1 g 0 0 300 20 re f"
    form._encoded_data = None
    out.update_container(form)
    images[pdf_name("/V")] = out.root["/AcroForm"]["/Fields"][0].raw_get("/V")
    out.update_container(images)


def remove(out):
    field = out.root["/AcroForm"]["/Fields"][0]
    del field["/V"]
    out.update_container(field)


def bad():
    plain = sign(PLAIN, pki.an)
    _, gap, after, rest = ranges(plain)
    write("content-flipped.pdf", flip(plain, plain.index(b"100 dong") if b"100 dong" in plain else 400))
    info = cms.ContentInfo.load(contents(plain))
    value = info["content"]["signer_infos"][0]["signature"].native
    write("value-flipped.pdf", with_contents(plain, contents(plain).replace(value, flip(value, 10))))
    write("page-repainted.pdf", revise(plain, repaint))
    write("annotated.pdf", revise(plain, annotate))
    write("junk-appended.pdf", plain + b"these bytes belong to no revision\n")
    write("truncated.pdf", plain[: len(plain) - 400])
    # Bytes slipped into the gap: behind the value, where a reader would take them, and within it.
    numbers = re.search(rb"/ByteRange\s*\[[^\]]*\]", plain).group(0)
    fresh = (b"/ByteRange [0 %d %d %d]" % (gap, after + 9, rest)).ljust(len(numbers))
    for name, at in [("gap-injected.pdf", after), ("gap-broken.pdf", after - 1)]:
        write(name, (plain[:at] + b" /X (900)" + plain[at:]).replace(numbers, fresh))
    certified_form = sign(page_pdf(form=True), pki.an)
    write("form-relooked.pdf", revise(certified_form, relook))
    write("overlay-as-signature.pdf", revise(plain, overlay))
    write("prepared-image.pdf", revise(sign(prepared(), pki.an), swap_image))
    write("signature-removed.pdf", revise(plain, remove))
    locked = sign(page_pdf(form=True), pki.an, lock=fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, fields=["ghi_chu"]))
    write("locked-then-filled.pdf", revise(locked, fill))
    write("certified-then-signed.pdf", sign(sign(PLAIN, pki.an, certify=fields.MDPPerm.FILL_FORMS), pki.binh, name="Sig2"))
    locked = sign(page_pdf(form=True), pki.an, certify=fields.MDPPerm.NO_CHANGES)
    write("certified-then-filled.pdf", revise(locked, fill))
    write("self-signed.pdf", sign(PLAIN, pki.self_signed, chain=[]))
    write("stranger.pdf", sign(PLAIN, pki.stranger, chain=[pki.other_root]))
    write("expired.pdf", sign(PLAIN, pki.expired))
    write("expired-stamped-late.pdf", sign(PLAIN, pki.expired, tsa=stamper(at=day("2025-06-01")), size=12000))
    root_crl = pki.root.crl()
    stamped = sign(PLAIN, pki.revoked, tsa=stamper(), size=12000)
    write("revoked-crl.pdf", add_dss(stamped, [pki.ca.crl([(pki.revoked, "2026-01-15")]), root_crl]))
    write("revoked-ocsp.pdf", add_dss(stamped, [root_crl], [pki.ca.ocsp(pki.revoked, pki.responder, revoked="2026-01-15")]))
    fallen = add_dss(sign(PLAIN, pki.under_fallen, chain=[pki.fallen_ca]), [
        pki.fallen_ca.crl(), pki.root.crl([(pki.fallen_ca, "2026-01-15")])])
    write("issuer-revoked.pdf", fallen)
    stamped_first = stamp_document(PLAIN, day("2026-02-01"))
    write("signed-after-expiry.pdf", sign(stamped_first, pki.expired))
    write("signed-after-revocation.pdf", add_dss(
        sign(stamped_first, pki.revoked), [pki.ca.crl([(pki.revoked, "2026-01-15")]), root_crl]))
    write("not-yet-valid.pdf", sign(PLAIN, pki.early))
    write("encipherment-key.pdf", sign(PLAIN, pki.encipher))
    write("issuer-missing.pdf", sign(PLAIN, pki.an, chain=[]))
    write("timestamp-of-another.pdf", swap_timestamp())
    write("tsa-untrusted.pdf", sign(PLAIN, pki.an, tsa=stamper(pki.other_tsa, chain=[pki.other_root]), size=12000))
    write("tsa-purpose.pdf", sign(PLAIN, pki.an, tsa=stamper(pki.tsa_without), size=12000))
    write("server-certificate.pdf", sign(PLAIN, pki.server))
    write("sha1.pdf", sign(PLAIN, pki.sha1, digest="sha1"))
    write("short-key.pdf", sign(PLAIN, pki.short))
    write("adbe-sha1.pdf", adbe_sha1())
    out = writer.copy_into_new_writer(__import__("pyhanko.pdf_utils.reader", fromlist=["x"]).PdfFileReader(io.BytesIO(PLAIN)))
    out.encrypt(owner_pass="chu", user_pass="khach")
    buffer = io.BytesIO()
    out.write(buffer)
    write("encrypted.pdf", buffer.getvalue())


def stamp_document(source, at):
    out = IncrementalPdfFileWriter(io.BytesIO(source))
    return signers.PdfTimeStamper(stamper(at=at)).timestamp_pdf(out, "sha256").getvalue()


def swap_timestamp():
    """A timestamp that was issued for the signature of another file."""
    pdf = sign(PLAIN, pki.an, tsa=stamper(), size=12000)
    other = cms.ContentInfo.load(contents(sign(page_pdf(form=True), pki.an, tsa=stamper(), size=12000)))
    own = cms.ContentInfo.load(contents(pdf))
    own["content"]["signer_infos"][0]["unsigned_attrs"] = other["content"]["signer_infos"][0]["unsigned_attrs"]
    return with_contents(pdf, own.dump(force=True))


def adbe_sha1():
    """adbe.pkcs7.sha1: the signed content is the SHA-1 of the file."""
    import hashlib
    pdf = sign(PLAIN, pki.an, pades=False)
    pdf = pdf.replace(b"/adbe.pkcs7.detached", b"/adbe.pkcs7.sha1    ")
    digest = hashlib.sha1(covered(pdf)).digest()
    signer = signers.SimpleSigner(signing_cert=cert(pki.an), signing_key=private_key(pki.an), cert_registry=registry(pki.ca))
    import asyncio
    value = asyncio.run(signer.async_sign_general_data(digest, "sha256", detached=False))
    return with_contents(pdf, value.dump())


def beside():
    """CMS files by OpenSSL, and signed files of kinds that are only recognised."""
    write("decision.txt", "Quyết định số 01/QĐ-MẪU (bịa đặt)\n".encode())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "an.pem").write_bytes(pki.an.pem())
        (folder / "an.key").write_bytes(pki.an.key_pem())
        (folder / "ca.pem").write_bytes(pki.ca.pem())
        base = ["openssl", "cms", "-sign", "-binary", "-in", OUT / "decision.txt", "-signer", folder / "an.pem",
                "-inkey", folder / "an.key", "-certfile", folder / "ca.pem", "-md", "sha256"]
        run = lambda *more: subprocess.run([*base, *more], check=True)
        run("-outform", "DER", "-cades", "-out", OUT / "decision.txt.p7s")
        run("-outform", "PEM", "-out", OUT / "pem.p7s")
        run("-outform", "DER", "-noattr", "-out", OUT / "no-attributes.p7s")
        run("-outform", "DER", "-nodetach", "-out", OUT / "decision.p7m")
        (folder / "binh.pem").write_bytes(pki.binh.pem())
        (folder / "binh.key").write_bytes(pki.binh.key_pem())
        run("-outform", "DER", "-nodetach", "-signer", folder / "binh.pem", "-inkey", folder / "binh.key",
            "-out", OUT / "two-signers.p7m")
        run("-outform", "DER", "-nodetach", "-md", "md5", "-out", OUT / "md5.p7m")
        run("-outform", "DER", "-nodetach", "-keyid", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20",
            "-out", OUT / "pss-keyid.p7m")
        run("-outform", "DER", "-nodetach", "-stream", "-indef", "-out", OUT / "decision-ber.p7m")
    enveloped = (OUT / "decision.p7m").read_bytes()
    write("decision-flipped.p7m", enveloped.replace("01/QĐ".encode(), "02/QĐ".encode()))
    write("signed.xml", b'<?xml version="1.0"?><vanban><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></vanban>')
    write("plain.xml", b'<?xml version="1.0"?><vanban/>')
    with zipfile.ZipFile(OUT / "signed.docx", "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("_xmlsignatures/sig1.xml", "<Signature/>")
    write("trust-root.pem", pki.root.pem())
    write("other-root.der", pki.other_root.der())


if __name__ == "__main__":
    import sys
    sys.modules["make_fixtures"] = sys.modules["__main__"]
    import make_odd

    OUT.mkdir(exist_ok=True)
    good()
    bad()
    beside()
    make_odd.built()
    make_odd.taken_apart()
    make_odd.signed_markup()
    print(sum(one.stat().st_size for one in OUT.iterdir()), "bytes in", len(list(OUT.iterdir())), "files")
