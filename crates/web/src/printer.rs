//! What makes papers: the forms that the operator may have changed, the typeface of this machine, and the three formats.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use criteria::{Files, Problem, Text};
use documents::paper::form::{Filling, Form};
use documents::paper::{Paper, docx, xlsx};
use documents::papers::{FORMS, Kind};
use print::Faces;
use tokio::sync::Semaphore;

/// How many papers are made at once; more wait. A paper of 3,321 units takes a second of a processor.
const AT_ONCE: usize = 2;
/// Papers of publications that are kept ready, in bytes.
const KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Where a typeface with the widths of Times New Roman lies: file names for regular, bold, italic, bold italic.
const PLACES: [(&str, [&str; 4]); 4] = [
    ("/usr/share/fonts/truetype/liberation2", LIBERATION),
    ("/usr/share/fonts/truetype/liberation", LIBERATION),
    ("/usr/share/fonts/liberation-serif", LIBERATION),
    ("C:/Windows/Fonts", ["times.ttf", "timesbd.ttf", "timesi.ttf", "timesbi.ttf"]),
];
const LIBERATION: [&str; 4] = [
    "LiberationSerif-Regular.ttf",
    "LiberationSerif-Bold.ttf",
    "LiberationSerif-Italic.ttf",
    "LiberationSerif-BoldItalic.ttf",
];
/// The names of the typeface that travels with the product, for machines that have none of those.
const OWN: [&[u8]; 4] =
    [b"LibertinusSerif-Regular", b"LibertinusSerif-Bold", b"LibertinusSerif-Italic", b"LibertinusSerif-BoldItalic"];

/// A format that papers come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PDF/A.
    Pdf,
    /// Word.
    Docx,
    /// Excel.
    Xlsx,
}

impl Format {
    /// The format of a file's ending.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "pdf" => Some(Self::Pdf),
            "docx" => Some(Self::Docx),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The ending of its files.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
        }
    }

    /// How browsers call it.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// What makes papers.
pub struct Printer {
    /// Papers of publications, which never change, the last ones asked for first.
    kept: Mutex<VecDeque<(String, Arc<Vec<u8>>)>>,
    forms: BTreeMap<String, Form>,
    faces: OnceLock<Option<Faces>>,
    turns: Semaphore,
}

impl Default for Printer {
    fn default() -> Self {
        // A test reads every form that the product ships with.
        Self::new(&Files::new()).unwrap_or_else(|_| Self::with(BTreeMap::new()))
    }
}

impl Printer {
    fn with(forms: BTreeMap<String, Form>) -> Self {
        Self { kept: Mutex::default(), forms, faces: OnceLock::new(), turns: Semaphore::new(AT_ONCE) }
    }

    /// A printer with the operator's forms, by file name, in place of those that the product ships with.
    ///
    /// # Errors
    /// Every line of a form that is not understood, and files that are no form.
    pub fn new(own: &Files) -> Result<Self, Vec<Problem>> {
        let mut forms = BTreeMap::new();
        let mut problems = Vec::new();
        let shipped = FORMS.iter().map(|(stem, text)| (format!("{stem}.txt"), *text));
        let own = own.iter().map(|(name, text)| (name.clone(), text.as_str()));
        for (name, text) in shipped.chain(own) {
            let Some(stem) = name.strip_suffix(".txt") else { continue };
            let Some(kind) = Kind::of_form(stem) else {
                let known = Kind::ALL.map(Kind::key).join(", ");
                problems.push(Problem::of_file(
                    &name,
                    Text::new(
                        format!("tên tệp không cho biết loại văn bản; tên bắt đầu bằng một trong: {known}"),
                        format!("the file's name does not say what kind it is; it begins with one of: {known}"),
                    ),
                ));
                continue;
            };
            match Form::read(&name, text, kind.offer()) {
                Ok(form) => drop(forms.insert(stem.to_owned(), form)),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Self::with(forms)) } else { Err(problems) }
    }

