"""Signed files that a later revision makes say something else, and proofs that have run out, under `shadow-root.pem`.

    .venv/bin/python crates/signature/tests/make_shadows.py [FOLDER]

Revisions that no proper program writes are written here byte by byte; the rest is pyHanko's, cryptography's and asn1crypto's.
Keys are made anew each time and thrown away; every name is invented.
"""

import asyncio
import hashlib
import io
import pathlib
import re
import sys

from asn1crypto import cms, core, crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import fields, signers, timestamps

from make_elsewhere import value_of, with_contents
from make_fixtures import annotate, cert, fill, page_pdf, private_key, registry, repaint, revise
from make_pki import Entity, day, name, rsa_key
from make_tricks import der, look, oid

OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "fixtures"
root = Entity(name("Gốc Bóng tối"), rsa_key(), ca=True)
ca = Entity(name("Nơi cấp Bóng tối"), rsa_key(), root, ca=True)
an = Entity(name("Phạm Văn Mẫu", "UBND xã Mẫu (bịa đặt)", "Chủ tịch"), rsa_key(), ca)
van_thu = Entity(name("UBND xã Mẫu (bịa đặt)"), rsa_key(), ca)
expired = Entity(name("Đặng Hết Hạn"), rsa_key(), ca, start=day("2023-01-01"), end=day("2025-01-01"))
nobody = Entity(name("Người Không Ai Biết"), rsa_key())
coder = Entity(name("Nhà phần mềm Mẫu"), rsa_key(), ca, purposes=[Purpose.CODE_SIGNING])
tsa = Entity(name("Dấu thời gian Bóng tối"), rsa_key(), ca, purposes=[Purpose.TIME_STAMPING])
old_tsa = Entity(name("Dấu thời gian Đã cũ"), rsa_key(), ca, start=day("2020-01-01"), end=day("2025-06-01"),
                 purposes=[Purpose.TIME_STAMPING])
PLAIN = page_pdf()
OTHER = b"BT /F1 14 Tf 72 760 Td (So tien: 900 dong. Van ban bia dat de thu.) Tj ET"


def stamp(entity=tsa, at="2026-03-01"):
    return timestamps.DummyTimeStamper(
        tsa_cert=cert(entity), tsa_key=private_key(entity), certs_to_embed=registry(ca), fixed_dt=day(at))


def sign(source=PLAIN, entity=an, name="Sig1", certify=None, stamper=None, box=None, chain=None, password=None):
    signer = signers.SimpleSigner(signing_cert=cert(entity), signing_key=private_key(entity),
                                  cert_registry=registry(*([ca] if chain is None else chain)))
    meta = signers.PdfSignatureMetadata(
        field_name=name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, certify=certify is not None,
        **({"docmdp_permissions": certify} if certify is not None else {}))
    spec = fields.SigFieldSpec(name, on_page=0, box=box) if box else None
    out = IncrementalPdfFileWriter(io.BytesIO(source))
    if password is not None:
        out.encrypt(password)
    pdf = signers.PdfSigner(meta, signer=signer, timestamper=stamper, new_field_spec=spec)
    return pdf.sign_pdf(out, bytes_reserved=12000 if stamper else 8000).getvalue()


def number_of(pdf, *keys):
    """The number of the object that the last key names, on the way from the catalogue."""
    place = PdfFileReader(io.BytesIO(pdf)).root
    for key in keys[:-1]:
        place = place[key]
    return place.raw_get(keys[-1]).idnum


CONTENT = ("/Pages", "/Kids", 0, "/Contents")


def stream(data, words=b""):
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (words, len(data), data)


def last(pattern, pdf):
    return re.findall(pattern, pdf)[-1]


