//! Files that were made to bring a reader down, and honest ones of the largest kind: each gets its sentence, and the
//! process that looks into it stays within what it may take.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod making;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use making::{Office, pdf, stream};
use serde_json::Value as Json;
use web::sandbox::{Answer, Cut, Sandbox, Source, Work};

const MEGABYTE: usize = 1 << 20;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// So many megabytes of white space after what is useful.
fn bomb(useful: &str, megabytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(useful.as_bytes()).unwrap();
    let space = vec![b' '; MEGABYTE];
    (0..megabytes).for_each(|_| encoder.write_all(&space).unwrap());
    encoder.finish().unwrap()
}

/// A file whose objects stand in streams that unpack to far more than the file; `of` are the filters.
fn packed_objects(inner: &[u8], of: &str, streams: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    for number in 0..streams {
        file.extend(format!("{} 0 obj\n", number + 10).bytes());
        file.extend(stream(&format!("/Type/ObjStm/N 1/First 4/Filter{of}"), inner));
        file.extend(b"\nendobj\n");
    }
    file.extend(b"trailer\n<</Root 1 0 R>>\n%%EOF\n");
    file
}

fn own() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_thuocdo"))
}

/// What `verify` says, and how long it took.
fn verify(file: &Path, more: &[&str]) -> (Json, Duration) {
    let begun = Instant::now();
    let output =
        Command::new(own()).arg("verify").arg(file).args(["--json", "--lang", "en"]).args(more).output().unwrap();
    let value: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (value["files"][0].clone(), begun.elapsed())
}

