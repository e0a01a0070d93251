"""Signs a PDF as an office would, with pyHanko, a tool that is not ours: sign.py IN OUT. The key is made and thrown away.

With a third argument, the certificate is written there, for whoever wants to trust it.
"""

import datetime as dt
import sys

from asn1crypto import keys, x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

key = ec.generate_private_key(ec.SECP256R1())
name = made.Name([
    made.NameAttribute(NameOID.COMMON_NAME, "Trần Bình Mẫu"),
    made.NameAttribute(NameOID.TITLE, "Chủ tịch UBND"),
    made.NameAttribute(NameOID.ORGANIZATION_NAME, "UBND Xã Mẫu (bịa đặt)"),
])
certificate = (
    made.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(made.random_serial_number()).not_valid_before(dt.datetime(2023, 1, 1))
    .not_valid_after(dt.datetime(2033, 1, 1)).add_extension(made.BasicConstraints(True, None), True)
    .add_extension(made.KeyUsage(True, True, False, False, False, True, False, False, False), True)
    .sign(key, hashes.SHA256())
)
der = certificate.public_bytes(serialization.Encoding.DER)
secret = key.private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
signer = signers.SimpleSigner(
    signing_cert=x509.Certificate.load(der), signing_key=keys.PrivateKeyInfo.load(secret),
    cert_registry=SimpleCertificateStore(),
)
with open(sys.argv[1], "rb") as paper, open(sys.argv[2], "wb") as out:
    meta = signers.PdfSignatureMetadata(field_name="Chu_ky", subfilter=fields.SigSeedSubFilter.PADES)
    signers.sign_pdf(IncrementalPdfFileWriter(paper), meta, signer=signer, output=out)
if len(sys.argv) > 3:
    with open(sys.argv[3], "wb") as out:
        out.write(certificate.public_bytes(serialization.Encoding.PEM))
