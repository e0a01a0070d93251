"""Fixtures that are built unusually: how a PDF may be put together, and how it may be taken apart after signing."""

import asyncio
import hashlib
import io
import pathlib
import re
import subprocess
import tempfile
import zlib

from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

import make_fixtures as base
from make_fixtures import PLAIN, cert, page_pdf, pki, private_key, registry, revise, sign, stamper, write
from make_pki import Entity, day, name, rsa_key

from cryptography.hazmat.primitives.asymmetric import ec, ed25519


def hybrid():
    """A table of objects for old readers, and beside it one for the page, which old readers take for free (PDF 1.7, 7.5.8.4)."""
    out = bytearray(b"%PDF-1.5\n")
    places = {}

    def add(number, body):
        places[number] = len(out)
        out.extend(b"%d 0 obj\n" % number + body + b"\nendobj\n")

    add(1, b"<</Type/Catalog/Pages 2 0 R>>")
    add(2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>")
    text = b"BT /F1 14 Tf 72 760 Td (So tien: 100 dong. Van ban bia dat de thu.) Tj ET"
    add(4, b"<</Length %d>>stream\n" % len(text) + text + b"\nendstream")
    page = (b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 7 0 R>>>>>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    head = b"3 0 7 %d " % (len(page[0]) + 1)
    packed = zlib.compress(head + page[0] + b" " + page[1])
    add(5, b"<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(head), len(packed)) + packed + b"\nendstream")
    rows = b"\2" + (5).to_bytes(3, "big") + b"\0" + b"\2" + (5).to_bytes(3, "big") + b"\1"
    packed = zlib.compress(rows)
    add(6, b"<</Type/XRef/Size 8/W[1 3 1]/Index[3 1 7 1]/Filter/FlateDecode/Length %d>>stream\n" % len(packed) + packed + b"\nendstream")
    start = len(out)
    out.extend(b"xref\n0 8\n")
    for number in range(8):
        out.extend(b"%010d %05d %s \n" % (places.get(number, 0), 0 if number in places else 65535, b"n" if number in places else b"f"))
    out.extend(b"trailer\n<</Size 8/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (places[6], start))
    return bytes(out)


def qpdf(source, *options):
    with tempfile.TemporaryDirectory() as folder:
        before, after = pathlib.Path(folder) / "a.pdf", pathlib.Path(folder) / "b.pdf"
        before.write_bytes(source)
        subprocess.run(["qpdf", *options, before, after], check=True)
        return after.read_bytes()


def sign_loosely(source, entity, digest="sha256"):
    """As `sign`, for files that pyHanko writes to only when told not to be strict."""
    signer = signers.SimpleSigner(signing_cert=cert(entity), signing_key=private_key(entity), cert_registry=registry(pki.ca))
    meta = signers.PdfSignatureMetadata(field_name="Sig1", md_algorithm=digest, subfilter=fields.SigSeedSubFilter.PADES)
    out = IncrementalPdfFileWriter(io.BytesIO(source), strict=False)
    return signers.PdfSigner(meta, signer=signer).sign_pdf(out, bytes_reserved=6000).getvalue()


def signed_again(pdf, entity=None):
    """The same file with a new signature over what its byte range now covers: whoever signs makes the file."""
    signer = signers.SimpleSigner(
        signing_cert=cert(entity or pki.an), signing_key=private_key(entity or pki.an), cert_registry=registry(pki.ca))
    digest = hashlib.sha256(base.covered(pdf)).digest()
    value = asyncio.run(signer.async_sign(digest, "sha256", use_pades=True))
    return base.with_contents(pdf, value.dump())


def with_range(pdf, numbers):
    old = re.findall(rb"/ByteRange\s*\[[^\]]*\]", pdf)[-1]
    return pdf.replace(old, (b"/ByteRange [%d %d %d %d]" % tuple(numbers)).ljust(len(old)))


def another_page(out, replace):
    pages = out.root["/Pages"]
    old = pages["/Kids"][0]
    content = generic.StreamObject(stream_data=b"BT /F1 14 Tf 72 760 Td (So tien: 900 dong. Van ban bia dat de thu.) Tj ET")
    page = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Page"), pdf_name("/Parent"): out.root.raw_get("/Pages"),
        pdf_name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, [0, 0, 595, 842])),
        pdf_name("/Resources"): old["/Resources"], pdf_name("/Contents"): out.add_object(content),
    })
    if replace:
        pages["/Kids"][0] = out.add_object(page)
    else:
        pages["/Kids"].append(out.add_object(page))
        pages[pdf_name("/Count")] = generic.NumberObject(2)
    out.update_container(pages)


