//! The demonstration's province: made-up units, people and figures, last year complete and this year under way.
//!
//! Everything follows from a seed, so that two demonstrations are alike. Names are put together from syllables and
//! codes begin with M, so that nobody takes a unit for a real one; people are called by their positions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use criteria::date::Date;
use criteria::model::Grade;
use criteria::{CriteriaSet, Share, Text};
use cycle::round::Days;
use cycle::{AssessmentId, Capability, Phase, RoundId, UnitId, time};
use jiff::{SignedDuration, Timestamp};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use store::command::{AssignmentChange, Beginning, Filling, NewEvidence, NewLevel, NewPerson, NewUnit};
use store::{Actor, Command, Store};
use web::Library;

use crate::failure::Failure;
use crate::made_up;
use crate::papers::Office;

/// The code of the agency that appraises what no other does; visitors enter it.
pub const AGENCY: &str = "M0-10";
/// The other appraising agencies, with the pillars whose indicators are theirs, in the sets of all levels.
const AGENCIES: [(&str, &[&str]); 3] = [("M0-02", &["IV"]), ("M0-22", &["V"]), ("M0-23", &["VI", "IX"])];
/// Agencies that are not measured themselves, and why.
const NOT_MEASURED: [(&str, &str); 2] = [
    ("M0-22", "Cơ quan ngành dọc, không xếp hạng cùng các sở, ban, ngành"),
    ("M0-23", "Đơn vị sự nghiệp phục vụ điều hành, không xếp hạng cùng các sở, ban, ngành"),
];
/// Grades of the demonstration's own, from how many percent on; the decisions print none.
const GRADES: [(&str, &str); 3] = [("Tốt (mẫu)", "80%"), ("Khá (mẫu)", "70%"), ("Trung bình (mẫu)", "50%")];
/// The units that visitors enter: there is some of everything in them.
pub const SHOWN: [&str; 2] = ["M1-001", AGENCY];
/// How many communes the province has.
const COMMUNES: usize = 141;
/// The departments, and two agencies that only appraise.
const DEPARTMENTS: [&str; 23] = [
    "Văn phòng UBND tỉnh",
    "Sở Nội vụ",
    "Sở Tư pháp",
    "Sở Tài chính",
    "Sở Công Thương",
    "Sở Nông nghiệp",
    "Sở Giao thông",
    "Sở Xây dựng",
    "Sở Tài nguyên và Môi trường",
    "Sở Thông tin và Truyền thông",
    "Sở Lao động",
    "Sở Văn hóa và Thể thao",
    "Sở Du lịch",
    "Sở Khoa học và Công nghệ",
    "Sở Giáo dục và Đào tạo",
    "Sở Y tế",
    "Sở Kế hoạch và Đầu tư",
    "Sở Ngoại vụ",
    "Thanh tra tỉnh",
    "Ban Dân tộc",
    "Ban Quản lý khu kinh tế",
    "Công an tỉnh",
    "Trung tâm Giám sát, điều hành thông minh (IOC)",
];
const FIRST: [&str; 15] = [
    "Hòa", "Tân", "Yên", "Phú", "Sơn", "Thanh", "Quang", "Trung", "Đông", "Xuân", "Minh", "Ngọc", "Lộc", "Thịnh",
    "Khánh",
];
const SECOND: [&str; 10] = ["Bình", "Thượng", "Hạ", "Giang", "Lâm", "Phong", "Trạch", "Hưng", "Điền", "Lạc"];

/// The set of each level.
const LEVELS: [(&str, &str); 2] = [("commune", "hue-2263-2023-commune"), ("department", "hue-2263-2023-department")];

