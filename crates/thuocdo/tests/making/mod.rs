//! Signed files made while a test runs: by authorities of its own, of any size.

#[path = "../../src/papers/der.rs"]
pub mod der;
#[path = "../../src/papers/signing.rs"]
pub mod signing;

use signing::Authority;

/// When everything here is signed.
const SIGNED: &str = "2023-03-01T02:00:00Z";

/// A PDF of numbered objects with a table of them.
pub fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", number + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    places.iter().for_each(|place| file.extend(format!("{place:010} 00000 n \n").bytes()));
    let size = objects.len() + 1;
    file.extend(format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").bytes());
    file
}

/// A stream with what else its dictionary says.
pub fn stream(dictionary: &str, bytes: &[u8]) -> Vec<u8> {
    let mut object = format!("<<{dictionary}/Length {}>>stream\n", bytes.len()).into_bytes();
    object.extend(bytes);
    object.extend(b"\nendstream");
    object
}

/// An authority that a test may have trusted, with a machine for timestamps.
pub struct Office {
    authority: Authority,
    stamper: signing::Signer,
}

impl Office {
    pub fn open() -> Self {
        let authority = Authority::new("Gốc của phép thử (bịa đặt)").unwrap();
        let stamper = authority.stamper("Dấu thời gian của phép thử (bịa đặt)").unwrap();
        Self { authority, stamper }
    }

    /// The certificate to trust, as PEM.
    pub fn root(&self) -> String {
        self.authority.pem()
    }

    /// A file of so many pages and so many bytes besides, signed by somebody, with a timestamp.
    pub fn signed(&self, signer: &str, position: &str, pages: usize, besides: usize) -> Vec<u8> {
        let signer = self.authority.signer(signer, position, "UBND xã Mẫu").unwrap();
        let empty = "0".repeat(12_000);
        let first = 8;
        let kids: String = (0..pages).map(|page| format!("{} 0 R ", first + page)).collect();
        let mut objects = vec![
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]/SigFlags 3>>/Extra 6 0 R/Metadata 7 0 R>>".to_vec(),
            format!("<</Type/Pages/Count {pages}/Kids[{kids}]>>").into_bytes(),
            b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig1)/Rect[0 0 0 0]/F 132/V 4 0 R>>".to_vec(),
            format!(
                "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached\
                 /ByteRange [0 0000000000 0000000000 0000000000] /Contents <{empty}>>>"
            )
            .into_bytes(),
            stream("", b"0 0 m 10 10 l S"),
            stream("", &vec![b'x'; besides]),
            stream("/Type/Metadata", b"<x/>"),
        ];
        let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R>>";
        objects.extend((0..pages).map(|_| page.to_vec()));
        let mut file = pdf(&objects);
        let find = |needle: &[u8]| file.windows(needle.len()).position(|window| window == needle).unwrap();
        let from = find(b"/Contents <0000") + 10;
        let to = from + empty.len() + 2;
        let range_at = find(b"/ByteRange [");
        let range = format!("/ByteRange [0 {from:010} {to:010} {:010}]", file.len() - to);
        file[range_at..range_at + range.len()].copy_from_slice(range.as_bytes());
        let covered = [&file[..from], &file[to..]].concat();
        let value = signer.sign(&covered, SIGNED.parse().unwrap(), Some(&self.stamper)).unwrap();
        let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        file[from + 1..from + 1 + hex.len()].copy_from_slice(hex.as_bytes());
        file
    }
}