def built():
    write("hybrid-xref.pdf", sign_loosely(hybrid(), pki.an))
    write("linearised.pdf", sign(qpdf(PLAIN, "--linearize"), pki.an))
    write("rewritten.pdf", qpdf(sign(PLAIN, pki.an), "--object-streams=generate"))
    write("encrypted-then-signed.pdf", locked_then_signed())
    write("only-stamped.pdf", base.stamp_document(PLAIN, day("2026-02-01")))
    brainpool = Entity(name("Đường Cong Lạ"), ec.generate_private_key(ec.BrainpoolP256R1()), pki.ca)
    write("brainpool.pdf", sign(PLAIN, brainpool))
    edwards = Entity(name("Ét Goát"), ed25519.Ed25519PrivateKey.generate(), pki.ca)
    write("ed25519.pdf", sign(PLAIN, edwards, digest="sha512"))
    write("pss-no-salt.pdf", sign(PLAIN, pki.an, pss=0))
    write("rsa-sha512.pdf", sign(PLAIN, pki.an, digest="sha512"))
    write("rsa-4096-sha384.pdf", sign(PLAIN, Entity(name("Khóa Dài"), rsa_key(4096), pki.ca), digest="sha384", size=9000))
    late = Entity(name("Dấu thời gian Hết hạn"), rsa_key(), pki.ca, end=day("2026-01-15"),
                  purposes=[base_purpose()])
    write("tsa-expired.pdf", sign(PLAIN, pki.an, tsa=stamper(late), size=12000))
    stamped_cms()
    large()


def base_purpose():
    from cryptography.x509.oid import ExtendedKeyUsageOID
    return ExtendedKeyUsageOID.TIME_STAMPING