/// A commune's positions: code, name, what they may do beyond filling in what is assigned.
fn commune_positions() -> Vec<(&'static str, &'static str, Vec<Capability>)> {
    use Capability::{Assign, FillAny, FillAssigned, ManagePeople, ReadSheets, Review, Submit};
    let worker = vec![ReadSheets, FillAssigned];
    vec![
        ("CT", "Chủ tịch UBND", vec![ReadSheets, Review, Submit, Assign, ManagePeople, FillAny, FillAssigned]),
        (
            "VP-TK",
            "Đầu mối chuyển đổi số, Văn phòng – Thống kê",
            vec![ReadSheets, FillAny, FillAssigned, Assign, Review],
        ),
        ("PCT", "Phó Chủ tịch UBND", worker.clone()),
        ("VH-XH", "Công chức Văn hóa – Xã hội", worker.clone()),
        ("TC-KT", "Công chức Tài chính – Kế toán", worker.clone()),
        ("ĐC-XD", "Công chức Địa chính – Xây dựng", worker.clone()),
        ("TP-HT", "Công chức Tư pháp – Hộ tịch", worker.clone()),
        ("CA", "Công an", worker),
    ]
}

struct World<'a> {
    store: &'a Store,
    library: &'a Library,
    random: ChaCha8Rng,
}

impl World<'_> {
    fn below(&mut self, most: u32) -> u32 {
        self.random.next_u32() % most.max(1)
    }

    async fn many(&self, at: Timestamp, commands: Vec<Command>) -> Result<(), Failure> {
        self.store.change(Actor::Operator, at, Command::Many(commands)).await.map_err(refused)?;
        Ok(())
    }

    fn set(&self, id: &str) -> Result<CriteriaSet, Failure> {
        let files = self.library.sets.get(id).ok_or_else(broken)?;
        CriteriaSet::read(id, files).map_err(|_| broken())
    }
}

pub fn broken() -> Failure {
    Failure::usage("dữ liệu mẫu đi kèm bị hỏng", "the made-up data that ships is broken")
}

/// A refusal of the store as the command line tells it.
pub fn refused(refusal: store::Refusal) -> Failure {
    let failure = match refusal {
        store::Refusal::Denied(denial) => denial.text(),
        store::Refusal::NotFound => Text::new("không tìm thấy", "not found"),
        store::Refusal::Invalid(fields) => {
            let text = |of: fn(&Text) -> &str| {
                fields.iter().map(|one| format!("{}: {}", one.field, of(&one.message))).collect::<Vec<_>>().join("; ")
            };
            Text::new(text(|text| &text.vi), text(|text| &text.en))
        }
        store::Refusal::Stale(_) => Text::new("có người vừa sửa", "somebody changed it meanwhile"),
        store::Refusal::Failed(error) => error.text(),
    };
    Failure::Use(failure)
}

/// An instant of the demonstration: a day, at an hour in Viet Nam.
pub fn at(day: &str, hour: i64) -> Result<Timestamp, Failure> {
    let day: Date = day.parse().map_err(|_| broken())?;
    time::start_of(day).checked_add(SignedDuration::from_hours(hour)).map_err(|_| broken())
}

fn days(from: &str, to: &str) -> Result<Days, Failure> {
    let day = |text: &str| text.parse().map_err(|_| broken());
    Ok(Days { from: day(from)?, to: day(to)? })
}

/// Builds the province in an empty store; the certificate that its made-up signatures lead to goes into `trust`.
pub async fn build(store: &Store, library: &Library, trust: &Path) -> Result<(), Failure> {
    let mut world = World { store, library, random: ChaCha8Rng::seed_from_u64(2023) };
    let start = at("2022-01-03", 8)?;
    units(&world, start).await?;
    people(&world, start).await?;
    let last = round(&world, 2022, start, true).await?;
    fill_year(&mut world, last, 2022, true, None).await?;
    let this = round(&world, 2023, at("2023-03-01", 8)?, false).await?;
    assign(&world, this, at("2023-04-02", 8)?).await?;
    let office = Office::open()?;
    keep_root(trust, &office)?;
    fill_year(&mut world, this, 2023, false, Some(&office)).await?;
    talk(&world, this).await
}

/// Puts the made-up root where the operator's anchors are.
fn keep_root(trust: &Path, office: &Office) -> Result<(), Failure> {
    let kept = std::fs::create_dir_all(trust)
        .and_then(|()| std::fs::write(trust.join("goc-mau-bia-dat-made-up-root.pem"), office.root()));
    kept.map_err(|error| {
        let path = trust.display();
        Failure::usage(format!("không ghi được {path}: {error}"), format!("cannot write {path}: {error}"))
    })
}

