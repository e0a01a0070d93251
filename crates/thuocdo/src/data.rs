//! Files in: criteria sets and plans (built in, or a folder), figures, rounds, units.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

use criteria::round::Round;
use criteria::{CriteriaSet, Files, Picks, limits};
use include_dir::{Dir, include_dir};
use scoring::{Figures, KnownNotation, Program, Refusal};

use crate::arguments::{FiguresArguments, SetArguments};
use crate::failure::Failure;
use crate::progress::Progress;

/// The official sets, as they stand in the repository.
static CRITERIA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../criteria");
/// The assignment plans, as they stand in the repository.
static PLANS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../plans");

/// Where sets and plans are found.
pub struct Library<'a> {
    folder: Option<&'a Path>,
}

impl<'a> Library<'a> {
    /// The built-in sets, and those in `folder` where one is named.
    pub fn new(folder: Option<&'a Path>) -> Self {
        Self { folder }
    }

    /// The ids of all sets, in order.
    pub fn set_ids(&self) -> Result<Vec<String>, Failure> {
        let mut ids: Vec<String> = CRITERIA
            .dirs()
            .filter(|dir| dir.get_file(dir.path().join("set.toml")).is_some())
            .filter_map(|dir| dir.path().file_name()?.to_str().map(str::to_owned))
            .collect();
        if let Some(folder) = self.folder {
            let entries = fs::read_dir(folder).map_err(|error| cannot_read(folder, &error))?;
            for entry in entries {
                let entry = entry.map_err(|error| cannot_read(folder, &error))?;
                if entry.path().join("set.toml").is_file() {
                    ids.extend(entry.file_name().to_str().map(str::to_owned));
                }
            }
        }
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    /// The ids of the built-in plans, in order.
    pub fn plan_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> =
            PLANS.dirs().filter_map(|dir| dir.path().file_name()?.to_str().map(str::to_owned)).collect();
        ids.sort();
        ids
    }

    /// The set with an id, or in a folder.
    pub fn set(&self, id_or_path: &str) -> Result<CriteriaSet, Failure> {
        let (folder, files) = self.set_files(id_or_path)?;
        CriteriaSet::read(&folder, &files).map_err(|problems| with_texts(problems, &folder, files))
    }

    /// The files of the set with an id, or in a folder, and how problems name the folder.
    pub fn set_files(&self, id_or_path: &str) -> Result<(String, Files), Failure> {
        let path = Path::new(id_or_path);
        if path.join("set.toml").is_file() {
            return Ok((id_or_path.trim_end_matches('/').to_owned(), read_folder(path)?));
        }
        if let Some(folder) =
            self.folder.map(|folder| folder.join(id_or_path)).filter(|folder| folder.join("set.toml").is_file())
        {
            return Ok((folder.display().to_string(), read_folder(&folder)?));
        }
        if let Some(dir) = CRITERIA.get_dir(id_or_path) {
            return Ok((format!("criteria/{id_or_path}"), embedded(dir)));
        }
        let known = self.set_ids()?.join(", ");
        Err(Failure::usage(
            format!("không có bộ chỉ số “{id_or_path}”, cũng không có thư mục nào như vậy chứa set.toml (có: {known})"),
            format!("there is no set \"{id_or_path}\", and no such folder with a set.toml (there are: {known})"),
        ))
    }

    /// All sets and plans, as pages need them.
    pub fn for_pages(&self) -> Result<web::Library, Failure> {
        let mut pages = web::Library::default();
        for id in self.set_ids()? {
            let files = self.set_files(&id)?.1;
            pages.sets.insert(id, files);
        }
        for (from, to) in pages.sets.keys().flat_map(|from| pages.sets.keys().map(move |to| (from, to))) {
            if let Some((_, text)) = self.mapping(from, to) {
                pages.mappings.insert(format!("{from}--{to}"), text);
            }
        }
        for id in self.plan_ids() {
            if let Some((_, files)) = self.plan_files(&id)? {
                pages.plans.insert(id, files);
            }
        }
        Ok(pages)
    }

