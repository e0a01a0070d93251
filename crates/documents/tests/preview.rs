//! Pages as pictures: what comes out of good files, and that bad ones end in a reason.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::time::{Duration, Instant};

use documents::preview::{FILE_BYTES_MAX, PAGE_MAX, Trouble, page_count, page_png};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../signature/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A file of one kind of page, `pages` times; `more` are objects from number 5 on, the other pages stand after them.
fn pdf(pages: usize, resources: &str, content: &str, more: &[String]) -> Vec<u8> {
    let others = 5 + more.len()..4 + more.len() + pages;
    let kids: String = others.clone().map(|number| format!(" {number} 0 R")).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Count {pages}/Kids[4 0 R{kids}]>>"),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len() + 1),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 3 0 R/Resources<<{resources}>>>>"),
    ];
    objects.extend_from_slice(more);
    let page = objects[3].clone();
    objects.extend(others.map(|_| page.clone()));
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let xref = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1).bytes());
    file
}

fn stream(dictionary: &str, content: &str) -> String {
    format!("<<{dictionary}/Length {}>>stream\n{content}\nendstream", content.len() + 1)
}

/// Width and height of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn a_page_becomes_a_picture_with_its_ink() {
    let signed = fixture("b-b.pdf");
    assert_eq!(page_count(signed.clone()), Ok(1));
    let png = page_png(signed.clone(), 1, 1_400).unwrap();
    assert_eq!(size(&png), (989, 1_400));
    let small = page_png(signed, 1, 200).unwrap();
    assert_eq!(size(&small).1, 200);
    assert!(small.len() < png.len());
    let blank = page_png(pdf(1, "", "", &[]), 1, 400).unwrap();
    let inked = page_png(pdf(1, "", "0 0 100 50 re f", &[]), 1, 400).unwrap();
    assert_eq!((size(&blank), size(&inked)), ((400, 200), (400, 200)));
    assert_ne!(blank, inked);
    // Letters of a font that the file does not bring along.
    let font = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>";
    let lettered = page_png(pdf(1, font, "BT /F 20 Tf 20 40 Td (Thuoc Do) Tj ET", &[]), 1, 400).unwrap();
    assert_ne!(blank, lettered);
    assert_eq!(page_png(pdf(1, "", "", &[]), 1, u16::MAX).map(|png| size(&png)), Ok((2_000, 1_000)));
}

#[test]
fn what_is_no_page_ends_in_a_reason() {
    let signed = || fixture("b-b.pdf");
    for number in [0, 2, 9_999, usize::MAX] {
        assert_eq!(page_png(signed(), number, 1_400), Err(Trouble::NoPage), "{number}");
    }
    for file in [&b""[..], b"%PDF-", b"%PDF-1.7\nrubbish", b"plain words", b"\x89PNG\r\n\x1a\n"] {
        assert_eq!(page_count(file.to_vec()), Err(Trouble::Unreadable));
        assert_eq!(page_png(file.to_vec(), 1, 1_400), Err(Trouble::Unreadable));
    }
    assert_eq!(page_count(fixture("encrypted.pdf")), Err(Trouble::Locked));
    let many = || pdf(PAGE_MAX + 1, "", "", &[]);
    assert_eq!(page_count(many()), Ok(PAGE_MAX + 1));
    assert!(page_png(many(), PAGE_MAX, 100).is_ok());
    assert_eq!(page_png(many(), PAGE_MAX + 1, 100), Err(Trouble::TooFar));
    let mut large = signed();
    large.resize(usize::try_from(FILE_BYTES_MAX).unwrap() + 1, b' ');
    assert_eq!(page_png(large, 1, 100), Err(Trouble::TooLarge));
    for page in ["0 0 0 0", "0 0 1e30 1e30", "0 0 100000 1", "5 5 5 5"] {
        let odd = String::from_utf8(pdf(1, "", "", &[])).unwrap().replace("0 0 200 100", page);
        let _ = page_png(odd.into_bytes(), 1, 400);
    }
}

/// Cut anywhere, or with a byte changed, a file gives a picture or a reason.
#[test]
fn damaged_files_do_not_panic() {
    let whole = fixture("b-b.pdf");
    for cut in (0..whole.len()).step_by(whole.len() / 60) {
        let _ = page_png(whole[..cut].to_vec(), 1, 100);
        let mut changed = whole.clone();
        changed[cut] ^= 0x55;
        let _ = page_png(changed, 1, 100);
    }
}

#[test]
fn a_page_that_would_never_end_is_not_begun() {
    let form = |content: &str, resources: &str| {
        stream(&format!("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<{resources}>>"), content)
    };
    let tile = |step: &str, content: &str, resources: &str| {
        let paint = "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 90 90]";
        stream(&format!("{paint}/XStep {step}/YStep {step}/Resources<<{resources}>>"), content)
    };
    let painted = "/Pattern cs /P scn 0 0 99 99 re f /P scn 0 0 98 98 re f";
    let form_use = "/XObject<</X 5 0 R>>";
    let tile_use = "/Pattern<</P 5 0 R>>";
    // Each carries out the next one twice: 2^40 in all.
    let forms: Vec<String> = (6..46).map(|next| form("/X Do /X Do", &format!("/XObject<</X {next} 0 R>>"))).collect();
    let tiles: Vec<String> = (6..46).map(|next| tile("90", painted, &format!("/Pattern<</P {next} 0 R>>"))).collect();
    let image = "/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB";
    let cases = [
        ("forms of forms", pdf(1, form_use, "/X Do", &forms)),
        ("tiles of tiles", pdf(1, tile_use, painted, &tiles)),
        ("a tile beside itself", pdf(1, tile_use, painted, &[tile("0.1", "0 0 9 9 re f", "")])),
        ("a vast picture", pdf(1, form_use, "/X Do", &[stream(image, "")])),
        ("an endless dash", pdf(1, "", "[0.00001] 0 d 0 0 m 200 100 l S", &[])),
    ];
    for (name, file) in cases {
        let begun = Instant::now();
        let answer = page_png(file, 1, 400);
        assert_eq!(answer.as_ref().err(), Some(&Trouble::TooMuch), "{name}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{name}: {:?}", begun.elapsed());
    }
}