async fn units(world: &World<'_>, at: Timestamp) -> Result<(), Failure> {
    let new = |code: String, name: String, kind: &str, level: &str, parent: Option<&str>| NewUnit {
        code,
        name,
        kind: kind.to_owned(),
        level: level.to_owned(),
        parent: parent.map(str::to_owned),
        from: Date::new(2016, 1, 1).ok(),
        to: None,
    };
    let mut all = vec![new("M00".to_owned(), "Tỉnh Bình Nguyên (mẫu)".to_owned(), "tỉnh", "province", None)];
    for (at, name) in DEPARTMENTS.iter().enumerate() {
        all.push(new(format!("M0-{:02}", at + 1), (*name).to_owned(), "sở, ban, ngành", "department", Some("M00")));
    }
    for at in 0..COMMUNES {
        let kind = match at % 7 {
            3 => "phường",
            5 => "thị trấn",
            _ => "xã",
        };
        let title = match kind {
            "phường" => "Phường",
            "thị trấn" => "Thị trấn",
            _ => "Xã",
        };
        // Every pair of syllables once; the first is Hòa Bình.
        let name = format!("{title} {} {}", FIRST[at % FIRST.len()], SECOND[(at / FIRST.len()) % SECOND.len()]);
        all.push(new(format!("M1-{:03}", at + 1), name, kind, "commune", Some("M00")));
    }
    world.many(at, vec![Command::AddUnits(all)]).await
}

async fn people(world: &World<'_>, at: Timestamp) -> Result<(), Failure> {
    use Capability::{Audit, Decide, ManagePeople, ManageUnits, ReadSheets, RunRound};
    let mut units: Vec<(UnitId, String, String, String)> = {
        let state = world.store.state();
        state.tree.all().map(|unit| (unit.id, unit.code.clone(), unit.name.clone(), unit.level.clone())).collect()
    };
    units.sort_by(|a, b| a.1.cmp(&b.1));
    let mut positions = Vec::new();
    for (unit, unit_code, unit_name, level) in &units {
        let own: Vec<(&str, &str, Vec<Capability>)> = match level.as_str() {
            "province" => vec![
                (
                    "BCĐ",
                    "Văn phòng Ban Chỉ đạo, chủ kỳ đánh giá",
                    vec![RunRound, Decide, ReadSheets, ManagePeople, ManageUnits],
                ),
                ("LĐ", "Lãnh đạo tỉnh", vec![ReadSheets]),
                ("QT", "Quản trị hệ thống", Capability::ALL.to_vec()),
                ("KT", "Kiểm toán hệ thống", vec![Audit, ReadSheets]),
            ],
            _ => commune_positions(),
        };
        let (first, second) =
            (format!("Người thẩm định, {unit_name}"), format!("Người thẩm định thứ hai, {unit_name}"));
        let appraises = |code: &str| match code {
            "TĐ" => unit_code == AGENCY || AGENCIES.iter().any(|(agency, _)| agency == unit_code),
            _ => unit_code == AGENCY,
        };
        let appraisers = [("TĐ", first.as_str()), ("TĐ2", second.as_str())].into_iter();
        let appraisers = appraisers.filter(|(code, _)| appraises(code));
        let appraisers = appraisers.map(|(code, name)| (code, name, vec![Capability::Appraise]));
        for (code, name, capabilities) in own.into_iter().chain(appraisers) {
            positions.push(Command::AddPosition {
                unit: *unit,
                code: code.to_owned(),
                name: match (code, level.as_str()) {
                    ("CT", "department") => "Giám đốc".to_owned(),
                    ("PCT", "department") => "Phó Giám đốc".to_owned(),
                    _ => name.to_owned(),
                },
                capabilities: capabilities.into_iter().collect(),
            });
        }
    }
    world.many(at, positions).await?;
    let mut people = Vec::new();
    {
        let state = world.store.state();
        for (unit, unit_code, name, _) in &units {
            for position in state.positions_of(*unit) {
                let key: String = scoring::notation::fold(&position.code).replace(' ', "-");
                // Everybody is there in the first commune; elsewhere the head and the focal point are.
                let full = ["M00", "M1-001", AGENCY].contains(&unit_code.as_str());
                if !full && !["CT", "PCT", "VP-TK", "TĐ"].contains(&position.code.as_str()) {
                    continue;
                }
                people.push(Command::AddPerson(NewPerson {
                    login: format!("{key}@{}.mau.example", unit_code.to_lowercase()),
                    name: match position.code.as_str() {
                        "CT" => crate::signed::name(unit_code, false),
                        "PCT" => crate::signed::name(unit_code, true),
                        code => format!("{code}, {name}"),
                    },
                    position: Some(position.id),
                    from: time::day_of(at),
                    invitation: None,
                    calendar: web::app::secret().map_err(|_| broken())?,
                }));
            }
        }
    }
    world.many(at, people).await
}