def tail(pdf, bodies=(), free=(), table=True, start=None, previous=None, beside=0):
    """A further revision: `bodies` are triples of number, generation and bytes; `free` numbers are set free."""
    before = int(last(rb"startxref\s+(\d+)", pdf))
    size = max(int(one) for one in re.findall(rb"/Size (\d+)", pdf))
    out, rows = pdf if pdf.endswith(b"\n") else pdf + b"\n", []
    for number, generation, body in bodies:
        rows.append((number, b"%010d %05d n \n" % (len(out) + beside, generation)))
        out += b"%d %d obj\n%s\nendobj\n" % (number, generation, body)
    rows += [(number, b"%010d %05d f \n" % (0, 1)) for number in free]
    place = len(out)
    if table:
        out += b"xref\n" + b"".join(b"%d 1\n%s" % row for row in sorted(rows))
    prev = before if previous is None else place if previous == "itself" else previous
    out += b"trailer\n<</Size %d/Root %s/Prev %d>>\n" % (
        max([size, *(number + 1 for number, _ in rows)]), last(rb"/Root (\d+ \d+ R)", pdf), prev)
    return out + b"startxref\n%d\n%%%%EOF\n" % (before if start == "before" else place)


def covered_page():
    """Prepared: the page shows one sum, and over it a picture that shows another."""
    def change(out):
        page = out.root["/Pages"]["/Kids"][0]
        page["/Resources"][pdf_name("/XObject")] = generic.DictionaryObject({pdf_name("/Bia"): look(out).raw_get("/N")})
        out.update_container(page["/Resources"])
        page[pdf_name("/Contents")] = out.add_object(
            generic.StreamObject(stream_data=page["/Contents"].data + b" q 1 0 0 1 72 755 cm /Bia Do Q"))
        out.update_container(page)
    return revise(PLAIN, change)


def key_twice(pdf):
    """The page again, with another content first and its own behind."""
    page, own = number_of(pdf, "/Pages", "/Kids", 0), number_of(pdf, *CONTENT)
    body = last(rb"(?s)\n%d 0 obj\s*(<<.*?)endobj" % page, pdf).strip()
    fresh = max(int(one) for one in re.findall(rb"/Size (\d+)", pdf))
    return tail(pdf, [(page, 0, b"<</Contents %d 0 R" % fresh + body[2:]), (fresh, 0, stream(OTHER))])


def flag_field(flags):
    def change(out):
        field = out.root["/AcroForm"]["/Fields"][0]
        field[pdf_name("/Ff")] = generic.NumberObject(flags)
        out.update_container(field)
    return change


def need_appearances(out):
    form = out.root["/AcroForm"]
    form[pdf_name("/NeedAppearances")] = generic.BooleanObject(True)
    out.update_container(form) if form.container_ref else out.update_root()


def two_widgets():
    """A field that is shown twice: its value stands above both widgets."""
    def change(out):
        page = out.root["/Pages"]["/Kids"].raw_get(0)
        field = generic.DictionaryObject({pdf_name("/FT"): pdf_name("/Tx"), pdf_name("/T"): generic.pdf_string("so_tien"),
                                          pdf_name("/V"): generic.pdf_string("")})
        above = out.add_object(field)
        shown = [out.add_object(generic.DictionaryObject({
            pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Widget"), pdf_name("/Parent"): above,
            pdf_name("/P"): page, pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, [72, at, 300, at + 20])),
        })) for at in (500, 540)]
        field[pdf_name("/Kids")] = generic.ArrayObject(shown)
        page.get_object()[pdf_name("/Annots")] = generic.ArrayObject(shown)
        out.update_container(page.get_object())
        out.root[pdf_name("/AcroForm")] = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject([above])})
        out.update_root()
    return revise(PLAIN, change)


def fill_above(out):
    field = out.root["/AcroForm"]["/Fields"][0]
    field[pdf_name("/V")] = generic.pdf_string("100")
    out.update_container(field)
    for shown in (one.get_object() for one in field["/Kids"]):
        shown[pdf_name("/AP")] = look(out, b"BT /F1 12 Tf 2 2 Td (100) Tj ET")
        out.update_container(shown)


