"""The fixtures through thuocdo, poppler's pdfsig and pyHanko in one run, as a table; and how long each takes.

    .venv/bin/python crates/signature/tests/peers.py target/debug/thuocdo
"""

import datetime as dt
import io
import logging
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from asn1crypto import pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
ROOTS = [FIXTURES / "trust-root.pem", FIXTURES / "elsewhere-root.pem", FIXTURES / "tricks-root.pem",
         FIXTURES / "shadow-root.pem"]
AT = dt.datetime(2026, 6, 1, tzinfo=dt.timezone.utc)


def ours(binary, path):
    trust = [part for root in ROOTS for part in ("--trust", root)]
    command = [binary, "verify", path, *trust, "--at", AT.isoformat(), "--json"]
    file = json.loads(subprocess.run(command, capture_output=True).stdout)["files"][0]
    return " ".join(filter(None, [file["verdict"], file["sub_indication"]]))


def pdfsig(nss, path):
    command = ["pdfsig", *(["-nssdir", nss] if nss else []), path]
    output = subprocess.run(command, capture_output=True, text=True)
    words = [line.split(": ", 1)[1].rstrip(".") for line in output.stdout.splitlines()
             if "Signature Validation:" in line or "Certificate Validation:" in line or "Not total" in line and ": " in line]
    if "Not total document signed" in output.stdout:
        words.append("not total")
    return "; ".join(words) or "no signature"


def pyhanko(path):
    roots = [x509.Certificate.load(pem.unarmor(root.read_bytes())[2]) for root in ROOTS]
    context = ValidationContext(trust_roots=roots, moment=AT, allow_fetching=False)
    try:
        reader = PdfFileReader(io.BytesIO(path.read_bytes()))
        if reader.encrypted:
            return "encrypted"
        answers = []
        for one in reader.embedded_signatures:
            stamp = one.sig_object.get("/SubFilter") == "/ETSI.RFC3161"
            check = validate_pdf_timestamp if stamp else validate_pdf_signature
            answers.append("valid" if check(one, context).bottom_line else "refused")
        return ", ".join(answers) or "no signature"
    except Exception as error:
        return f"error ({type(error).__name__})"


def seconds(action, times=5):
    action()
    start = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - start) / times


def main():
    logging.disable(logging.CRITICAL)
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        # Without certutil (libnss3-tools) pdfsig knows no root and calls every issuer unknown.
        nss = folder if shutil.which("certutil") else None
        if nss:
            trusted = [["-A", "-n", root.stem, "-t", "CT,CT,CT", "-i", root] for root in ROOTS]
            for more in [["-N", "--empty-password"], *trusted]:
                subprocess.run(["certutil", "-d", folder, *more], check=True, capture_output=True)
        print("| fixture | thuocdo | pdfsig | pyHanko |\n| --- | --- | --- | --- |")
        for path in sorted(FIXTURES.glob("*.pdf")):
            print(f"| {path.name} | {ours(binary, path)} | {pdfsig(nss, path)} | {pyhanko(path)} |")
        if len(sys.argv) > 2:
            large = pathlib.Path(sys.argv[2])
            print(f"\n{large.stat().st_size} bytes, milliseconds:", {
                "thuocdo": round(seconds(lambda: ours(binary, large)) * 1000, 1),
                "pdfsig": round(seconds(lambda: pdfsig(nss, large)) * 1000, 1),
                "pyHanko, in process": round(seconds(lambda: pyhanko(large)) * 1000, 1),
            })


if __name__ == "__main__":
    main()
