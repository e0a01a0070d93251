//! The shape of a draft set: indicators, groups and pillars added, taken away and moved. Each change is made of edits of the
//! set's files and holds as a whole, or not at all.

use std::collections::BTreeMap;

use criteria::model::{Due, Group, Indicator};
use criteria::problem::Problem;
use criteria::rule::Rule;
use criteria::write::{Edit, Place, SetText};
use criteria::{CriteriaSet, Files, Number, Text};
use serde_json::json;

use crate::drafting::{Changed, Wrong, told};

/// What can be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A pillar.
    Pillar,
    /// A group.
    Group,
    /// An indicator.
    Indicator,
}

/// A change of shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Reshape {
    /// Something new behind a place.
    Add {
        /// What.
        kind: Kind,
        /// Behind which place.
        after: Place,
        /// Its number, as printed.
        no: String,
        /// Its name.
        name: String,
        /// Its points.
        points: Option<Number>,
    },
    /// Something that is there goes behind another place, under another number where one is given.
    Move {
        /// What.
        at: Place,
        /// Behind which place.
        after: Place,
        /// Its new number; empty where it keeps its own.
        no: String,
    },
    /// Something goes, with all that belongs to it.
    Remove {
        /// What.
        at: Place,
    },
}

/// A place as a form names it: `indicator:I.1.1`, `group:I.1`, `pillar:I`.
pub fn place(named: &str) -> Option<Place> {
    let (kind, id) = named.split_once(':')?;
    match kind {
        "pillar" => Some(Place::Pillar(id.to_owned())),
        "group" => Some(Place::Group(id.to_owned())),
        "indicator" => Some(Place::Indicator(id.to_owned())),
        _ => None,
    }
}

/// The places of a set in the order of the document: how a form names each, how deep it stands, and how people call it.
pub fn places(set: &CriteriaSet) -> Vec<(String, usize, String)> {
    let mut out = Vec::new();
    for file in &set.pillars {
        out.push((format!("pillar:{}", file.pillar.no), 0, format!("{}. {}", file.pillar.no, file.pillar.name)));
        let mut shown = None;
        for one in &file.indicators {
            let group = file.groups.iter().find(|group| one.group_id() == Some(group.id.as_str()));
            if let Some(group) = group.filter(|group| shown != Some(&group.id)) {
                shown = Some(&group.id);
                out.push((format!("group:{}", group.id), 1, format!("{} {}", group.no, group.name)));
            }
            out.push((format!("indicator:{}", one.id), 2, format!("{} {}", one.no, one.name)));
        }
        for group in &file.groups {
            if !file.indicators.iter().any(|one| one.group_id() == Some(group.id.as_str())) {
                out.push((format!("group:{}", group.id), 1, format!("{} {}", group.no, group.name)));
            }
        }
    }
    out
}

fn refused(field: &str, vi: impl Into<String>, en: impl Into<String>) -> Vec<Wrong> {
    vec![Wrong { field: field.to_owned(), message: Text::new(vi, en), excerpt: None }]
}

fn all(problems: &[Problem], files: &Files) -> Vec<Wrong> {
    problems.iter().map(|one| told(one, "", files, None)).collect()
}

/// The place in the file list of the pillar that a place stands in.
fn pillar_of(set: &CriteriaSet, place: &Place) -> Option<usize> {
    set.pillars.iter().position(|file| match place {
        Place::Pillar(no) => file.pillar.no == *no,
        Place::Group(id) => file.groups.iter().any(|group| group.id == *id),
        Place::Indicator(id) => file.indicators.iter().any(|one| one.id == *id),
        _ => false,
    })
}

/// The group that what stands behind a place belongs to.
fn group_at(set: &CriteriaSet, place: &Place) -> Option<String> {
    match place {
        Place::Group(id) => Some(id.clone()),
        Place::Indicator(id) => {
            let file = &set.pillars[pillar_of(set, place)?];
            let own = file.indicators.iter().find(|one| one.id == *id)?.group_id()?;
            file.groups.iter().any(|group| group.id == own).then(|| own.to_owned())
        }
        _ => None,
    }
}

