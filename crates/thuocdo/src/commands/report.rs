//! `report`: official papers as PDF, Word and Excel, and the wording that operators change.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use criteria::Files;
use criteria::plan::AssignmentPlan;
use documents::paper::form::Filling;
use documents::papers::{self, FORMS, FORMS_GUIDE, Kind};
use serde_json::json;
use web::App;
use web::papers::{Head, Ready};
use web::printer::{Format, Printer};

use super::serve::{block_on, open};
use crate::arguments::{DataArguments, PaperArguments, ReportCommand, UnitPaperArguments};
use crate::data::{Library, read_text, with_texts, write};
use crate::failure::Failure;
use crate::output::Output;

/// Makes the paper that was asked for.
pub fn run(library: &Library<'_>, output: &Output, command: &ReportCommand) -> Result<ExitCode, Failure> {
    match command {
        ReportCommand::Assignment { plan, to } => {
            let (form, filling) = assignment(library, plan)?;
            finish(output, to, form, &filling)
        }
        ReportCommand::Set { set, to } => finish(output, to, "set", &papers::annex(&library.set(set)?)),
        ReportCommand::SelfAssessment(arguments) => {
            of_unit(library, output, arguments, About::Sheet(Kind::SelfAssessment))
        }
        ReportCommand::Appraisal(arguments) => of_unit(library, output, arguments, About::Sheet(Kind::Appraisal)),
        ReportCommand::Review(arguments) => of_unit(library, output, arguments, About::Review),
        ReportCommand::Reminder(arguments) => of_unit(library, output, arguments, About::Reminder),
        ReportCommand::Duties(arguments) => of_unit(library, output, arguments, About::Duties),
        ReportCommand::Survey { at, year, to } => {
            let ready = block_on(async {
                let app = app(library, at).await?;
                let round = round(&app, *year)?;
                web::papers::survey(&app, round, &head(to)).map_err(|failure| told(&failure))
            })?;
            finish(output, to, ready.form, &ready.filling)
        }
        ReportCommand::Ranking { at, publication, to } => {
            let ready = block_on(async {
                let app = app(library, at).await?;
                let id = published(&app, *publication).await?;
                web::papers::ranking(&app, id).await.map_err(|failure| told(&failure))
            })?;
            finish(output, to, ready.form, &ready.filling)
        }
        ReportCommand::Analysis { level, at, publication, to } => {
            let ready = block_on(async {
                let app = app(library, at).await?;
                let id = published(&app, *publication).await?;
                web::papers::analysis(&app, id, level).await.map_err(|failure| told(&failure))
            })?;
            finish(output, to, ready.form, &ready.filling)
        }
        ReportCommand::Certificate { unit, at, publication, to } => {
            let ready = block_on(async {
                let app = app(library, at).await?;
                let id = published(&app, *publication).await?;
                web::papers::certificate(&app, id, unit).await.map_err(|failure| told(&failure))
            })?;
            finish(output, to, ready.form, &ready.filling)
        }
        ReportCommand::Forms { output: folder } => forms(output, folder),
        ReportCommand::Check { forms } => {
            let count = printer(Some(forms))?.forms().count();
            output.line(output.pick(&format!("{count} mẫu dùng được"), &format!("{count} forms can be used")));
            Ok(ExitCode::SUCCESS)
        }
        ReportCommand::Preview { form, to } => {
            let kind = Kind::of_form(form).ok_or_else(|| no_form(form))?;
            finish(output, to, form, &kind.offer().sample())
        }
    }
}

/// The forms of the operator's folder over those that the product ships with.
pub fn printer(folder: Option<&Path>) -> Result<Printer, Failure> {
    let mut own = Files::new();
    if let Some(folder) = folder {
        let cannot = |error: std::io::Error| {
            let name = folder.display();
            Failure::usage(format!("không đọc được {name}: {error}"), format!("cannot read {name}: {error}"))
        };
        for entry in std::fs::read_dir(folder).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            if path.extension().is_some_and(|ending| ending == "txt")
                && let Some(name) = path.file_name().and_then(|name| name.to_str())
            {
                own.insert(name.to_owned(), read_text(&path)?);
            }
        }
    }
    Printer::new(&own).map_err(|mut problems| {
        let folder = folder.map_or_else(|| "forms".to_owned(), |folder| folder.display().to_string());
        for problem in &mut problems {
            problem.file = format!("{folder}/{}", problem.file);
        }
        with_texts(problems, &folder, own)
    })
}

fn no_form(name: &str) -> Failure {
    let known = FORMS.map(|(stem, _)| stem).join(", ");
    Failure::usage(
        format!("không có mẫu “{name}” (có: {known})"),
        format!("there is no form \"{name}\" (there are: {known})"),
    )
}

fn forms(output: &Output, folder: &Path) -> Result<ExitCode, Failure> {
    let cannot = |error: std::io::Error| {
        let name = folder.display();
        Failure::usage(format!("không tạo được thư mục {name}: {error}"), format!("cannot make {name}: {error}"))
    };
    std::fs::create_dir(folder).map_err(cannot)?;
    write(&folder.join("README.md"), FORMS_GUIDE.as_bytes())?;
    for (stem, text) in FORMS {
        write(&folder.join(format!("{stem}.txt")), text.as_bytes())?;
    }
    output.line(folder.display().to_string());
    Ok(ExitCode::SUCCESS)
}

