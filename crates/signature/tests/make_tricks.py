"""Signed files that somebody tampered with cleverly, and files as unusual programs write them, under `tricks-root.pem`.

    .venv/bin/python crates/signature/tests/make_tricks.py [FOLDER]

The parts are pyHanko's, cryptography's and asn1crypto's; what is odd is put together here. Keys are made anew each time and
thrown away; every name is invented.
"""

import asyncio
import hashlib
import io
import pathlib
import re
import sys
import zipfile

from asn1crypto import cms, core, tsp, x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps

from make_elsewhere import same_length, value_of, with_contents
from make_fixtures import cert, page_pdf, private_key, registry, revise
from make_pki import Entity, day, name, rsa_key

OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "fixtures"
root = Entity(name("Gốc Mánh khóe"), rsa_key(), ca=True)
ca = Entity(name("Nơi cấp Mánh khóe"), rsa_key(), root, ca=True)
an = Entity(name("Lê Thị Mẫu", "UBND phường Mẫu (bịa đặt)", "Chủ tịch"), rsa_key(), ca)
van_thu = Entity(name("UBND phường Mẫu (bịa đặt)"), rsa_key(), ca)
tsa = Entity(name("Dấu thời gian Mánh khóe"), rsa_key(), ca, purposes=[Purpose.TIME_STAMPING])
nobody = Entity(name("Dấu thời gian Không ai tin"), rsa_key(), purposes=[Purpose.TIME_STAMPING])
PLAIN = page_pdf()


def sign(source=PLAIN, entity=an, name="Sig1", certify=None, size=6000, spec=None):
    signer = signers.SimpleSigner(signing_cert=cert(entity), signing_key=private_key(entity), cert_registry=registry(ca))
    meta = signers.PdfSignatureMetadata(
        field_name=name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, certify=certify is not None,
        **({"docmdp_permissions": certify} if certify is not None else {}))
    out = IncrementalPdfFileWriter(io.BytesIO(source))
    return signers.PdfSigner(meta, signer=signer, new_field_spec=spec).sign_pdf(out, bytes_reserved=size).getvalue()


def look(out, data=b"1 g 0 0 300 20 re f"):
    """What a widget draws: here it hides the line below."""
    box = generic.ArrayObject(map(generic.NumberObject, [0, 0, 300, 20]))
    form = generic.StreamObject(generic.DictionaryObject({pdf_name("/Subtype"): pdf_name("/Form"), pdf_name("/BBox"): box}),
                                stream_data=data)
    return generic.DictionaryObject({pdf_name("/N"): out.add_object(form)})


def widget(out, **more):
    """A widget of a signature that covers the only line of the page."""
    return generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Widget"), pdf_name("/F"): generic.NumberObject(4),
        pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, [72, 755, 372, 775])),
        pdf_name("/AP"): look(out), **{pdf_name("/" + key): value for key, value in more.items()},
    })


def onto_page(out, annotation):
    page = out.root["/Pages"]["/Kids"][0]
    page[pdf_name("/Annots")] = generic.ArrayObject([*page.get("/Annots", []), annotation])
    out.update_container(page)


def into_form(out, field):
    form = out.root["/AcroForm"]
    form[pdf_name("/Fields")] = generic.ArrayObject([*form["/Fields"], field])
    out.update_container(form)


def borrowed_value(out):
    """A widget that covers the page and names, as its own, the signature that is there already."""
    value = out.root["/AcroForm"]["/Fields"][0].raw_get("/V")
    onto_page(out, out.add_object(widget(out, FT=pdf_name("/Sig"), T=generic.pdf_string("Sig9"), V=value)))


def borrowed_parent(out):
    """A widget that covers the page and calls the signed field its parent."""
    field = out.root["/AcroForm"]["/Fields"].raw_get(0)
    onto_page(out, out.add_object(widget(out, Parent=field)))


def coloured_field(out):
    """A signature field that is empty, and painted white over the page by its own colours."""
    colours = generic.DictionaryObject({pdf_name("/BG"): generic.ArrayObject(map(generic.NumberObject, [1, 1, 1]))})
    made = widget(out, FT=pdf_name("/Sig"), T=generic.pdf_string("Sig9"), MK=colours)
    del made["/AP"]
    place = out.add_object(made)
    onto_page(out, place)
    into_form(out, place)