/// The end of a place: behind the last indicator of a group or, for a new group, of the group that a place stands in.
fn end_of(set: &CriteriaSet, place: &Place) -> Place {
    let Some(file) = pillar_of(set, place).map(|at| &set.pillars[at]) else { return place.clone() };
    let last = match (place, group_at(set, place)) {
        (Place::Pillar(_), _) => file.indicators.last(),
        (_, Some(group)) => file.indicators.iter().rev().find(|one| one.group_id() == Some(group.as_str())),
        (_, None) => None,
    };
    last.map_or_else(|| place.clone(), |one| Place::Indicator(one.id.clone()))
}

/// The id of a number in a pillar, as the set forms its ids, told apart where it is taken.
fn id_for(set: &CriteriaSet, pillar: usize, no: &str) -> String {
    let file = &set.pillars[pillar];
    let bare = set.indicators().next().is_some_and(|one| one.id == one.no);
    let base = if bare { no.to_owned() } else { format!("{}.{no}", file.pillar.no) };
    let taken = |id: &str| {
        set.indicators().any(|one| one.id == id)
            || set.pillars.iter().any(|file| file.groups.iter().any(|group| group.id == id))
    };
    let mut id = base.clone();
    for letter in 'b'..='z' {
        if !taken(&id) {
            break;
        }
        id = format!("{base}{letter}");
    }
    id
}

/// Sets the group of an indicator that was put somewhere else.
fn settle(indicator: &mut Indicator, group: Option<String>) {
    indicator.group = None;
    if let Some(group) = group
        && indicator.group_id() != Some(group.as_str())
    {
        indicator.group = Some(group);
    }
}

/// Changes the shape of a draft.
///
/// # Errors
/// What is missing or not there; every problem of the files as they would be.
pub fn reshape(files: &Files, change: &Reshape) -> Result<Changed, Vec<Wrong>> {
    let mut opened = SetText::open("", files).map_err(|problems| all(&problems, files))?;
    let set = opened.set().clone();
    let nowhere = || refused("after", "Hãy chọn một chỗ trong bộ chỉ số", "Choose a place in the set");
    let mut gone = None;
    let mut made = None;
    let edits = match change {
        Reshape::Add { kind, after, no, name, points } => {
            if no.is_empty() || name.is_empty() {
                let field = if no.is_empty() { "no" } else { "name" };
                return Err(refused(field, "Chưa ghi", "This is missing"));
            }
            let at = pillar_of(&set, after).ok_or_else(nowhere)?;
            match kind {
                Kind::Pillar => {
                    let (file, text, edit) = new_pillar(&set, at, no, name, *points)?;
                    made = Some((file, text));
                    vec![edit]
                }
                Kind::Group => {
                    let id = id_for(&set, at, no);
                    let group = Group { id, no: no.clone(), name: name.clone(), points: *points };
                    vec![Edit::AddGroup { after: end_of(&set, after), group }]
                }
                Kind::Indicator => {
                    let mut indicator = new_indicator(id_for(&set, at, no), no, name, *points);
                    settle(&mut indicator, group_at(&set, after));
                    vec![Edit::AddIndicator { after: after.clone(), indicator: Box::new(indicator) }]
                }
            }
        }
        Reshape::Remove { at } => {
            let pillar = pillar_of(&set, at).ok_or_else(nowhere)?;
            match at {
                Place::Pillar(_) => {
                    gone = set.head.pillars.get(pillar).cloned();
                    let left: Vec<&String> =
                        set.head.pillars.iter().filter(|file| Some(*file) != gone.as_ref()).collect();
                    vec![Edit::Set { at: Place::Head, key: "pillars".to_owned(), value: json!(left) }]
                }
                _ => removed(&set, pillar, at),
            }
        }
        Reshape::Move { at, after, no } => {
            let from = pillar_of(&set, at).ok_or_else(nowhere)?;
            let to = pillar_of(&set, after).ok_or_else(nowhere)?;
            if at == after
                || (matches!(at, Place::Group(_)) && group_at(&set, after).map(Place::Group).as_ref() == Some(at))
            {
                return Err(refused("after", "Không chuyển ra sau chính nó được", "It cannot stand behind itself"));
            }
            moved(&set, at, after, no, from, to)
        }
    };
    // Readings go along: what they are about is called otherwise now, or is gone.
    let edits = [readings(&set, &called_otherwise(&set, change)), edits].concat();
    if let Some((file, text)) = made {
        let mut with = files.clone();
        with.insert(file, text);
        // The new file is listed in the same breath: until then the set reads without it.
        opened = SetText::open("", &with).map_err(|problems| all(&problems, &with))?;
    }
    opened.edit(&edits).map_err(|problems| all(&problems, opened.files()))?;
    let mut files = opened.files().clone();
    if let Some(gone) = gone {
        files.remove(&gone);
        CriteriaSet::read("", &files).map_err(|problems| all(&problems, &files))?;
    }
    Ok(Changed { files, what: told_of(change) })
}

