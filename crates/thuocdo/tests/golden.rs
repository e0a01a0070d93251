//! Golden documents: pages as pictures that a person can look at, in `golden/`, and that papers must go on looking like.
//! `REGEN=1` makes them anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The longer side of a picture, in pixels.
const SIDE: u16 = 700;
/// How much a pixel may differ: letters are drawn a little otherwise by other versions of a typeface.
const SHADE_MAX: u8 = 60;
/// How many pixels of ten thousand may differ by more.
const PIXELS_MAX: usize = 60;
/// All pictures together, in bytes.
const BYTES_MAX: u64 = 1_500_000;

/// The pages that are kept: name, arguments of `report`, page.
const PAGES: [(&str, &[&str], usize); 15] = [
    ("letter-114-1", &["assignment", "khe-tre-114-2024"], 1),
    ("letter-114-2", &["assignment", "khe-tre-114-2024"], 2),
    ("plan-41-2", &["assignment", "nghia-phuong-41-2023"], 2),
    ("set-2263-1", &["set", "hue-2263-2023-commune"], 1),
    ("set-2263-2", &["set", "hue-2263-2023-commune"], 2),
    ("self-assessment", &["preview", "self-assessment"], 1),
    ("self-assessment-2", &["preview", "self-assessment"], 2),
    ("appraisal", &["preview", "appraisal"], 1),
    ("review", &["preview", "review"], 1),
    ("survey", &["preview", "survey"], 1),
    ("ranking", &["preview", "ranking"], 1),
    ("ranking-2", &["preview", "ranking"], 2),
    ("reminder", &["preview", "reminder"], 1),
    ("certificate", &["preview", "certificate"], 1),
    ("analysis", &["preview", "analysis"], 1),
];

fn pdf(arguments: &[&str], folder: &Path) -> Vec<u8> {
    let file = folder.join(format!("{}.pdf", arguments.join("-")));
    if !file.exists() {
        let output = Command::new(env!("CARGO_BIN_EXE_thuocdo"))
            .arg("report")
            .args(arguments)
            .args(["--day", "2024-05-08", "-o", file.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    std::fs::read(file).unwrap()
}

/// Width, height and the shade of each pixel.
fn shades(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let step = info.color_type.samples();
    let shade = |pixel: &[u8]| {
        if step < 3 { pixel[0] } else { ((pixel[0] as u16 + pixel[1] as u16 + pixel[2] as u16) / 3) as u8 }
    };
    (info.width, info.height, bytes[..info.buffer_size()].chunks_exact(step).map(shade).collect())
}

/// The picture in sixteen shades of grey, which is a quarter of the size.
fn small(png: &[u8]) -> Vec<u8> {
    let (width, height, shades) = shades(png);
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_compression(png::Compression::High);
    let mut packed = Vec::new();
    for row in shades.chunks_exact(width as usize) {
        packed.extend(row.chunks(2).map(|pair| pair[0] >> 4 << 4 | pair.get(1).copied().unwrap_or(255) >> 4));
    }
    encoder.write_header().unwrap().write_image_data(&packed).unwrap();
    out
}

#[test]
fn papers_look_as_they_were_seen_to_look() {
    let folder = tempfile::tempdir().unwrap();
    let golden = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"));
    let mut wrong = Vec::new();
    for (name, arguments, page) in PAGES {
        let Ok(drawn) = documents::preview::page_png(pdf(arguments, folder.path()), page, SIDE) else {
            wrong.push(format!("{name}: there is no page {page}"));
            continue;
        };
        let file = golden.join(format!("{name}.png"));
        if std::env::var_os("REGEN").is_some() {
            std::fs::create_dir_all(&golden).unwrap();
            std::fs::write(&file, small(&drawn)).unwrap();
        }
        let kept = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}; REGEN=1 makes it", file.display()));
        let (now, then) = (shades(&drawn), shades(&kept));
        if (now.0, now.1) != (then.0, then.1) {
            wrong.push(format!("{name}: {}x{} and not {}x{}", now.0, now.1, then.0, then.1));
            continue;
        }
        let differ = now.2.iter().zip(&then.2).filter(|(a, b)| a.abs_diff(**b) > SHADE_MAX).count();
        if differ * 10_000 > PIXELS_MAX * now.2.len() {
            std::fs::write(std::env::temp_dir().join(format!("{name}-now.png")), &drawn).unwrap();
            wrong.push(format!("{name}: {differ} pixels of {} differ", now.2.len()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\nlook at them, and REGEN=1 where they are right");
    let sizes = std::fs::read_dir(&golden).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len());
    assert!(sizes.sum::<u64>() < BYTES_MAX);
}