def stamped(source, authority, visible):
    """A document timestamp, whose widget may cover the page."""
    out = IncrementalPdfFileWriter(io.BytesIO(source))
    box = (72, 755, 372, 775) if visible else (0, 0, 0, 0)
    fields.append_signature_field(out, fields.SigFieldSpec("Dau", on_page=0, box=box))
    if visible:
        field = out.root["/AcroForm"]["/Fields"][-1]
        field[pdf_name("/AP")] = look(out)
        out.update_container(field)
    chain = registry(ca) if authority is tsa else registry()
    stamper = timestamps.DummyTimeStamper(
        tsa_cert=cert(authority), tsa_key=private_key(authority), certs_to_embed=chain, fixed_dt=day("2026-03-01"))
    return signers.PdfTimeStamper(stamper, field_name="Dau").timestamp_pdf(out, "sha256").getvalue()


def page_of_images():
    """Prepared before signing: what the page draws is the entry /Annots of a dictionary that calls itself a page."""
    def change(out):
        page = out.root["/Pages"]["/Kids"][0]
        page["/Resources"][pdf_name("/XObject")] = out.add_object(generic.DictionaryObject({
            pdf_name("/Type"): pdf_name("/Page"), pdf_name("/Annots"): look(out).raw_get("/N")}))
        out.update_container(page["/Resources"])
        drawn = generic.StreamObject(stream_data=page["/Contents"].data + b" q 1 0 0 1 72 755 cm /Annots Do Q")
        page[pdf_name("/Contents")] = out.add_object(drawn)
        out.update_container(page)
    return revise(PLAIN, change)


def swap_image(out):
    form = out.root["/Pages"]["/Kids"][0]["/Resources"]["/XObject"]["/Annots"]
    form._data, form._encoded_data = b"0 g 0 0 300 20 re f", None
    out.update_container(form)


def field_apart(out):
    """A field and its widget as two objects: the widget has the look, the field the name and the value."""
    field = generic.DictionaryObject({pdf_name("/FT"): pdf_name("/Sig"), pdf_name("/T"): generic.pdf_string("Sig2")})
    place = out.add_object(field)
    page = out.root["/Pages"]["/Kids"].raw_get(0)
    shown = out.add_object(widget(out, Parent=place, P=page))
    field[pdf_name("/Kids")] = generic.ArrayObject([shown])
    onto_page(out, shown)
    into_form(out, place)


def unlisted(pdf):
    """The form lists no field; the page still shows the widget."""
    return re.sub(rb"/Fields \[[^\]]*\]", lambda found: b"/Fields []".ljust(len(found.group(0))), pdf)


def remade(pdf, **options):
    return with_contents(pdf, value_of(pdf, an, certificates=[cert(an), cert(ca)], **options))


def der(tag, *parts):
    inside = b"".join(parts)
    length = len(inside)
    if length < 0x80:
        return bytes([tag, length]) + inside
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + inside


def oid(dotted):
    return core.ObjectIdentifier(dotted).dump()


SHA256_RSA, NULL = oid("1.2.840.113549.1.1.11"), b"\5\0"
WITH_NULL = der(0x30, SHA256_RSA, NULL)


def extension(kind, value, critical=False):
    return der(0x30, oid(kind), b"\1\1\xff" if critical else b"", der(4, value))


USAGE = extension("2.5.29.15", bytes.fromhex("030206c0"), True)


class Crafted:
    """A holder whose certificate is written byte by byte, as careless authorities write it."""

    def __init__(self, entity=an, issuer=ca, version=2, serial=b"\x11\x22", algorithm=WITH_NULL, subject=None, issued_by=None,
                 validity=None, key=None, extensions=(USAGE,)):
        own = cert(entity)["tbs_certificate"]
        tbs = der(
            0x30, der(0xA0, der(2, bytes([version]))) if version else b"", der(2, serial), algorithm,
            issued_by or cert(issuer).subject.dump(), validity or own["validity"].dump(), subject or own["subject"].dump(),
            key or own["subject_public_key_info"].dump(),
            der(0xA3, der(0x30, *extensions)) if extensions else b"")
        value = issuer.key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
        self.key, self._der = entity.key, der(0x30, tbs, algorithm, der(3, b"\0", value))

    def der(self):
        return self._der


def held(holder, chain=None, **options):
    """A file signed by whoever holds this certificate."""
    pdf = sign(size=8000)
    chain = [cert(ca)] if chain is None else chain
    return with_contents(pdf, value_of(pdf, holder, certificates=[cert(holder), *chain], **options))