/// The ids that a change takes away or gives anew, with what they become.
fn called_otherwise(set: &CriteriaSet, change: &Reshape) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    let own = |group: &str, pillar: usize| {
        let file = &set.pillars[pillar];
        file.indicators.iter().filter(|one| one.group_id() == Some(group)).cloned().collect::<Vec<_>>()
    };
    match change {
        Reshape::Add { .. } | Reshape::Move { at: Place::Pillar(_), .. } => {}
        Reshape::Remove { at } => {
            let Some(pillar) = pillar_of(set, at) else { return found };
            match at {
                Place::Indicator(id) => drop(found.insert(id.clone(), None)),
                Place::Group(id) => found.extend(own(id, pillar).into_iter().map(|one| (one.id, None))),
                _ => {
                    let file = &set.pillars[pillar];
                    found.insert(file.pillar.no.clone(), None);
                    found.extend(file.indicators.iter().map(|one| (one.id.clone(), None)));
                }
            }
        }
        Reshape::Move { at, after, no } => {
            let (Some(from), Some(to)) = (pillar_of(set, at), pillar_of(set, after)) else { return found };
            match at {
                Place::Indicator(id) => {
                    let one = set.indicator(id).filter(|one| from != to || (!no.is_empty() && *no != one.no));
                    if let Some(one) = one {
                        let no = if no.is_empty() { &one.no } else { no };
                        found.insert(id.clone(), Some(id_for(set, to, no)));
                    }
                }
                Place::Group(id) if from != to => {
                    found.extend(own(id, from).into_iter().map(|one| (one.id, Some(id_for(set, to, &one.no)))));
                }
                _ => {}
            }
        }
    }
    found
}

/// The edits that bring the readings along; a reading that is about nothing any more goes.
fn readings(set: &CriteriaSet, called: &BTreeMap<String, Option<String>>) -> Vec<Edit> {
    let touched = set.head.readings.iter().filter(|one| one.at.iter().any(|at| called.contains_key(at)));
    touched
        .map(|one| {
            let left: Vec<&String> = one
                .at
                .iter()
                .filter_map(|at| match called.get(at) {
                    Some(new) => new.as_ref(),
                    None => Some(at),
                })
                .collect();
            let place = Place::Reading(one.id.clone());
            match left.is_empty() {
                true => Edit::Remove { at: place },
                false => Edit::Set { at: place, key: "at".to_owned(), value: json!(left) },
            }
        })
        .collect()
}

fn told_of(change: &Reshape) -> serde_json::Value {
    match change {
        Reshape::Add { after, no, name, .. } => json!({ "added": no, "name": name, "after": after }),
        Reshape::Move { at, after, no } => json!({ "moved": at, "after": after, "no": no }),
        Reshape::Remove { at } => json!({ "removed": at }),
    }
}

fn new_indicator(id: String, no: &str, name: &str, points: Option<Number>) -> Indicator {
    Indicator {
        id,
        no: no.to_owned(),
        group: None,
        name: name.to_owned(),
        points,
        due: Due::default(),
        guidance: None,
        text: None,
        restored: None,
        notes: None,
        source: None,
        appraiser: None,
        lead: Vec::new(),
        coordinating: Vec::new(),
        evidence: Vec::new(),
        uncertain: Some("thêm bằng tay, chưa đối chiếu với văn bản".to_owned()),
        exempt: Vec::new(),
        figures: Vec::new(),
        rule: Rule::Judged { asks: format!("{name}: mức độ đạt được?") },
        gate: None,
        late: None,
        variants: Vec::new(),
        faults: Vec::new(),
    }
}

