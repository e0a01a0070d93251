//! The four faces of a typeface, and how wide each letter is.

use std::collections::HashMap;

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// What stands for a letter that a face has not got.
const STAND_INS: [char; 3] = ['□', '?', '-'];

/// Letters that a typeface for Vietnamese has; Liberation of before 2012 has none of them.
const VIETNAMESE: &str = "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđĂÂÊÔƠƯĐẠẢẤẬẰẶẾỀỆỊỌỐỒỘỚỜỢỤỨỪỰỲỸ";

/// A face.
pub(crate) struct Face {
    pub font: Font,
    letters: HashMap<char, (u32, f32)>,
    stand_in: (u32, f32),
    /// From the baseline up and down, in parts of the size.
    pub ascent: f32,
    pub descent: f32,
}

impl Face {
    fn new(bytes: Vec<u8>) -> Option<Self> {
        let reader = FontRef::new(&bytes).ok()?;
        let metrics = reader.metrics(Size::unscaled(), LocationRef::default());
        let em = f32::from(metrics.units_per_em).max(1.0);
        let widths = reader.glyph_metrics(Size::unscaled(), LocationRef::default());
        let letters: HashMap<char, (u32, f32)> = reader
            .charmap()
            .mappings()
            .filter_map(|(code, glyph)| {
                Some((char::from_u32(code)?, (glyph.to_u32(), widths.advance_width(glyph)? / em)))
            })
            .filter(|(_, (glyph, _))| *glyph != 0)
            .collect();
        if !VIETNAMESE.chars().all(|letter| letters.contains_key(&letter)) {
            return None;
        }
        let stand_in = STAND_INS.iter().find_map(|letter| letters.get(letter).copied())?;
        let (ascent, descent) = (metrics.ascent / em, -metrics.descent / em);
        Some(Self { font: Font::new(bytes.into(), 0)?, letters, stand_in, ascent, descent })
    }

    /// The glyph of a letter and its width in parts of the size.
    pub fn glyph(&self, letter: char) -> (u32, f32) {
        let known = |letter: char| self.letters.get(&letter).copied();
        match letter {
            '\u{a0}' => known(' '),
            '\u{2010}' | '\u{2011}' | '\u{2212}' => known(letter).or_else(|| known('-')),
            letter => known(letter),
        }
        .unwrap_or(self.stand_in)
    }
}

/// The faces of a typeface: regular, bold, italic, bold italic.
pub struct Faces([Face; 4]);

/// A font file that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FontError {
    /// Which of the four: 0 regular, 1 bold, 2 italic, 3 bold italic.
    pub face: usize,
}

impl Faces {
    /// The faces of four font files: regular, bold, italic, bold italic.
    ///
    /// # Errors
    /// Which of them is no font with the letters of Vietnamese.
    pub fn new(files: [Vec<u8>; 4]) -> Result<Self, FontError> {
        let mut place = 0;
        let faces = files.map(|bytes| {
            let face = Face::new(bytes).ok_or(FontError { face: place });
            place += 1;
            face
        });
        let [regular, bold, italic, both] = faces;
        Ok(Self([regular?, bold?, italic?, both?]))
    }

    /// The face for words that are bold or not, italic or not.
    pub(crate) fn pick(bold: bool, italic: bool) -> u8 {
        u8::from(bold) + 2 * u8::from(italic)
    }

    pub(crate) fn get(&self, face: u8) -> &Face {
        &self.0[usize::from(face & 3)]
    }
}