def subject(tag, text):
    """A subject with one common name, in this kind of string."""
    return der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), der(tag, text))))


def general_times():
    return der(0x30, der(0x18, b"20100101000000Z"), der(0x18, b"20400101000000Z"))


def careless():
    """Certificates that break a rule of their standard in a way that readers put up with, or not."""
    policy = asn1_x509.CertificatePolicies([{"policy_identifier": "1.2.3.4"}]).dump()
    yield "critical-policy", Crafted(extensions=[USAGE, extension("2.5.29.32", policy, True)])
    yield "critical-unknown", Crafted(extensions=[USAGE, extension("1.2.3.4.5.6", NULL, True)])
    yield "serial-long", Crafted(serial=bytes(range(1, 24)))
    yield "serial-negative", Crafted(serial=b"\xf0\x01")
    yield "serial-zero", Crafted(serial=b"\0")
    yield "name-bmp", Crafted(subject=subject(0x1E, "Lê Thị Mẫu".encode("utf-16-be")))
    yield "name-universal", Crafted(subject=subject(0x1C, "Lê Thị Mẫu".encode("utf-32-be")))
    yield "name-teletex", Crafted(subject=subject(0x14, "Lê Thị Mẫu".encode()))
    yield "name-printable", Crafted(subject=subject(0x13, "Lê Thị Mẫu".encode()))
    yield "name-empty", Crafted(subject=der(0x30))
    yield "general-times", Crafted(validity=general_times())
    yield "false-written", Crafted(extensions=[USAGE, extension("2.5.29.19", bytes.fromhex("3003010100"), True)])
    yield "key-without-null", Crafted(key=der(0x30, der(0x30, oid("1.2.840.113549.1.1.1")), bits(an)))
    yield "signed-without-null", Crafted(algorithm=der(0x30, SHA256_RSA))
    yield "version-1", Crafted(version=0, extensions=())
    yield "authority", Crafted(extensions=[USAGE, extension("2.5.29.19", bytes.fromhex("30030101ff"), True)])


def bits(entity):
    return cert(entity)["tbs_certificate"]["subject_public_key_info"]["public_key"].dump()


def issuer_in_other_letters():
    """The signer's identifier writes the issuer's name in another kind of string than the certificate does."""
    pdf = sign(size=8000)
    info = cms.ContentInfo.load(value_of(pdf, latin, certificates=[cert(latin), cert(latin_ca)]))
    signer = info["content"]["signer_infos"][0]
    name_of = signer["sid"].chosen["issuer"].dump()
    again = re.sub(rb"(\x06\x03\x55\x04.)\x0c", lambda found: found[1] + b"\x13", name_of, flags=re.DOTALL)
    signer["sid"].chosen["issuer"] = asn1_x509.Name.load(again)
    return with_contents(pdf, info.dump(force=True))


def renewed():
    """Named by the key, which an older certificate shares that comes first."""
    older = Entity(name("Lê Thị Mẫu", "UBND phường Cũ (bịa đặt)"), an.key, ca)
    pdf = sign(size=9000)
    return with_contents(pdf, value_of(pdf, an, certificates=[cert(older), cert(an), cert(ca)], by_key=True))


def unsorted_attributes(sorted_when_signed):
    """Signed attributes in an order that DER does not allow, and a value over them as written, or as DER has them."""
    pdf = sign(size=8000)
    info = cms.ContentInfo.load(value_of(pdf, an, certificates=[cert(an), cert(ca)]))
    signer = info["content"]["signer_infos"][0]
    pieces = sorted((one.dump() for one in signer["signed_attrs"]), reverse=True)
    over = sorted(pieces) if sorted_when_signed else pieces
    value = an.key.sign(der(0x31, *over), padding.PKCS1v15(), hashes.SHA256())
    written = signer["version"].dump() + signer["sid"].dump() + signer["digest_algorithm"].dump() + der(0xA0, *pieces) + \
        signer["signature_algorithm"].dump() + der(4, value)
    return with_contents(pdf, rebuilt(info, der(0x30, written)))


def rebuilt(info, signer):
    """The same SignedData around another SignerInfo."""
    data = info["content"]
    parts = [data["version"].dump(), data["digest_algorithms"].dump(), data["encap_content_info"].dump(),
             der(0xA0, *(one.dump() for one in data["certificates"])), der(0x31, signer)]
    return der(0x30, oid("1.2.840.113549.1.7.2"), der(0xA0, der(0x30, *parts)))