def usage_rights():
    """A signature that switches functions of a reader on, as Acrobat puts into forms."""
    def change(out):
        value = out.add_object(generic.DictionaryObject({
            pdf_name("/Type"): pdf_name("/Sig"), pdf_name("/Filter"): pdf_name("/Adobe.PPKLite"),
            pdf_name("/SubFilter"): pdf_name("/adbe.pkcs7.detached"), pdf_name("/Contents"): generic.ByteStringObject(bytes(64)),
            pdf_name("/ByteRange"): generic.ArrayObject(map(generic.NumberObject, [0, 10, 20, 30])),
        }))
        out.root[pdf_name("/Perms")] = generic.DictionaryObject({pdf_name("/UR3"): value})
        out.update_root()
    return revise(PLAIN, change)


def layered():
    """Two layers, one of which is switched off."""
    def change(out):
        on, off = [out.add_object(generic.DictionaryObject({
            pdf_name("/Type"): pdf_name("/OCG"), pdf_name("/Name"): generic.pdf_string(one)})) for one in ("mot", "hai")]
        out.root[pdf_name("/OCProperties")] = generic.DictionaryObject({
            pdf_name("/OCGs"): generic.ArrayObject([on, off]),
            pdf_name("/D"): generic.DictionaryObject({pdf_name("/OFF"): generic.ArrayObject([off])})})
        out.update_root()
    return revise(PLAIN, change)


def toggled(out):
    layers = out.root["/OCProperties"]
    layers["/D"][pdf_name("/OFF")] = generic.ArrayObject([layers["/OCGs"].raw_get(0)])
    out.update_root()


def script():
    return generic.DictionaryObject({pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("app.alert(1)")})


def opening(out):
    out.root[pdf_name("/OpenAction")] = script()
    out.update_root()


def named_script(out):
    names = generic.ArrayObject([generic.pdf_string("a"), script()])
    out.root[pdf_name("/Names")] = generic.DictionaryObject({
        pdf_name("/JavaScript"): generic.DictionaryObject({pdf_name("/Names"): names})})
    out.update_root()


def page_script(out):
    page = out.root["/Pages"]["/Kids"][0]
    page[pdf_name("/AA")] = generic.DictionaryObject({pdf_name("/O"): script()})
    out.update_container(page)


def another_font(out):
    font = out.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]["/F1"]
    font[pdf_name("/BaseFont")] = pdf_name("/Symbol")
    out.update_container(font)


def stamped(source, entity, at):
    out = IncrementalPdfFileWriter(io.BytesIO(source))
    return signers.PdfTimeStamper(stamp(entity, at)).timestamp_pdf(out, "sha256").getvalue()