/// Writes the paper in the format that the file's ending says.
fn finish(output: &Output, to: &PaperArguments, form: &str, filling: &Filling) -> Result<ExitCode, Failure> {
    let ending = to.output.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let format = Format::of_ending(ending).ok_or_else(|| {
        Failure::usage(
            "tên tệp cần kết thúc bằng .pdf, .docx hoặc .xlsx",
            "the file's name must end in .pdf, .docx or .xlsx",
        )
    })?;
    let printer = printer(to.forms.as_deref())?;
    let mut paper = printer.paper(form, filling).ok_or_else(|| no_form(form))?;
    paper.day = paper.day.or_else(|| Some(cycle::time::day_of(jiff::Timestamp::now())));
    let bytes = printer.write(&paper, format).map_err(|error| {
        Failure::usage(format!("không tạo được văn bản: {error}"), format!("the paper cannot be made: {error}"))
    })?;
    let bytes = bytes.ok_or_else(|| {
        Failure::usage("văn bản này không có bảng để xuất ra Excel", "this paper has no table to make a workbook of")
    })?;
    write(&to.output, &bytes)?;
    let file = to.output.display().to_string();
    if output.json {
        output.json(&json!({ "file": file, "form": form, "title": paper.title, "bytes": bytes.len() }));
    } else {
        output.line(format!("{file}: {}", paper.title));
    }
    Ok(ExitCode::SUCCESS)
}

fn assignment(library: &Library<'_>, id: &str) -> Result<(&'static str, Filling), Failure> {
    let (folder, files) = library.plan_files(id)?.ok_or_else(|| {
        let known = library.plan_ids().join(", ");
        Failure::usage(
            format!("không có bảng phân công “{id}” (có: {known})"),
            format!("there is no assignment plan \"{id}\" (there are: {known})"),
        )
    })?;
    let set = library.set(&AssignmentPlan::set_id(&files).unwrap_or_default())?;
    let plan =
        AssignmentPlan::read(&folder, &files, &set).map_err(|problems| with_texts(problems, &folder, files.clone()))?;
    Ok(papers::from_plan(&set, &plan))
}

/// What a paper about a unit is about.
#[derive(Clone, Copy)]
enum About {
    Sheet(Kind),
    Review,
    Reminder,
    Duties,
}

fn of_unit(
    library: &Library<'_>,
    output: &Output,
    arguments: &UnitPaperArguments,
    about: About,
) -> Result<ExitCode, Failure> {
    let head = head(&arguments.to);
    let ready: Ready = block_on(async {
        let app = app(library, &arguments.at).await?;
        let round = round(&app, arguments.year)?;
        let sheet = {
            let state = app.store.state();
            let unit = state.tree.by_code(&arguments.unit);
            unit.and_then(|unit| state.sheet_of.get(&(round, unit.id)).copied())
        };
        let sheet = sheet.ok_or_else(|| {
            let unit = &arguments.unit;
            Failure::usage(
                format!("đơn vị {unit} không có phiếu trong kỳ này"),
                format!("the unit {unit} has no sheet in this round"),
            )
        })?;
        let ready = match about {
            About::Sheet(kind) => web::papers::sheet(&app, sheet, kind, &head).await,
            About::Reminder => web::papers::reminder(&app, sheet, &head).await,
            About::Duties => web::papers::assignment(&app, sheet, &head).await,
            About::Review => {
                let reviews = app.store.reviews(sheet).await.map_err(|error| Failure::Use(error.text()))?;
                let latest = reviews.first().ok_or_else(|| {
                    Failure::usage("đơn vị chưa có đợt rà soát nào", "the unit has had no review yet")
                })?;
                web::papers::review(&app, sheet, latest.id, &head).await
            }
        };
        ready.map_err(|failure| told(&failure))
    })?;
    finish(output, &arguments.to, ready.form, &ready.filling)
}

fn head(to: &PaperArguments) -> Head {
    Head { number: to.number.clone(), day: to.day }
}

async fn app(library: &Library<'_>, at: &DataArguments) -> Result<App, Failure> {
    Ok(App::new(open(at).await?, library.for_pages()?, false))
}

/// The round of a year; the latest where none is said.
fn round(app: &App, year: Option<i16>) -> Result<cycle::RoundId, Failure> {
    let state = app.store.state();
    let by_year: BTreeMap<i16, cycle::RoundId> = state.rounds.values().map(|round| (round.year, round.id)).collect();
    let found = match year {
        Some(year) => by_year.get(&year),
        None => by_year.values().next_back(),
    };
    found.copied().ok_or_else(|| Failure::usage("không có kỳ đánh giá nào như vậy", "there is no such round"))
}

async fn published(app: &App, id: Option<i64>) -> Result<i64, Failure> {
    let all = app.store.publications().await.map_err(|error| Failure::Use(error.text()))?;
    let found = match id {
        Some(id) => all.iter().find(|one| one.id == id),
        None => all.iter().max_by_key(|one| (one.head.year, one.id)),
    };
    found
        .map(|one| one.id)
        .ok_or_else(|| Failure::usage("chưa công bố kết quả nào như vậy", "there is no such publication"))
}

fn told(failure: &web::failure::Failure) -> Failure {
    Failure::Use(failure.parts().1)
}