def with_filter(pdf, old, new):
    return remade(same_length(pdf, old, new.ljust(len(old))))


def stamp_names_another():
    """The timestamp names, under its signature, another certificate than its authority's."""
    pdf = sign(size=16000)
    info = cms.ContentInfo.load(value_of(pdf, an, certificates=[cert(an), cert(ca)]))
    signer = info["content"]["signer_infos"][0]
    stamper = timestamps.DummyTimeStamper(
        tsa_cert=cert(tsa), tsa_key=private_key(tsa), certs_to_embed=registry(ca), fixed_dt=day("2026-03-01"))
    token = asyncio.run(stamper.async_timestamp(hashlib.sha256(signer["signature"].native).digest(), "sha256"))
    inner = token["content"]["signer_infos"][0]
    kept = [one for one in inner["signed_attrs"] if not one["type"].native.startswith("signing_certificate")]
    other = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(ca.der()).digest()})]})
    inner["signed_attrs"] = cms.CMSAttributes([*kept, cms.CMSAttribute({"type": "signing_certificate_v2", "values": [other]})])
    inner["signature"] = tsa.key.sign(inner["signed_attrs"].untag().dump(force=True), padding.PKCS1v15(), hashes.SHA256())
    signer["unsigned_attrs"] = [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})]
    return with_contents(pdf, info.dump(force=True))


def encrypted_directly():
    """Encrypted without a password, the trailer holding the dictionary itself, and signed."""
    pdf = sign()
    trailer = pdf.rindex(b"/Root")
    words = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>> " % (b"00" * 32, b"00" * 32)
    return pdf[:trailer] + words + pdf[trailer:]


def main():
    OUT.mkdir(exist_ok=True)
    put = lambda name, data: (OUT / f"tricks-{name}").write_bytes(data)
    one = sign()
    certified = sign(certify=fields.MDPPerm.NO_CHANGES)
    put("root.pem", root.pem())
    put("borrowed-value.pdf", revise(one, borrowed_value))
    put("borrowed-parent.pdf", revise(one, borrowed_parent))
    put("coloured-field.pdf", revise(one, coloured_field))
    put("stamp-covers.pdf", stamped(one, tsa, True))
    put("strange-stamp-covers.pdf", stamped(one, nobody, True))
    put("stamp-hidden.pdf", stamped(one, tsa, False))
    put("certified-stamp-covers.pdf", stamped(certified, tsa, True))
    put("certified-stamp-hidden.pdf", stamped(certified, tsa, False))
    put("page-of-images.pdf", revise(sign(page_of_images(), certify=fields.MDPPerm.ANNOTATE), swap_image))
    put("field-apart.pdf", sign(revise(one, field_apart), van_thu, name="Sig2"))
    put("unlisted.pdf", remade(unlisted(one)))
    put("issuer-other-letters.pdf", issuer_in_other_letters())
    put("renewed.pdf", renewed())
    put("unsorted.pdf", unsorted_attributes(False))
    put("unsorted-signed-sorted.pdf", unsorted_attributes(True))
    put("no-subfilter.pdf", with_filter(sign(), b"/SubFilter /ETSI.CAdES.detached", b""))
    put("unknown-subfilter.pdf", with_filter(sign(), b"/ETSI.CAdES.detached", b"/VN.Cu.detached"))
    put("stamp-names-another.pdf", stamp_names_another())
    put("zeros-appended.pdf", one + bytes(5_000))
    put("encrypted-directly.pdf", encrypted_directly())
    with zipfile.ZipFile(OUT / "tricks-signed.asice", "w") as package:
        package.writestr("mimetype", "application/vnd.etsi.asic-e+zip")
        package.writestr("quyet-dinh.txt", "bịa đặt")
        package.writestr("META-INF/signatures.xml", "<asic:XAdESSignatures/>")
    # As much of an old Word file as tells it and its signature: the head, and the name of a part.
    put("signed.doc", bytes.fromhex("d0cf11e0a1b11ae1").ljust(512, b"\0") + "_xmlsignatures".encode("utf-16-le").ljust(128, b"\0"))
    for what, holder in careless():
        put(f"cert-{what}.pdf", held(holder))


latin_ca = Entity(name("Nơi cấp Latin", "Latin"), rsa_key(), root, ca=True)
latin = Entity(name("Le Thi Mau", "UBND"), rsa_key(), latin_ca)

if __name__ == "__main__":
    main()