fn written(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn what_unpacks_without_end_is_stopped_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = "1 0 <</Type/Catalog/Pages 2 0 R>> ";
    let once = bomb(catalogue, 512);
    assert!(once.len() < MEGABYTE, "{}", once.len());
    let nested = packed(&once);
    assert!(nested.len() < 64 * 1024, "{}", nested.len());
    for (name, file) in [
        ("half a megabyte, many gigabytes.pdf", packed_objects(&once, "/FlateDecode", 8)),
        ("streams in streams.pdf", packed_objects(&nested, "[/FlateDecode/FlateDecode]", 8)),
    ] {
        let (answer, took) = verify(&written(&folder, name, &file), &[]);
        assert_eq!(answer["verdict"], "indeterminate", "{name}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains("unpacks to far too much"), "{name}: {answer}");
        assert!(took < Duration::from_secs(60), "{name} took {took:?}");
    }
}

#[test]
fn a_table_of_objects_without_end_is_stopped() {
    // A cross-reference stream that names four thousand million objects, each a row of zeros.
    let folder = tempfile::tempdir().unwrap();
    let rows = bomb("", 512);
    let mut file = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n".to_vec();
    let place = file.len();
    file.extend(b"3 0 obj\n");
    file.extend(stream("/Type/XRef/W[0 1 0]/Size 4000000000/Root 1 0 R/Filter/FlateDecode", &rows));
    file.extend(format!("\nendobj\nstartxref\n{place}\n%%EOF\n").bytes());
    let (answer, took) = verify(&written(&folder, "table.pdf", &file), &[]);
    assert_eq!(answer["verdict"], "indeterminate", "{answer}");
    assert!(took < Duration::from_secs(60), "took {took:?}");
}

#[test]
fn pages_that_unpack_without_end_are_not_drawn() {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>";
    let picture = "/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB\
                   /Filter/FlateDecode";
    let packed = bomb("200 0 0 200 0 0 cm /I Do ", 600);
    let heavy = [stream("/Filter/FlateDecode", &packed), stream("", b"200 0 0 200 0 0 cm /I Do ")];
    let sandbox = Sandbox::own_by(own());
    for contents in heavy {
        let file = pdf(&[
            b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
            page.as_bytes().to_vec(),
            contents,
            stream(picture, &packed),
        ]);
        let work = Work::Draw { page: 1, side: 1_400 };
        let begun = Instant::now();
        let drawn = sandbox.look(work, Source::Bytes(file), None, Duration::from_secs(30)).unwrap();
        let told = matches!(drawn, Err(Cut::TooMuch) | Ok(Answer::Trouble(_)));
        assert!(told || begun.elapsed() < Duration::from_secs(30), "{drawn:?}");
        assert!(begun.elapsed() < Duration::from_secs(40));
    }
}

#[test]
fn documents_become_drafts_within_bounds() {
    let sandbox = Sandbox::own_by(own());
    let look = |name: &str, file: Vec<u8>| {
        let work = Work::Import { name: name.to_owned() };
        sandbox.look(work, Source::Bytes(file), None, Duration::from_secs(60)).unwrap()
    };
    let annex = concat!(env!("CARGO_MANIFEST_DIR"), "/../../criteria/hue-2263-2023-commune/source/annex3.txt");
    let drafted = look("annex3.txt", std::fs::read(annex).unwrap());
    let Ok(Answer::Drafted(Ok(drafted))) = drafted else { panic!("{drafted:?}") };
    assert!(drafted.files.contains_key("set.toml"), "{:?}", drafted.files.keys());
    let told = look("thu.txt", b"no table of criteria".to_vec());
    assert!(matches!(told, Ok(Answer::Drafted(Err(_)))), "{told:?}");
    let heavy =
        look("phu-luc.pdf", packed_objects(&bomb("1 0 <</Type/Catalog/Pages 2 0 R>> ", 512), "/FlateDecode", 8));
    assert!(matches!(heavy, Err(Cut::TooMuch) | Ok(Answer::Drafted(Err(_)))), "{heavy:?}");
}

#[test]
fn a_look_that_takes_too_long_is_stopped() {
    let sandbox = Sandbox::own_by(own());
    let file = packed_objects(&bomb("1 0 <</Type/Catalog>> ", 200), "/FlateDecode", 1);
    let drawn = sandbox.look(Work::Count, Source::Bytes(file), None, Duration::from_millis(5)).unwrap();
    assert!(matches!(drawn, Err(Cut::Late)), "{drawn:?}");
}

#[test]
fn a_program_that_is_not_there_is_an_error_and_no_verdict() {
    let sandbox = Sandbox::own_by(PathBuf::from("/nowhere/thuocdo"));
    assert!(sandbox.look(Work::Count, Source::Bytes(Vec::new()), None, Duration::from_secs(5)).is_err());
    // One that does not understand the question.
    let sandbox = Sandbox::own_by(PathBuf::from("/bin/false"));
    let told = sandbox.look(Work::Count, Source::Bytes(vec![0; MEGABYTE]), None, Duration::from_secs(5));
    assert!(!matches!(told, Ok(Ok(_))), "{told:?}");
}

/// A further revision, as honest programs add one: the description of the file is another.
fn revised(mut file: Vec<u8>) -> Vec<u8> {
    let tail = String::from_utf8_lossy(&file[file.len() - 200..]).into_owned();
    let after = |words: &str| tail.rsplit_once(words).unwrap().1.split(['\n', '/']).next().unwrap().to_owned();
    let (size, before) = (after("/Size "), after("startxref\n"));
    let place = file.len();
    file.extend(b"7 0 obj\n");
    file.extend(stream("/Type/Metadata", b"<y/>"));
    file.extend(b"\nendobj\n");
    let table = file.len();
    file.extend(
        format!("xref\n7 1\n{place:010} 00000 n \ntrailer\n<</Size {size}/Root 1 0 R/Prev {before}>>\nstartxref\n{table}\n%%EOF\n")
            .bytes(),
    );
    file
}

#[test]
fn ten_thousand_pages_and_two_hundred_megabytes_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    for (pages, besides) in [(10_000, 0), (1, 200 * MEGABYTE)] {
        let office = Office::open();
        let file = office.signed("Nguyễn Thử Mẫu", "Chủ tịch", pages, besides);
        let root = written(&folder, "root.pem", office.root().as_bytes());
        let more = ["--trust", root.to_str().unwrap(), "--at", "2026-06-01"];
        let path = written(&folder, "large.pdf", &revised(file));
        let (answer, took) = verify(&path, &more);
        assert_eq!(answer["verdict"], "valid", "{pages} pages: {answer}");
        assert_eq!(answer["signatures"][0]["changes_after"], serde_json::json!(["metadata"]), "{answer}");
        assert!(took < Duration::from_secs(60), "{pages} pages took {took:?}");
        // The same with one byte of the signed part changed.
        let mut file = std::fs::read(&path).unwrap();
        let middle = file.len() / 3;
        file[middle] ^= 1;
        let (answer, _) = verify(&written(&folder, "large.pdf", &file), &more);
        assert_eq!(answer["verdict"], "invalid", "{pages} pages: {answer}");
    }
}