/// A pillar's file behind another's, and the edit that lists it.
fn new_pillar(
    set: &CriteriaSet,
    after: usize,
    no: &str,
    name: &str,
    points: Option<Number>,
) -> Result<(String, String, Edit), Vec<Wrong>> {
    if set.pillars.iter().any(|file| file.pillar.no == no) {
        return Err(refused("no", format!("đã có trụ cột “{no}”"), format!("there is a pillar \"{no}\" already")));
    }
    let free = |number: usize| format!("tru-cot-{number}.toml");
    let file = (set.pillars.len() + 1..).map(free).find(|file| !set.head.pillars.contains(file)).unwrap_or_default();
    // A string of TOML's is one of JSON's, but for what no name holds.
    let mut text = format!("[pillar]\nno     = {}\nname   = {}\n", json!(no), json!(name));
    if let Some(points) = points {
        text.push_str(&format!("points = {}\n", json!(points)));
    }
    let mut listed = set.head.pillars.clone();
    listed.insert((after + 1).min(listed.len()), file.clone());
    Ok((file, text, Edit::Set { at: Place::Head, key: "pillars".to_owned(), value: json!(listed) }))
}

/// What takes an indicator away, or a group with its indicators.
fn removed(set: &CriteriaSet, pillar: usize, at: &Place) -> Vec<Edit> {
    let mut edits = Vec::new();
    if let Place::Group(id) = at {
        let own = set.pillars[pillar].indicators.iter().filter(|one| one.group_id() == Some(id.as_str()));
        edits.extend(own.map(|one| Edit::Remove { at: Place::Indicator(one.id.clone()) }));
    }
    edits.push(Edit::Remove { at: at.clone() });
    edits
}

