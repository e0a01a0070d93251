//! Pages of a PDF as pictures, for looking at evidence where a browser must not open the file itself.
//!
//! Files come from strangers. A page is carried out once without drawing, against a budget; only then is it drawn. What
//! a drawing library does with a hostile file ends here at worst as a picture that is not there.

use std::any::Any;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use criteria::Text;
use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::pattern::Pattern;
use hayro::hayro_interpret::{
    BlendMode, CacheKey, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, Paint, SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::kurbo::{Affine, BezPath, Rect, Shape};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use serde::{Deserialize, Serialize};

/// Largest file that is drawn, in bytes.
pub const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Last page that is drawn.
pub const PAGE_MAX: usize = 200;
/// Longest side of a picture, in pixels.
pub const SIDE_MAX: u16 = 2_000;
/// What one page may cost: about one for each letter and each point of a line.
const COST_MAX: u64 = 2_000_000;
/// What a clip costs.
const CLIP_COST: u64 = 20;
/// What a layer costs, or a mask: as much as the whole picture is painted over.
const LAYER_COST: u64 = 2_000;
/// Pixels of a picture on a page that cost one.
const PIXELS_PER_COST: u64 = 100;

/// Why a page is not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// It is no PDF, or one too damaged.
    Unreadable,
    /// It opens with a password only.
    Locked,
    /// The file is too large.
    TooLarge,
    /// There is no such page.
    NoPage,
    /// It comes after the last page that is drawn.
    TooFar,
    /// The page would take too much work.
    TooMuch,
}

impl Trouble {
    /// The sentence, with the way out.
    pub fn text(self) -> Text {
        match self {
            Self::Unreadable => Text::new("Tệp PDF hỏng, không đọc được", "The PDF is damaged and cannot be read"),
            Self::Locked => Text::new(
                "Tệp PDF có mật khẩu nên không xem trước được; hãy tải về để mở",
                "The PDF has a password, so there is no preview; download it to open it",
            ),
            Self::TooLarge => Text::new(
                format!("Tệp lớn hơn {} MB nên không xem trước được; hãy tải về để mở", FILE_BYTES_MAX >> 20),
                format!("The file is larger than {} MB, so there is no preview; download it", FILE_BYTES_MAX >> 20),
            ),
            Self::NoPage => Text::new("Tệp không có trang này", "The file has no such page"),
            Self::TooFar => Text::new(
                format!("Chỉ xem trước {PAGE_MAX} trang đầu; hãy tải tệp về để xem tiếp"),
                format!("Only the first {PAGE_MAX} pages are previewed; download the file for the others"),
            ),
            Self::TooMuch => Text::new(
                "Trang này vẽ quá nặng nên không xem trước được; hãy tải tệp về để mở",
                "This page is too heavy to preview; download the file to open it",
            ),
        }
    }
}

/// How many pages a PDF has; never none.
///
/// # Errors
/// Why it cannot be read.
pub fn page_count(file: Vec<u8>) -> Result<usize, Trouble> {
    guarded(|| Ok(open(file)?.pages().len()))
}

/// A page as PNG, its longer side `side` pixels. The first page is 1.
///
/// # Errors
/// Why it is not drawn.
pub fn page_png(file: Vec<u8>, number: usize, side: u16) -> Result<Vec<u8>, Trouble> {
    guarded(|| {
        let pdf = open(file)?;
        let page = number.checked_sub(1).and_then(|at| pdf.pages().get(at)).ok_or(Trouble::NoPage)?;
        if number > PAGE_MAX {
            return Err(Trouble::TooFar);
        }
        let (width, height) = page.render_dimensions();
        let longer = width.max(height);
        let scale = f32::from(side.min(SIDE_MAX)) / longer;
        if !(width.min(height) * scale >= 1.0 && longer.is_finite()) {
            return Err(Trouble::Unreadable);
        }
        let (cache, settings) = (RenderCache::new(), InterpreterSettings::default());
        weigh(page, &settings);
        let size = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        let picture = render(page, &cache, &settings, &RenderSettings::default(), &size);
        picture.into_png().map_err(|_| Trouble::Unreadable)
    })
}