async fn round(world: &World<'_>, year: i16, at: Timestamp, over: bool) -> Result<RoundId, Failure> {
    let y = |text: &str| text.replace("YYYY", &year.to_string()).replace("ZZZZ", &(year + 1).to_string());
    let spans = [
        (Phase::Draft, "YYYY-03-01", "YYYY-03-31"),
        (Phase::Collecting, "YYYY-04-01", "YYYY-10-31"),
        (Phase::Appraising, "YYYY-11-01", "YYYY-11-30"),
        (Phase::Explaining, "YYYY-12-01", "YYYY-12-20"),
        (Phase::Deciding, "YYYY-12-21", "ZZZZ-01-10"),
        (Phase::Published, "ZZZZ-01-11", "ZZZZ-01-31"),
    ];
    let mut phases = BTreeMap::new();
    for (phase, from, to) in spans {
        phases.insert(phase, days(&y(from), &y(to))?);
    }
    let owner = world.store.state().tree.by_code("M00").map(|unit| unit.id).ok_or_else(broken)?;
    let (mut levels, mut sets) = (Vec::new(), Vec::new());
    for (level, set) in LEVELS {
        let files = world.library.sets.get(set).ok_or_else(broken)?.clone();
        let read = world.set(set)?;
        let mut figures = BTreeMap::new();
        for line in made_up::csv(&read, 0, 2023).lines().skip(1) {
            if let [_, _, figure, value] = line.split(',').collect::<Vec<_>>()[..] {
                figures.insert(figure.to_owned(), value.to_owned());
            }
        }
        levels.push(NewLevel {
            level: level.to_owned(),
            set: set.to_owned(),
            files,
            // Last year's readings were decided as the sets answer them.
            picks: match over {
                true => read.head.readings.iter().map(|one| (one.id.clone(), one.answer.clone())).collect(),
                false => BTreeMap::new(),
            },
            figures,
            units: None,
        });
        sets.push(read);
    }
    let mut appraisers = BTreeMap::from([("*".to_owned(), AGENCY.to_owned())]);
    for pillar in sets.iter().flat_map(|set| &set.pillars) {
        let own = AGENCIES.iter().find(|(_, pillars)| pillars.contains(&pillar.pillar.no.as_str()));
        if let Some((agency, _)) = own {
            appraisers.extend(pillar.indicators.iter().map(|one| (one.id.clone(), (*agency).to_owned())));
        }
    }
    let mut beginning = Beginning::default();
    for (code, reason) in NOT_MEASURED {
        let unit = world.store.state().tree.by_code(code).map(|unit| unit.id).ok_or_else(broken)?;
        beginning.absent.insert(unit, reason.to_owned());
    }
    for (level, _) in LEVELS {
        let grade = |(name, from): (&str, &str)| Some(Grade { name: name.to_owned(), from: Share::parse(from)? });
        beginning.grades.insert(level.to_owned(), GRADES.into_iter().filter_map(grade).collect());
    }
    let command = Command::CreateRound {
        owner,
        year,
        title: format!("Kỳ đánh giá {year}"),
        days: phases,
        levels,
        made_up: true,
        appraisers,
        beginning,
    };
    let done = world.store.change(Actor::Operator, at, command).await.map_err(refused)?;
    let id = RoundId(done.id.ok_or_else(broken)?);
    let later = at.checked_add(SignedDuration::from_hours(24)).unwrap_or(at);
    let phase = |phase| Command::SetPhase { round: id, phase, reason: String::new() };
    world.store.change(Actor::Operator, later, phase(Phase::Collecting)).await.map_err(refused)?;
    Ok(id)
}