    /// The files of the plan with an id, or in a folder; `None` where there is none.
    pub fn plan_files(&self, id_or_path: &str) -> Result<Option<(String, Files)>, Failure> {
        let path = Path::new(id_or_path);
        if path.join("plan.toml").is_file() {
            return Ok(Some((id_or_path.trim_end_matches('/').to_owned(), read_folder(path)?)));
        }
        let id = id_or_path.strip_prefix("plans/").unwrap_or(id_or_path);
        Ok(PLANS.get_dir(id).map(|dir| (format!("plans/{id}"), embedded(dir))))
    }

    /// The files of the plan with an id, or in a folder, where no set has that name.
    pub fn plan_only(&self, id_or_path: &str) -> Result<Option<(String, Files)>, Failure> {
        if Path::new(id_or_path).join("set.toml").is_file() || CRITERIA.get_dir(id_or_path).is_some() {
            return Ok(None);
        }
        self.plan_files(id_or_path)
    }

    /// The mapping kept for two sets, as file name and text.
    pub fn mapping(&self, from: &str, to: &str) -> Option<(String, String)> {
        let name = format!("mappings/{from}--{to}.toml");
        let kept = self.folder.and_then(|folder| fs::read_to_string(folder.join(&name)).ok());
        let text = kept.or_else(|| CRITERIA.get_file(&name)?.contents_utf8().map(str::to_owned))?;
        Some((format!("criteria/{name}"), text))
    }

    /// The program of a set for a round.
    pub fn program(&self, arguments: &SetArguments) -> Result<Program, Failure> {
        let mut set = self.set(&arguments.set)?;
        let mut picks = Picks::new();
        let mut year = arguments.year;
        if let Some(path) = &arguments.round {
            let text = read_text(path)?;
            let name = path.display().to_string();
            let round = Round::read(&name, &text)
                .map_err(|problems| Failure::Problems(problems, vec![(name.clone(), text.clone())]))?;
            year = year.or(round.year);
            picks.extend(round.picks);
            if !round.grades.is_empty() {
                set.head.ranking.grades = round.grades;
            }
        }
        for pick in &arguments.pick {
            let (reading, variant) = pick.split_once('=').ok_or_else(|| {
                Failure::usage(
                    format!("--pick “{pick}”: cần dạng CÁCH-HIỂU=PHƯƠNG-ÁN"),
                    format!("--pick \"{pick}\": READING=VARIANT is needed"),
                )
            })?;
            picks.insert(reading.to_owned(), variant.to_owned());
        }
        Program::new(&set, &picks, year).map_err(|texts| {
            let vi = texts.iter().map(|text| text.vi.as_str()).collect::<Vec<_>>().join("; ");
            let en = texts.iter().map(|text| text.en.as_str()).collect::<Vec<_>>().join("; ");
            Failure::usage(vi, en)
        })
    }

    /// The program and the figures that a command names.
    pub fn figures(&self, arguments: &FiguresArguments) -> Result<(Program, Figures), Failure> {
        let program = self.program(&arguments.set)?;
        let figures = read_figures(&program, &arguments.figures, arguments.notation.into())?;
        Ok((program, figures))
    }
}

/// Reads a file of figures: by its ending CSV, JSON or a workbook.
pub fn read_figures(program: &Program, path: &Path, notation: KnownNotation) -> Result<Figures, Failure> {
    let name = path.display().to_string();
    let _progress = Progress::over(name.clone());
    let size = fs::metadata(path).map_err(|error| cannot_read(path, &error))?.len();
    if size > limits::FIGURES_BYTES_MAX {
        let most = limits::FIGURES_BYTES_MAX;
        return Err(Failure::Refused(vec![Refusal::new(
            name,
            criteria::Text::new(
                format!("tệp có {size} byte, tối đa {most}"),
                format!("the file has {size} bytes, at most {most} are read"),
            ),
        )]));
    }
    let bytes = fs::read(path).map_err(|error| cannot_read(path, &error))?;
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    // Places name the file without its folders: they are read by people, beside each figure.
    let short = path.file_name().and_then(|file| file.to_str()).unwrap_or(&name);
    let rows = match ending.as_str() {
        "csv" => scoring::input::from_csv(short, &bytes),
        "json" => scoring::input::from_json(short, &bytes),
        "xlsx" => documents::workbook::read(program, short, &bytes),
        _ => {
            return Err(Failure::usage(
                format!("{name}: không nhận ra loại tệp “{ending}” (có: csv, json, xlsx)"),
                format!("{name}: files of kind \"{ending}\" are not known (there are: csv, json, xlsx)"),
            ));
        }
    };
    rows.and_then(|rows| scoring::figures::collect(program, rows, notation)).map_err(Failure::Refused)
}