    /// The names of the forms.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        self.forms.keys().map(String::as_str)
    }

    /// The paper that a form makes; `None` where there is no such form.
    pub fn paper(&self, form: &str, filling: &Filling) -> Option<Paper> {
        self.forms.get(form).map(|form| form.fill(filling))
    }

    /// The paper in a format; `None` where it has no table to make a workbook of.
    ///
    /// # Errors
    /// What a writer of the format refuses.
    pub fn write(&self, paper: &Paper, format: Format) -> Result<Option<Vec<u8>>, String> {
        match format {
            Format::Pdf => {
                let faces = self.faces.get_or_init(faces).as_ref().ok_or("no typeface")?;
                print::pdf(faces, paper).map(Some).map_err(|error| error.to_string())
            }
            Format::Docx => docx::write(paper).map(Some).map_err(|error| error.to_string()),
            Format::Xlsx => xlsx::write(paper).map_err(|error| error.to_string()),
        }
    }

    /// The same off the threads that answer pages, a few at once.
    ///
    /// # Errors
    /// As [`Printer::write`].
    pub async fn write_aside(
        self: &Arc<Self>,
        form: &'static str,
        filling: Filling,
        format: Format,
    ) -> Result<Option<Vec<u8>>, String> {
        let _turn = self.turns.acquire().await.map_err(|error| error.to_string())?;
        let printer = Arc::clone(self);
        let work = move || match printer.paper(form, &filling) {
            Some(paper) => printer.write(&paper, format),
            None => Ok(None),
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
    }
}

impl Printer {
    /// A paper that was kept under a name.
    pub fn kept(&self, name: &str) -> Option<Arc<Vec<u8>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(own, _)| own == name)?;
        let one = kept.remove(at)?;
        let bytes = Arc::clone(&one.1);
        kept.push_front(one);
        Some(bytes)
    }

    /// Keeps a paper that never changes under a name, as long as others are not asked for more.
    pub fn keep(&self, name: String, bytes: &[u8]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((name, Arc::new(bytes.to_vec())));
        while kept.len() > 1 && kept.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > KEPT_BYTES_MAX {
            kept.pop_back();
        }
    }

    /// The paper as PDF with a mark by which it is found again, off the threads that answer pages.
    ///
    /// # Errors
    /// As [`Printer::write`].
    pub async fn write_marked(
        self: &Arc<Self>,
        form: &'static str,
        filling: Filling,
        mark: String,
    ) -> Result<Vec<u8>, String> {
        let _turn = self.turns.acquire().await.map_err(|error| error.to_string())?;
        let printer = Arc::clone(self);
        let work = move || {
            let paper = printer.paper(form, &filling).ok_or("there is no such form")?;
            let paper = Paper { mark: Some(mark), ..paper };
            printer.write(&paper, Format::Pdf)?.ok_or_else(|| "nothing was written".to_owned())
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
    }
}

/// The typeface: of this machine where it has one with the right widths, else the product's own.
fn faces() -> Option<Faces> {
    let of_machine = PLACES.iter().find_map(|(folder, names)| {
        let read = |name: &str| std::fs::read(Path::new(folder).join(name)).ok();
        let [regular, bold, italic, both] = names.map(read);
        Faces::new([regular?, bold?, italic?, both?]).ok()
    });
    of_machine.or_else(|| {
        // A font says its PostScript name in its `name` table, once plain and once in two bytes a letter.
        let find = |name: &[u8]| {
            typst_assets::fonts()
                .find(|bytes| {
                    bytes
                        .windows(name.len() + 1)
                        .any(|own| own.starts_with(name) && !own[name.len()].is_ascii_alphanumeric())
                })
                .map(<[u8]>::to_vec)
        };
        let [regular, bold, italic, both] = OWN.map(find);
        Faces::new([regular?, bold?, italic?, both?]).ok()
    })
}