/// Who leads which pillar: the commune's people by their trades.
fn lead_of(pillar: usize, indicator: usize) -> &'static str {
    match (pillar, indicator % 3) {
        (0, 0) | (1, _) | (5, 1) => "VP-TK",
        (0, _) | (3, _) | (7, _) => "VH-XH",
        (2, _) => "ĐC-XD",
        (4, _) => "CA",
        (5, _) => "TP-HT",
        _ => "TC-KT",
    }
}

async fn assign(world: &World<'_>, round: RoundId, at: Timestamp) -> Result<(), Failure> {
    let mut commands = Vec::new();
    {
        let state = world.store.state();
        for row in state.assessments.values().filter(|one| one.round == round) {
            let Some(level) = state.levels.get(&row.level) else { continue };
            let positions = state.positions_of(row.unit);
            let position = |code: &str| positions.iter().find(|one| one.code == code).map(|one| one.id);
            let mut changes = Vec::new();
            for (number, pillar) in level.program.set.pillars.iter().enumerate() {
                for (place, indicator) in pillar.indicators.iter().enumerate() {
                    let lead = lead_of(number, place);
                    let other = if lead == "VP-TK" { "VH-XH" } else { "VP-TK" };
                    for (code, leads) in [(lead, true), (other, false)] {
                        if (leads || place % 4 == 0)
                            && let Some(position) = position(code)
                        {
                            changes.push(AssignmentChange {
                                indicator: indicator.id.clone(),
                                position,
                                leads: Some(leads),
                                due: None,
                            });
                        }
                    }
                }
            }
            commands.push((row.unit, Command::Assign { round, unit: row.unit, changes }));
        }
    }
    commands.sort_by_key(|(unit, _)| *unit);
    world.many(at, commands.into_iter().map(|(_, command)| command).collect()).await
}

/// Figures of made-up units in the order of the file: profile, and figures by indicator.
type Made = Vec<(BTreeMap<String, String>, BTreeMap<String, BTreeMap<String, String>>)>;

fn figures(set: &CriteriaSet, units: usize, seed: u64) -> Made {
    let mut made: Made = Vec::new();
    let mut last = String::new();
    let text = made_up::csv(set, units, seed);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for record in reader.records().flatten() {
        let (unit, indicator, figure, value) = (&record[0], &record[1], &record[2], &record[3]);
        if unit.is_empty() {
            continue;
        }
        if unit != last {
            made.push((BTreeMap::new(), BTreeMap::new()));
            last = unit.to_owned();
        }
        let Some((profile, entries)) = made.last_mut() else { continue };
        if indicator.is_empty() {
            profile.insert(figure.to_owned(), value.to_owned());
        } else {
            entries.entry(indicator.to_owned()).or_default().insert(figure.to_owned(), value.to_owned());
        }
    }
    made
}

/// A page that says that it is made up, as a PDF.
pub fn paper(title: &str) -> Vec<u8> {
    let plain: String = scoring::notation::fold(title)
        .chars()
        .filter(|letter| letter.is_ascii() && !"()\\".contains(*letter))
        .collect();
    let text = format!("BT /F1 18 Tf 72 760 Td (TAI LIEU MAU - MADE UP) Tj 0 -40 Td /F1 12 Tf ({plain}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let table = pdf.len();
    pdf.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        pdf.push_str(&format!("{place:010} 00000 n \n"));
    }
    pdf.push_str(&format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1));
    pdf.into_bytes()
}

