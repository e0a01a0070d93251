//! Which signed documents each unit of the demonstration has: most by the head, some by a deputy, some that nobody can
//! trust, some changed after signing, one that is another unit's.

use cycle::UnitId;
use jiff::{SignedDuration, Timestamp};
use scoring::notation::fold;
use store::Store;
use store::command::NewEvidence;

use crate::failure::Failure;
use crate::papers::{Made, Office, Paper};
use crate::province::{at, broken, paper};

/// A unit's documents.
pub struct Papers {
    /// Without signatures.
    pub plain: Vec<NewEvidence>,
    /// Signed, the most telling first.
    pub signed: Vec<NewEvidence>,
}

/// The files that nobody signed, by their titles.
pub const PLAIN: [&str; 3] = ["Báo cáo kèm danh sách", "Văn bản ban hành", "Ảnh chụp màn hình và số liệu"];

const FAMILIES: [&str; 8] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi"];
const MIDDLES: [&str; 20] = [
    "An", "Bảo", "Cường", "Dũng", "Giang", "Hà", "Hiếu", "Khang", "Lan", "Long", "Mai", "Nam", "Oanh", "Phúc", "Quỳnh",
    "Sơn", "Thảo", "Uyên", "Vinh", "Yến",
];

/// The made-up name of a unit's head or deputy: all of them are called Mẫu, which is "sample".
pub fn name(unit_code: &str, deputy: bool) -> String {
    let number = unit_code.bytes().fold(0_usize, |sum, byte| sum * 31 % 9_973 + usize::from(byte));
    let number = number + usize::from(deputy) * 83;
    format!("{} {} Mẫu", FAMILIES[number % FAMILIES.len()], MIDDLES[number / FAMILIES.len() % MIDDLES.len()])
}

async fn put(store: &Store, name: &str, bytes: &[u8]) -> Result<NewEvidence, Failure> {
    let stored = store.evidence.put(bytes).await.map_err(|_| broken())?;
    Ok(NewEvidence {
        name: format!("{name} (mẫu).pdf"),
        sha256: Some(stored.sha256),
        bytes: stored.bytes,
        media: stored.media.to_owned(),
        link: None,
    })
}

/// Makes a unit's documents. `last_decision` is the decision of the unit before, which one unit hands in as its own.
pub async fn papers(
    store: &Store,
    office: &Office,
    unit: UnitId,
    number: usize,
    last_decision: &mut Option<NewEvidence>,
) -> Result<Papers, Failure> {
    let (unit_name, code, positions) = {
        let state = store.state();
        let unit = state.tree.get(unit).ok_or_else(broken)?;
        let position = |code: &str| {
            state.positions_of(unit.id).into_iter().find(|one| one.code == code).map(|one| one.name.clone())
        };
        (
            unit.name.clone(),
            unit.code.clone(),
            [position("CT").ok_or_else(broken)?, position("PCT").ok_or_else(broken)?],
        )
    };
    let mut plain = Vec::new();
    for title in PLAIN {
        plain.push(put(store, title, &paper(&format!("{title}: {unit_name}"))).await?);
    }
    let day =
        |month: i64, day: usize| -> Result<Timestamp, Failure> { at(&format!("2023-0{month}-{:02}", 1 + day % 27), 9) };
    let make = |kind: &str, sign: &str, about: &str, at: Timestamp, deputy: bool, made: Made| {
        office.paper(&Paper {
            unit: &unit_name,
            number: &format!("{}/{sign}-UBND", 11 + number),
            at,
            kind,
            about: &format!("{about} {unit_name}"),
            signer: &name(&code, deputy),
            position: &positions[usize::from(deputy)],
            made,
        })
    };
    let (deputy, made) = match number % 12 {
        7 | 8 => (true, Made::Stamped),
        9 => (false, Made::Claimed),
        10 => (false, Made::Untrusted),
        11 => (false, Made::Altered),
        _ => (false, Made::Stamped),
    };
    let decision = make("QUYẾT ĐỊNH", "QĐ", "thành lập Ban Chỉ đạo chuyển đổi số", day(2, number)?, deputy, made)?;
    let decision = put(store, "Quyết định thành lập Ban Chỉ đạo", &decision).await?;
    let plan = make("KẾ HOẠCH", "KH", "chuyển đổi số năm 2023 của", day(1, number)?, true, Made::Stamped)?;
    let plan = put(store, "Kế hoạch chuyển đổi số", &plan).await?;
    let mut signed = vec![decision.clone(), plan];
    match number {
        // The first commune, which visitors enter, has one of each.
        0 if fold(&code).starts_with("m1") => {
            let later = day(3, number)?.checked_add(SignedDuration::from_hours(2)).map_err(|_| broken())?;
            let stranger = make("THÔNG BÁO", "TB", "tập huấn kỹ năng số của", later, false, Made::Untrusted)?;
            signed.push(put(store, "Thông báo tập huấn", &stranger).await?);
            let altered = make("BÁO CÁO", "BC", "kết quả chuyển đổi số quý I của", later, false, Made::Altered)?;
            signed.push(put(store, "Báo cáo quý I", &altered).await?);
        }
        6 => signed[0] = last_decision.clone().unwrap_or(decision.clone()),
        _ => {}
    }
    *last_decision = Some(decision);
    Ok(Papers { plain, signed })
}