def crl(revoked=(), reason=None, more=None):
    """A list of the authority; `more` changes an entry."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(ca.cert.subject).last_update(day("2026-05-01")).next_update(day("2039-01-01"))
    for entity, date in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(entity.cert.serial_number).revocation_date(day(date))
        if reason:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        if more:
            entry = entry.add_extension(more, critical=True)
        builder = builder.add_revoked_certificate(entry.build())
    if more:
        builder = builder.add_extension(x509.IssuingDistributionPoint(None, None, False, False, None, True, False), critical=True)
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def kept(pdf, lists, own=False):
    """Lists in the store for later checking; `own`: only where they belong to one signature."""
    def change(out):
        held = generic.ArrayObject([out.add_object(generic.StreamObject(stream_data=one)) for one in lists])
        above = generic.ArrayObject([out.add_object(generic.StreamObject(stream_data=ca.der()))])
        if own:
            of_one = generic.DictionaryObject({pdf_name("/CRL"): held, pdf_name("/Cert"): above})
            store = {pdf_name("/VRI"): generic.DictionaryObject({pdf_name("/" + "0" * 40): of_one})}
        else:
            store = {pdf_name("/CRLs"): held, pdf_name("/Certs"): above}
        out.root[pdf_name("/DSS")] = out.add_object(generic.DictionaryObject(store))
        out.update_root()
    return revise(pdf, change)


def around(data):
    signer = signers.SimpleSigner(signing_cert=cert(an), signing_key=private_key(an), cert_registry=registry(ca))
    return asyncio.run(signer.async_sign_general_data(data, "sha256", detached=False))


def data_of(value, signer, content=None):
    """The same SignedData around another SignerInfo, and other content."""
    data = value["content"]
    carried = data["encap_content_info"]["content"].native if content is None else content
    inside = der(0x30, oid("1.2.840.113549.1.7.1"), der(0xA0, der(4, carried)))
    parts = [data["version"].dump(), data["digest_algorithms"].dump(), inside,
             der(0xA0, *(one.dump() for one in data["certificates"])), der(0x31, signer)]
    return der(0x30, oid("1.2.840.113549.1.7.2"), der(0xA0, der(0x30, *parts)))


def with_unsigned(value, data):
    """Bytes that nobody signed, among the attributes that nobody signs."""
    signer = value["content"]["signer_infos"][0]
    more = der(0xA1, der(0x30, oid("1.2.3.4.5"), der(0x31, der(4, data))))
    return data_of(value, der(0x30, signer.contents, more))


def attributes_as_content(value):
    """What was signed as attributes, handed on as the content of a signature without any."""
    signer = value["content"]["signer_infos"][0]
    content = signer["signed_attrs"].untag().dump()
    parts = [signer[key].dump() for key in ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")]
    return data_of(value, der(0x30, *parts), content)


def weak_stamp():
    """A timestamp of today over a SHA-1 digest, as some authorities still give."""
    pdf = sign(stamper=stamp())
    info = cms.ContentInfo.load(value_of(pdf, an, certificates=[cert(an), cert(ca)]))
    signer = info["content"]["signer_infos"][0]
    token = asyncio.run(stamp().async_timestamp(hashlib.sha1(signer["signature"].native).digest(), "sha1"))
    signer["unsigned_attrs"] = [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]
    return with_contents(pdf, info.dump(force=True))


def constrained(*permitted):
    """A signer whose authority may name only some."""
    class Bound(Entity):
        pass
    limits = x509.NameConstraints(list(permitted), None)
    above = Entity(name("Nơi cấp Có giới hạn"), rsa_key(), root, ca=True, more=[limits])
    return sign(entity=Entity(name("Bùi Thị Mẫu", "UBND xã Mẫu (bịa đặt)"), rsa_key(), above), chain=[above])


def locked():
    """Encrypted, and open without a password."""
    out = copy_into_new_writer(PdfFileReader(io.BytesIO(PLAIN)))
    out.encrypt(owner_pass="chu", user_pass="")
    buffer = io.BytesIO()
    out.write(buffer)
    return buffer.getvalue()


def revise_locked(pdf, change):
    out = IncrementalPdfFileWriter(io.BytesIO(pdf))
    out.encrypt("")
    change(out)
    buffer = io.BytesIO()
    out.write(buffer)
    return buffer.getvalue()


def hidden():
    """Revisions behind the signed one that readers see differently, or that change what is shown."""
    one = sign()
    content, fresh = number_of(one, *CONTENT), max(int(size) for size in re.findall(rb"/Size (\d+)", one))
    cover = sign(covered_page())
    form = sign(page_pdf(form=True))
    closed = sign(revise(page_pdf(form=True), flag_field(1)))
    yield "freed-cover.pdf", tail(cover, free=[number_of(cover, "/Pages", "/Kids", 0, "/Resources", "/XObject", "/Bia")])
    yield "other-generation.pdf", tail(one, [(content, 1, stream(OTHER))])
    yield "no-table.pdf", tail(one, [(content, 0, stream(OTHER))], table=False, start="before")
    yield "table-beside.pdf", tail(one, [(content, 0, stream(OTHER))], beside=3)
    yield "table-in-circle.pdf", tail(one, [(content, 0, stream(OTHER))], previous="itself")
    yield "replaced.pdf", tail(one, [(content, 0, stream(OTHER))])
    yield "key-twice.pdf", key_twice(one)
    yield "nothing-new.pdf", tail(one, [(fresh, 0, b"<</ModDate (D:20260401)>>")])
    yield "need-appearances.pdf", revise(form, need_appearances)
    yield "read-only-filled.pdf", revise(closed, fill)
    yield "field-closed.pdf", sign(revise(form, flag_field(1)), van_thu, "Sig2")
    yield "field-opened.pdf", revise(closed, flag_field(0))
    yield "two-widgets-filled.pdf", revise(sign(two_widgets()), fill_above)
    yield "layer-toggled.pdf", revise(sign(layered()), toggled)
    yield "opening-script.pdf", revise(one, opening)
    yield "named-script.pdf", revise(one, named_script)
    yield "page-script.pdf", revise(one, page_script)
    yield "another-font.pdf", revise(one, another_font)
    yield "annotated-then-signed.pdf", sign(revise(one, annotate), van_thu, "Sig2")
    certified = sign(certify=fields.MDPPerm.FILL_FORMS)
    yield "sneaked-signature.pdf", sign(certified, nobody, "Sig2", box=(72, 755, 372, 775), chain=[])
    yield "usage-rights-only.pdf", usage_rights()
    yield "usage-rights.pdf", sign(usage_rights())
    encrypted = sign(locked(), password="")
    yield "encrypted.pdf", encrypted
    yield "encrypted-repainted.pdf", revise_locked(encrypted, repaint)


def run_out():
    """Proofs that were good once, and lists with a trap."""
    cu = sign(entity=expired, stamper=stamp(old_tsa, "2024-06-01"))
    yield "stamp-run-out.pdf", cu
    yield "stamp-continued.pdf", stamped(cu, tsa, "2025-03-01")
    yield "stamp-continued-late.pdf", stamped(cu, tsa, "2025-09-01")
    yield "stamp-run-out-signer-good.pdf", sign(stamper=stamp(old_tsa, "2024-06-01"))
    yield "stamp-weak.pdf", weak_stamp()
    now = sign(entity=expired, stamper=stamp(tsa, "2024-06-01"))
    yield "stamp-compromised.pdf", kept(now, [crl([(tsa, "2026-04-01")], x509.ReasonFlags.key_compromise)])
    yield "stamp-closed.pdf", kept(now, [crl([(tsa, "2026-04-01")], x509.ReasonFlags.cessation_of_operation)])
    other = x509.CertificateIssuer([x509.DirectoryName(name("Nơi cấp Khác"))])
    yield "list-of-several.pdf", kept(sign(), [crl([(an, "2026-01-01")], more=other)])
    yield "list-taken-back.pdf", kept(sign(), [crl([(an, "2026-01-01")], x509.ReasonFlags.remove_from_crl)])
    yield "list-of-one-signature.pdf", kept(sign(), [crl(), root.crl()], own=True)
    yield "code-signing.pdf", sign(entity=coder)
    yield "names-constrained.pdf", constrained(x509.DNSName("example.vn"))
    yield "names-constrained-by-name.pdf", constrained(x509.DirectoryName(name("x").__class__(
        [one for one in name("x") if one.oid == x509.NameOID.COUNTRY_NAME])))


def enveloped():
    value = around(sign(PLAIN, van_thu))
    yield "pdf-within.p7m", value.dump()
    yield "pdf-around.p7m", with_unsigned(value, tail(b"%PDF-1.7\n/Size 9/Root 1 0 R startxref 0", [(4, 0, stream(OTHER))]))
    yield "unsigned-attribute.p7m", with_unsigned(around("bịa đặt".encode()), b"khong ai ky")
    yield "attributes-as-content.p7m", attributes_as_content(around("bịa đặt".encode()))


def main():
    OUT.mkdir(exist_ok=True)
    put = lambda name, data: (OUT / f"shadow-{name}").write_bytes(data)
    put("root.pem", root.pem())
    for family in (hidden, run_out, enveloped):
        for name, data in family():
            put(name, data)


if __name__ == "__main__":
    main()