async fn fill_year(
    world: &mut World<'_>,
    round: RoundId,
    year: i16,
    whole: bool,
    office: Option<&Office>,
) -> Result<(), Failure> {
    let seed = u64::from(year.unsigned_abs());
    let mut papers = Vec::new();
    for name in crate::signed::PLAIN {
        let stored = world.store.evidence.put(&paper(name)).await.map_err(|_| broken())?;
        papers.push(NewEvidence {
            name: format!("{name} (mẫu).pdf"),
            sha256: Some(stored.sha256),
            bytes: stored.bytes,
            media: stored.media.to_owned(),
            link: None,
        });
    }
    let mut submitted = Vec::new();
    let mut last_decision = None;
    for (level, set_id) in LEVELS {
        let set = world.set(set_id)?;
        let sheets: Vec<(AssessmentId, UnitId)> = {
            let state = world.store.state();
            let id = state.levels.values().find(|one| one.facts.round == round && one.facts.level == level);
            let id = id.map(|level| level.facts.id).ok_or_else(broken)?;
            state.sheets_of_level(id).iter().map(|one| (one.id, one.unit)).collect()
        };
        let made = figures(&set, sheets.len(), seed);
        let mut waves: [Vec<Command>; 3] = Default::default();
        for (number, ((sheet, unit), (profile, entries))) in sheets.iter().zip(made).enumerate() {
            // How far the unit has come, in percent: some have not begun, a quarter is done.
            let first = number == 0;
            let pace = match (whole, first) {
                (true, _) => 100,
                (false, true) => 76,
                (false, false) => 18 + world.below(110),
            };
            let done = pace >= 100;
            let made_papers = match office {
                Some(office) => {
                    Some(crate::signed::papers(world.store, office, *unit, number, &mut last_decision).await?)
                }
                None => None,
            };
            let mut signed_count = 0;
            let mut parts: [Filling; 3] = Default::default();
            for (wave, part) in parts.iter_mut().enumerate() {
                part.from = format!("{} {}", ["quý I", "quý II", "quý III"][wave], year);
            }
            if pace > 22 || first {
                parts[0].profile = profile;
                if let Some(name) = parts[0].profile.get_mut("name") {
                    let state = world.store.state();
                    if let Some(unit) = state.tree.get(*unit) {
                        name.clone_from(&unit.name);
                    }
                }
            }
            for indicator in set.indicators() {
                let Some(own) = entries.get(&indicator.id) else { continue };
                let due = indicator.due.days().iter().max().map_or(10, |day| day.month());
                let luck = world.below(100);
                if pace <= 22 || (!done && luck >= pace) {
                    continue;
                }
                let wave = match due {
                    ..=3 => usize::from(luck > 90),
                    4..=6 => 1 + usize::from(luck > 92),
                    _ => 2,
                };
                let part = &mut parts[wave];
                part.entries.insert(indicator.id.clone(), own.clone());
                let proved = whole || world.below(100) < 86;
                if proved && !indicator.evidence.is_empty() {
                    let count = cycle::progress::evidence_needed(indicator).clamp(1, 3);
                    let plain = made_papers.as_ref().map_or(&papers, |made| &made.plain);
                    let files = (0..count).map(|at| plain[(luck as usize + at as usize) % plain.len()].clone());
                    let mut files: Vec<NewEvidence> = files.collect();
                    let asked = cycle::proof::signatures_needed(indicator);
                    if let Some(made) = made_papers.as_ref().filter(|_| asked > 0 && luck % 7 != 6) {
                        files[0] = made.signed[signed_count % made.signed.len()].clone();
                        signed_count += 1;
                    }
                    part.evidence.insert(indicator.id.clone(), files);
                }
                if done || world.below(100) < 88 {
                    part.ready.insert(indicator.id.clone());
                }
            }
            for (wave, filling) in parts.into_iter().enumerate() {
                if !filling.entries.is_empty() || !filling.profile.is_empty() {
                    waves[wave].push(Command::Fill { assessment: *sheet, filling });
                }
            }
            if done {
                submitted.push((*sheet, *unit));
            }
        }
        for (wave, day) in ["03-29", "06-28", "10-12"].iter().enumerate() {
            let when = at(&format!("{year}-{day}"), 9)?;
            // Late ones were filled in a little after their deadline.
            let commands = std::mem::take(&mut waves[wave]);
            world.many(when, commands).await?;
        }
    }
    let levels: Vec<_> = {
        let state = world.store.state();
        state.levels.values().filter(|level| level.facts.round == round).map(|level| level.facts.id).collect()
    };
    let when = at(&format!("{year}-10-13"), 2)?;
    for level in levels {
        world.store.respread(when, level, false).await.map_err(refused)?;
    }
    world.store.work(when).await.map_err(|error| Failure::Use(error.text()))?;
    sign_off(world.store, submitted, at(&format!("{year}-10-18"), 10)?).await?;
    if whole {
        crate::year::finish(world.store, round, year).await?;
    }
    Ok(())
}