fn open(file: Vec<u8>) -> Result<Pdf, Trouble> {
    if file.len() as u64 > FILE_BYTES_MAX {
        return Err(Trouble::TooLarge);
    }
    match Pdf::new(file) {
        // What is left of a file that was cut off may have no page.
        Ok(pdf) if !pdf.pages().is_empty() => Ok(pdf),
        Ok(_) | Err(LoadPdfError::Invalid) => Err(Trouble::Unreadable),
        Err(LoadPdfError::Decryption(_)) => Err(Trouble::Locked),
    }
}

/// The library's panics, and the way out of a page that costs too much.
fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let told = |why: Box<dyn Any + Send>| why.downcast_ref().copied().unwrap_or(Trouble::Unreadable);
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|why| Err(told(why)))
}

/// Carries a page out without drawing anything. Leaves by unwinding where it costs too much: the library can be stopped
/// in no other way.
fn weigh<'a>(page: &'a Page<'a>, settings: &InterpreterSettings) {
    let (width, height) = page.render_dimensions();
    let target = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let transform = page.initial_transform(true).to_kurbo();
    let cache = InterpreterCache::new();
    let mut context = Context::new(transform, target, &cache, page.xref(), settings.clone());
    interpret_page(page, &mut context, &mut Scales { left: COST_MAX, masks: HashSet::new() });
}

/// A device that only counts.
struct Scales {
    left: u64,
    masks: HashSet<u128>,
}

impl Scales {
    fn spend(&mut self, cost: u64) {
        match self.left.checked_sub(cost) {
            Some(left) => self.left = left,
            // Not a panic: nothing is reported, and `guarded` waits for it.
            None => resume_unwind(Box::new(Trouble::TooMuch)),
        }
    }

    fn mask<'a>(&mut self, mask: Option<&SoftMask<'a>>) {
        let Some(mask) = mask else { return };
        // One that was drawn is kept.
        if self.masks.insert(mask.cache_key()) {
            self.spend(LAYER_COST);
            mask.interpret(self);
        }
    }

    /// A tile is carried out as often as it overlaps its neighbours.
    fn paint<'a>(&mut self, paint: &Paint<'a>) {
        let Paint::Pattern(pattern) = paint else { return };
        self.spend(LAYER_COST);
        if let Pattern::Tiling(tile) = &**pattern {
            let times = |side: f64, step: f32| (side.abs() / f64::from(step.abs())).ceil().max(1.0);
            let times = times(tile.bbox.width(), tile.x_step) * times(tile.bbox.height(), tile.y_step);
            let before = self.left;
            tile.interpret(self, Affine::IDENTITY, false);
            let more = (before - self.left).max(1) as f64 * (times - 1.0);
            self.spend(if more < COST_MAX as f64 { more as u64 } else { COST_MAX + 1 });
        }
    }

    fn line(&mut self, path: &BezPath, mode: &DrawMode) {
        self.spend(1 + path.elements().len() as u64);
        let (DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke)) = mode else { return };
        let period: f32 = stroke.dash_array.iter().sum();
        if period > 0.0 {
            let dashes = path.perimeter(1.0) / f64::from(period);
            self.spend(if dashes < COST_MAX as f64 { dashes as u64 } else { COST_MAX + 1 });
        }
    }
}

impl<'a> Device<'a> for Scales {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.line(path, mode);
        self.mask(props.soft_mask.as_ref());
        self.paint(&props.paint);
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.spend(CLIP_COST + clip.path.elements().len() as u64);
    }

    fn push_transparency_group(&mut self, _: f32, mask: Option<SoftMask<'a>>, _: BlendMode) {
        self.spend(LAYER_COST);
        self.mask(mask.as_ref());
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        self.spend(1 + run.glyphs().len() as u64);
        self.mask(props.soft_mask.as_ref());
        self.paint(&props.paint);
        for glyph in run.glyphs() {
            if let Glyph::Type3(drawn) = &**glyph {
                drawn.interpret(self, props.transform, glyph.transform(), &props.paint);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.spend(1 + u64::from(image.width()) * u64::from(image.height()) / PIXELS_PER_COST);
        self.mask(props.soft_mask.as_ref());
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}