def locked_then_signed():
    """A file that opens without a password but is encrypted, as some printers write it, then signed."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    out = writer.copy_into_new_writer(PdfFileReader(io.BytesIO(PLAIN)))
    out.encrypt(owner_pass="chu", user_pass="")
    buffer = io.BytesIO()
    out.write(buffer)
    signer = signers.SimpleSigner(signing_cert=cert(pki.an), signing_key=private_key(pki.an), cert_registry=registry(pki.ca))
    meta = signers.PdfSignatureMetadata(field_name="Sig1", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES)
    more = IncrementalPdfFileWriter(io.BytesIO(buffer.getvalue()))
    more.encrypt("")
    return signers.PdfSigner(meta, signer=signer).sign_pdf(more, bytes_reserved=9000).getvalue()


def stamped_cms():
    signer = signers.SimpleSigner(signing_cert=cert(pki.an), signing_key=private_key(pki.an), cert_registry=registry(pki.ca))
    text = (base.OUT / "decision.txt").read_bytes()
    value = asyncio.run(signer.async_sign_general_data(text, "sha256", detached=True, use_cades=True, timestamper=stamper()))
    write("stamped.p7s", value.dump())


def large():
    """A megabyte with a timestamp, for comparing speeds; what fills it packs well."""
    def fill(out):
        text = b"".join(b"%09d Van ban bia dat de do toc do.\n" % line for line in range(23_500))
        out.root[pdf_name("/Mau")] = out.add_object(generic.StreamObject(stream_data=text))
        out.update_root()
    write("one-megabyte.pdf", sign(revise(PLAIN, fill), pki.an, tsa=stamper(), size=12000))


def taken_apart():
    plain = sign(PLAIN, pki.an)
    _, gap, after, rest = base.ranges(plain)
    write("page-replaced.pdf", revise(plain, lambda out: another_page(out, True)))
    write("page-added.pdf", revise(plain, lambda out: another_page(out, False)))
    write("changed-between.pdf", sign(revise(plain, base.repaint), pki.binh, name="Sig2"))
    # The range itself: beyond the end, not from the start, overlapping, negative.
    write("range-beyond.pdf", with_range(plain, [0, gap, after, rest + 50]))
    write("range-late.pdf", signed_again(with_range(plain, [1, gap - 1, after, rest])))
    write("range-short.pdf", signed_again(with_range(plain, [0, gap, after, rest - 40])))
    write("range-overlapping.pdf", with_range(plain, [0, after, gap, rest]))
    write("range-negative.pdf", with_range(plain, [0, gap, after, -rest]))
    # The key twice in what is signed, plainly and in disguise; the signer made it so.
    located = sign_located()
    for to, made in [(b"/Contents", "duplicate-contents.pdf"), (b"/#43ontents", "disguised-contents.pdf")]:
        place = located.index(b"/Location")
        end = located.index(b"(", place)
        key = to.ljust(end - place)
        assert len(key) == end - place, "the name has no room"
        write(made, signed_again(located[:place] + key + located[end:]))
    locked = base.sign(page_pdf(form=True), pki.an, lock=fields.FieldMDPSpec(fields.FieldMDPAction.EXCLUDE, fields=["ghi_chu"]))
    write("lock-leaves-field.pdf", revise(locked, base.fill))
    whole = base.sign(page_pdf(form=True), pki.an, lock=fields.FieldMDPSpec(fields.FieldMDPAction.ALL))
    write("all-locked-then-filled.pdf", revise(whole, base.fill))
    noted = sign(PLAIN, pki.an, certify=fields.MDPPerm.ANNOTATE)
    write("certified-annotated.pdf", revise(noted, base.annotate))
    forms = sign(page_pdf(form=True), pki.an, certify=fields.MDPPerm.FILL_FORMS)
    write("certified-form-filled.pdf", revise(forms, base.fill))
    write("certified-then-repainted.pdf", revise(noted, base.repaint))


def sign_located():
    signer = signers.SimpleSigner(signing_cert=cert(pki.an), signing_key=private_key(pki.an), cert_registry=registry(pki.ca))
    meta = signers.PdfSignatureMetadata(
        field_name="Sig1", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, location="0" * 40)
    out = IncrementalPdfFileWriter(io.BytesIO(PLAIN))
    signed = signers.PdfSigner(meta, signer=signer).sign_pdf(out, bytes_reserved=6000).getvalue()
    return widen(signed)


def widen(signed):
    """Room for a longer key: the text of the place gives two letters."""
    place = signed.index(b"/Location")
    start = signed.index(b"(", place)
    end = signed.index(b")", start)
    inside = signed[start + 1:end]
    room = signed[place:end + 1]
    return signed.replace(room, b"/Location" + b" " * (start - place - 9 + 2) + b"(" + inside[2:] + b")")


def signed_markup():
    """XML as other people's programs sign it, and an office file with such a signature."""
    import zipfile
    from lxml import etree
    from signxml import XMLSigner, methods
    document = etree.fromstring("<vanban><so>01/QĐ-MẪU</so><trichyeu>Bịa đặt</trichyeu></vanban>")
    signer = XMLSigner(method=methods.enveloped)
    signed = signer.sign(document, key=pki.an.key_pem(), cert=[pki.an.pem().decode(), pki.ca.pem().decode()])
    write("enveloped.xml", etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))
    write("utf16.xml", etree.tostring(signed, xml_declaration=True, encoding="UTF-16"))
    part = signed[-1]
    with zipfile.ZipFile(base.OUT / "signed.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("_xmlsignatures/origin.sigs", "")
        package.writestr("_xmlsignatures/sig1.xml", etree.tostring(part))
    with zipfile.ZipFile(base.OUT / "signed.odt", "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("META-INF/documentsignatures.xml", etree.tostring(part))