/// The heads of units sign their sheets off.
pub async fn sign_off(store: &Store, sheets: Vec<(AssessmentId, UnitId)>, when: Timestamp) -> Result<(), Failure> {
    for (id, unit) in sheets {
        let sheet = store.sheet(id).await.map_err(|error| Failure::Use(error.text()))?.ok_or_else(broken)?;
        let (head, hash) = {
            let state = store.state();
            let row = state.assessments.get(&id).ok_or_else(broken)?;
            let hash = state.level_of(row).map_err(|error| Failure::Use(error.text()))?.facts.set_hash.clone();
            let position = state.positions_of(unit).into_iter().find(|one| one.code == "CT").map(|one| one.id);
            let head =
                position.and_then(|position| state.holders(position, time::day_of(when)).first().map(|one| one.id));
            (head.ok_or_else(broken)?, hash)
        };
        let command = Command::Submit { assessment: id, hash: sheet.state_hash(&hash) };
        store.change(Actor::Account(head), when, command).await.map_err(refused)?;
    }
    Ok(())
}

/// Life in the first commune: an entry sent back, comments.
async fn talk(world: &World<'_>, round: RoundId) -> Result<(), Failure> {
    let when = at("2023-10-19", 9)?;
    let (sheet, focal, culture) = {
        let state = world.store.state();
        let unit = state.tree.by_code("M1-001").map(|unit| unit.id).ok_or_else(broken)?;
        let sheet = *state.sheet_of.get(&(round, unit)).ok_or_else(broken)?;
        let holder = |code: &str| {
            let position = state.positions_of(unit).into_iter().find(|one| one.code == code)?.id;
            state.holders(position, time::day_of(when)).first().map(|one| one.id)
        };
        (sheet, holder("VP-TK").ok_or_else(broken)?, holder("VH-XH").ok_or_else(broken)?)
    };
    let open = world.store.sheet(sheet).await.map_err(|error| Failure::Use(error.text()))?.ok_or_else(broken)?;
    let ready: Vec<String> = open
        .entries
        .iter()
        .filter(|entry| entry.state == cycle::EntryState::Ready)
        .map(|entry| entry.indicator.clone())
        .collect();
    let chosen: BTreeSet<usize> = [4, 20].into();
    for (place, indicator) in ready.iter().enumerate().filter(|(place, _)| chosen.contains(place)) {
        let reason = match place {
            4 => "Số liệu chưa khớp với báo cáo quý; xem lại giúp.",
            _ => "Tài liệu kiểm chứng thiếu trang có chữ ký.",
        };
        let command = Command::SendBack { assessment: sheet, indicator: indicator.clone(), reason: reason.to_owned() };
        world.store.change(Actor::Account(focal), when, command).await.map_err(refused)?;
    }
    let remarks = [
        (focal, "Tháng 7 có bài về tập huấn, sao chưa tính? Kiểm lại ngày đăng giúp."),
        (culture, "Bài đó đăng ở mục Tin tức, không thuộc chuyên mục chuyển đổi số. Đã nhờ chuyển mục."),
    ];
    for (account, words) in remarks {
        let command = Command::Remark { assessment: sheet, indicator: "I.5.2".to_owned(), words: words.to_owned() };
        world.store.change(Actor::Account(account), when, command).await.map_err(refused)?;
    }
    Ok(())
}
