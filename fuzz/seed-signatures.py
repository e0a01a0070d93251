"""Seeds for the target `signature_parts`: the signature values, certificates and revocation data of the fixtures.

    python3 fuzz/seed-signatures.py     # writes fuzz/corpus/signature_parts
"""

import pathlib
import re

here = pathlib.Path(__file__).parent
fixtures = here.parent / "crates" / "signature" / "tests" / "fixtures"
corpus = here / "corpus" / "signature_parts"
corpus.mkdir(parents=True, exist_ok=True)
for path in sorted(fixtures.iterdir()):
    data = path.read_bytes()
    if path.suffix == ".pdf" and len(data) < 200_000:
        for number, found in enumerate(re.findall(rb"/Contents\s*<([0-9a-fA-F]+)>", data)):
            value = bytes.fromhex(found.decode()).rstrip(b"\0")
            (corpus / f"{path.stem}-{number}").write_bytes(b"\0" + value)
    elif path.suffix in (".p7s", ".p7m"):
        (corpus / path.name).write_bytes(b"\2" + data)
    elif path.suffix in (".pem", ".der"):
        (corpus / path.name).write_bytes(b"\3" + data)
    elif path.suffix in (".ocsp", ".crl"):
        (corpus / path.name).write_bytes(b"\4" + data)
print(len(list(corpus.iterdir())), "seeds")