fn moved(set: &CriteriaSet, at: &Place, after: &Place, no: &str, from: usize, to: usize) -> Vec<Edit> {
    match at {
        Place::Pillar(_) => {
            let mut listed = set.head.pillars.clone();
            let file = listed.remove(from);
            let behind = set.head.pillars.get(to).and_then(|file| listed.iter().position(|one| one == file));
            listed.insert(behind.map_or(listed.len(), |at| at + 1), file);
            vec![Edit::Set { at: Place::Head, key: "pillars".to_owned(), value: json!(listed) }]
        }
        Place::Indicator(id) => {
            let mut edits = vec![Edit::Remove { at: at.clone() }];
            if let Some(mut one) = set.indicator(id).cloned() {
                if !no.is_empty() && no != one.no || from != to {
                    one.no = if no.is_empty() { one.no.clone() } else { no.to_owned() };
                    one.id = id_for(set, to, &one.no);
                }
                settle(&mut one, group_at(set, after));
                edits.push(Edit::AddIndicator { after: after.clone(), indicator: Box::new(one) });
            }
            edits
        }
        Place::Group(id) => {
            let file = &set.pillars[from];
            let Some(mut group) = file.groups.iter().find(|group| group.id == *id).cloned() else { return Vec::new() };
            let mut edits = removed(set, from, at);
            let own = file.indicators.iter().filter(|one| one.group_id() == Some(id.as_str())).cloned();
            if !no.is_empty() && no != group.no || from != to {
                group.no = if no.is_empty() { group.no.clone() } else { no.to_owned() };
                group.id = id_for(set, to, &group.no);
            }
            let mut last = Place::Group(group.id.clone());
            let group_id = group.id.clone();
            edits.push(Edit::AddGroup { after: end_of(set, after), group });
            for mut one in own {
                if from != to {
                    one.id = id_for(set, to, &one.no);
                }
                settle(&mut one, Some(group_id.clone()));
                let next = Place::Indicator(one.id.clone());
                edits.push(Edit::AddIndicator { after: last, indicator: Box::new(one) });
                last = next;
            }
            edits
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

    use super::*;

    /// The files of a set that ships, as a draft's.
    fn files() -> Files {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../criteria/hue-2263-2023-commune");
        let mut files = Files::new();
        for below in ["", "source"] {
            for entry in std::fs::read_dir(folder.join(below)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                    let name = if below.is_empty() { name } else { format!("{below}/{name}") };
                    files.insert(name, std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        files
    }

    fn made(files: &Files, change: Reshape) -> (Files, CriteriaSet) {
        let changed = reshape(files, &change).unwrap_or_else(|wrong| panic!("{change:?}: {wrong:#?}"));
        let set = CriteriaSet::read("", &changed.files).unwrap();
        (changed.files, set)
    }

    fn ids(set: &CriteriaSet, pillar: &str) -> Vec<String> {
        let file = set.pillars.iter().find(|file| file.pillar.no == pillar).unwrap();
        file.indicators.iter().map(|one| one.id.clone()).collect()
    }

    #[test]
    fn an_indicator_is_added_moved_and_taken_away() {
        let start = files();
        let before = ids(&CriteriaSet::read("", &start).unwrap(), "I");
        let (files, set) = made(
            &start,
            Reshape::Add {
                kind: Kind::Indicator,
                after: Place::Indicator("I.1.1".to_owned()),
                no: "1.9".to_owned(),
                name: "Chỉ số \"mới\"".to_owned(),
                points: Number::whole(5),
            },
        );
        assert_eq!(ids(&set, "I")[1], "I.1.9");
        assert_eq!(set.indicator("I.1.9").unwrap().points, Number::whole(5));
        let last = before.last().unwrap().clone();
        let change = Reshape::Move {
            at: Place::Indicator("I.1.9".to_owned()),
            after: Place::Indicator(last.clone()),
            no: String::new(),
        };
        let (files, set) = made(&files, change);
        assert_eq!(ids(&set, "I").last().unwrap(), "I.1.9");
        let group = set.indicator(&last).unwrap().group_id().map(str::to_owned);
        assert_eq!(set.indicator("I.1.9").unwrap().group_id().map(str::to_owned), group);
        let (after, set) = made(&files, Reshape::Remove { at: Place::Indicator("I.1.9".to_owned()) });
        assert_eq!(ids(&set, "I"), before);
        assert_eq!(after.keys().collect::<Vec<_>>(), start.keys().collect::<Vec<_>>());
    }

    #[test]
    fn a_group_goes_with_its_indicators_and_a_pillar_with_its_file() {
        let start = files();
        let known = CriteriaSet::read("", &start).unwrap();
        let count = known.indicators().count();
        let own = known.pillars[0].indicators.iter().filter(|one| one.group_id() == Some("I.1")).count();
        let to = Reshape::Move {
            at: Place::Group("I.1".to_owned()),
            after: Place::Pillar(known.pillars[1].pillar.no.clone()),
            no: "99".to_owned(),
        };
        let (_, set) = made(&start, to);
        assert_eq!(set.indicators().count(), count);
        assert_eq!(set.pillars[1].indicators.iter().filter(|one| one.group_id() == Some("II.99")).count(), own);
        let (_, set) = made(&start, Reshape::Remove { at: Place::Group("I.1".to_owned()) });
        assert_eq!(set.indicators().count(), count - own);

        let add = Reshape::Add {
            kind: Kind::Pillar,
            after: Place::Pillar("I".to_owned()),
            no: "Ib".to_owned(),
            name: "Trụ cột mới".to_owned(),
            points: None,
        };
        let (files, set) = made(&start, add.clone());
        assert_eq!(set.pillars[1].pillar.name, "Trụ cột mới");
        assert!(reshape(&files, &add).is_err(), "a number is used once");
        let move_up = Reshape::Move {
            at: Place::Pillar("I".to_owned()),
            after: Place::Pillar("Ib".to_owned()),
            no: String::new(),
        };
        let (_, set) = made(&files, move_up);
        assert_eq!(set.pillars[0].pillar.no, "Ib");
        let (files, set) = made(&files, Reshape::Remove { at: Place::Pillar("Ib".to_owned()) });
        assert_eq!(set.pillars.len(), known.pillars.len());
        assert_eq!(files, start);
    }

    #[test]
    fn what_is_not_there_is_told() {
        let start = files();
        for change in [
            Reshape::Remove { at: Place::Indicator("X.1".to_owned()) },
            Reshape::Move {
                at: Place::Group("I.1".to_owned()),
                after: Place::Indicator("I.1.1".to_owned()),
                no: String::new(),
            },
        ] {
            assert!(reshape(&start, &change).is_err(), "{change:?}");
        }
    }
}