/// Units, one a line; blank lines are left out.
pub fn read_units(path: &Path) -> Result<Vec<String>, Failure> {
    let text = read_text(path)?;
    Ok(text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}

/// A text file in UTF-8.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let size = fs::metadata(path).map_err(|error| cannot_read(path, &error))?.len();
    if size > limits::SET_FILE_BYTES_MAX as u64 {
        let (name, most) = (path.display(), limits::SET_FILE_BYTES_MAX);
        return Err(Failure::usage(
            format!("{name}: {size} byte, tối đa {most}"),
            format!("{name}: {size} bytes, at most {most} are read"),
        ));
    }
    let bytes = fs::read(path).map_err(|error| cannot_read(path, &error))?;
    String::from_utf8(bytes).map_err(|_| {
        let name = path.display();
        Failure::usage(format!("{name}: không phải UTF-8"), format!("{name}: not UTF-8"))
    })
}

/// A file's bytes, at most so many; a file without an end is stopped at the limit too.
pub fn read_bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| cannot_read(path, &error))?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(path, &error))?;
    if bytes.len() as u64 > bytes_max {
        let name = path.display();
        return Err(Failure::usage(
            format!("{name}: quá {bytes_max} byte"),
            format!("{name}: more than {bytes_max} bytes"),
        ));
    }
    Ok(bytes)
}

/// Writes a file whole or not at all: beside its place first, then moved.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    fs::write(beside, bytes).and_then(|()| fs::rename(beside, path)).map_err(|error| {
        let _ = fs::remove_file(beside);
        let name = path.display();
        Failure::usage(format!("không ghi được {name}: {error}"), format!("cannot write {name}: {error}"))
    })
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Failure {
    let name = path.display();
    match error.kind() {
        ErrorKind::NotFound => Failure::usage(format!("không có tệp {name}"), format!("there is no file {name}")),
        _ => Failure::usage(format!("không đọc được {name}: {error}"), format!("cannot read {name}: {error}")),
    }
}

/// Problems together with the texts that they point into.
pub fn with_texts(problems: Vec<criteria::Problem>, folder: &str, files: Files) -> Failure {
    let texts = files.into_iter().map(|(file, text)| (format!("{folder}/{file}"), text)).collect();
    Failure::Problems(problems, texts)
}

fn embedded(dir: &Dir<'_>) -> Files {
    let mut files = BTreeMap::new();
    let mut open = vec![dir];
    while let Some(next) = open.pop() {
        open.extend(next.dirs());
        for file in next.files() {
            let name = file.path().strip_prefix(dir.path()).ok().and_then(|path| path.to_str());
            if let (Some(name), Some(text)) = (name, file.contents_utf8()) {
                files.insert(name.replace('\\', "/"), text.to_owned());
            }
        }
    }
    files
}

/// The text files below a folder that a set or plan is made of: TOML, sources, notes.
fn read_folder(folder: &Path) -> Result<Files, Failure> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).map_err(|error| cannot_read(&next, &error))? {
            let entry = entry.map_err(|error| cannot_read(&next, &error))?;
            let path = entry.path();
            // Links are not followed: a folder cannot contain itself.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
                continue;
            }
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if !matches!(ending, "toml" | "txt" | "md") {
                continue;
            }
            let name =
                path.strip_prefix(folder).ok().and_then(|name| name.to_str()).unwrap_or_default().replace('\\', "/");
            files.insert(name, read_text(&path)?);
        }
    }
    Ok(files)
}
