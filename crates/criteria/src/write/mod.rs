//! Writing sets: a hand's layout is kept to the byte where a set is edited, the house layout is made where there is
//! none yet.
//!
//! An edit replaces the span of what it changes and nothing else, so comments, order and blank lines stay. Edits are
//! made in batches: the edited text must read strictly as a whole, else its problems come back and nothing changes.

mod blocks;
mod house;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub(crate) use house::{inline, json};
pub use house::{plan_to_toml, to_toml};

use crate::language::Text;
use crate::model::{Group, Indicator, IndicatorVariant, Reading, SetHead};
use crate::problem::Problem;
use crate::set::{CriteriaSet, Files, HEAD_FILE};
use crate::toml_file::Node;
use blocks::{Blocks, Key};

/// A set's files, open for editing; they read strictly at any time.
#[derive(Clone, Debug, PartialEq)]
pub struct SetText {
    folder: String,
    files: Files,
    set: CriteriaSet,
}

/// Something in a set that has keys of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// `set.toml` as a whole; `document.number` names a key of one of its tables.
    Head,
    /// A pillar, by its number.
    Pillar(String),
    /// A group, by its id.
    Group(String),
    /// An indicator, by its id.
    Indicator(String),
    /// A reading, by its id.
    Reading(String),
    /// What an answer to a reading changes at an indicator.
    Variant {
        /// The indicator.
        indicator: String,
        /// The reading.
        reading: String,
        /// The reading's variant.
        pick: String,
    },
    /// A variant of a reading.
    ReadingVariant {
        /// The reading.
        reading: String,
        /// The variant.
        variant: String,
    },
}

/// One change of a set's files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Edit {
    /// Gives a key a value. `rule.full_from` and `evidence.0.signed` lead to keys within; tables on the way are there.
    Set {
        /// What has the key.
        at: Place,
        /// The key.
        key: String,
        /// The value, as the file's types write it: decimals and days are strings.
        value: Json,
    },
    /// Takes a key away.
    Unset {
        /// What has the key.
        at: Place,
        /// The key.
        key: String,
    },
    /// Adds an indicator behind another, or as the first of a group or pillar.
    AddIndicator {
        /// What it stands behind.
        after: Place,
        /// The indicator.
        indicator: Box<Indicator>,
    },
    /// Adds a group behind what `after` names.
    AddGroup {
        /// What it stands behind.
        after: Place,
        /// The group.
        group: Group,
    },
    /// Adds what an answer to a reading changes at an indicator.
    AddVariant {
        /// The indicator.
        indicator: String,
        /// The variant.
        variant: Box<IndicatorVariant>,
    },
    /// Adds a reading behind the last one.
    AddReading {
        /// The reading.
        reading: Reading,
    },
    /// Takes an indicator, group, reading or variant away with all that belongs to it.
    Remove {
        /// What goes.
        at: Place,
    },
}

impl SetText {
    /// Opens the files of a set's folder; `folder` is how problems name it.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn open(folder: &str, files: &Files) -> Result<Self, Vec<Problem>> {
        let set = CriteriaSet::read(folder, files)?;
        Ok(Self { folder: folder.to_owned(), files: files.clone(), set })
    }

    /// The files, to the byte those that were opened but for what was edited.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The set that the files hold.
    pub fn set(&self) -> &CriteriaSet {
        &self.set
    }

    /// Makes all the edits, in their order, or none.
    ///
    /// # Errors
    /// An edit that names what is not there; else every problem of the edited files, at its place in them.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<(), Vec<Problem>> {
        let mut files = self.files.clone();
        for edit in edits {
            self.apply(edit, &mut files).map_err(|problem| vec![problem])?;
        }
        self.set = CriteriaSet::read(&self.folder, &files)?;
        self.files = files;
        Ok(())
    }

    fn apply(&self, edit: &Edit, files: &mut Files) -> Result<(), Problem> {
        let (place, list) = match edit {
            Edit::Set { at, .. } | Edit::Unset { at, .. } | Edit::Remove { at } => (at.clone(), None),
            Edit::AddIndicator { after, .. } | Edit::AddGroup { after, .. } => (after.clone(), None),
            Edit::AddVariant { indicator, .. } => (Place::Indicator(indicator.clone()), Some("variant")),
            Edit::AddReading { .. } => (Place::Head, Some("reading")),
        };
        let Some((file, path)) = find(files, &self.set.head.pillars, &place) else {
            return Err(self.refused(HEAD_FILE, no_such(&place)));
        };
        let text = files.get(&file).map_or("", String::as_str);
        let refused = |message| self.refused(&file, message);
        let Some(blocks) = Blocks::of(text) else {
            return Err(refused(Text::new("tệp không còn đọc được", "the file can no longer be read")));
        };
        let order = order_of(&place);
        let edited = match edit {
            Edit::Set { key, value, .. } => blocks.set(&path, key, value, &order).map_err(refused)?,
            Edit::Unset { key, .. } => blocks.unset(&path, key).map_err(refused)?,
            Edit::AddIndicator { indicator, .. } => blocks.add(blocks.end(&path), &house::indicator(indicator)),
            Edit::AddGroup { group, .. } => blocks.add(blocks.end(&path), &house::group(group)),
            Edit::AddVariant { variant, .. } => blocks.add(
                blocks.end_of_list(&path, list.unwrap_or_default(), &["rule", "gate", "late"]),
                &house::variant(variant),
            ),
            Edit::AddReading { reading } => {
                blocks.add(blocks.end_of_list(&path, list.unwrap_or_default(), &[]), &house::reading(reading))
            }
            Edit::Remove { at: Place::Head | Place::Pillar(_) } => {
                return Err(refused(Text::new(
                    "không xoá được cả tệp ở đây; hãy bỏ tệp khỏi `pillars`",
                    "a whole file cannot be removed here; take it out of `pillars`",
                )));
            }
            Edit::Remove { .. } => blocks.remove(&path),
        };
        files.insert(file, edited);
        Ok(())
    }

    fn refused(&self, file: &str, message: Text) -> Problem {
        let folder = &self.folder;
        Problem::of_file(&if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }, message)
    }
}

/// The keys of a place, in the order of its type.
fn order_of(place: &Place) -> Vec<String> {
    let schema = match place {
        Place::Head => schemars::schema_for!(SetHead),
        Place::Pillar(_) => schemars::schema_for!(crate::model::Pillar),
        Place::Group(_) => schemars::schema_for!(Group),
        Place::Indicator(_) => schemars::schema_for!(Indicator),
        Place::Reading(_) => schemars::schema_for!(Reading),
        Place::Variant { .. } => schemars::schema_for!(IndicatorVariant),
        Place::ReadingVariant { .. } => schemars::schema_for!(crate::model::ReadingVariant),
    };
    schema.as_value()["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// The file of a place and the way to it.
fn find(files: &Files, pillars: &[String], place: &Place) -> Option<(String, Vec<Key>)> {
    let in_list = |file: &str, list: &str, fits: &dyn Fn(&Node<'_>) -> bool| -> Option<Vec<Key>> {
        let document = toml_edit::Document::parse(files.get(file)?.as_str()).ok()?;
        let at = Node::Item(document.as_item()).child(list)?.elements().iter().position(fits)?;
        Some(vec![Key::Name(list.to_owned()), Key::Index(at)])
    };
    let within = |(file, mut path): (String, Vec<Key>), list: &str, fits: &dyn Fn(&Node<'_>) -> bool| {
        let document = toml_edit::Document::parse(files.get(&file)?.as_str()).ok()?;
        let at =
            blocks::follow(Node::Item(document.as_item()), &path)?.child(list)?.elements().iter().position(fits)?;
        path.extend([Key::Name(list.to_owned()), Key::Index(at)]);
        Some((file, path))
    };
    let of_pillars = |list: &str, id: &str| {
        let named = format!("\"{id}\"");
        let holding = pillars.iter().filter(|file| files.get(*file).is_some_and(|text| text.contains(&named)));
        holding.into_iter().find_map(|file| {
            let path = in_list(file, list, &|node| node.child("id").and_then(|id| id.text()) == Some(id))?;
            Some((file.clone(), path))
        })
    };
    let is = |node: &Node<'_>, key: &str, word: &str| node.child(key).and_then(|child| child.text()) == Some(word);
    match place {
        Place::Head => Some((HEAD_FILE.to_owned(), Vec::new())),
        Place::Pillar(no) => pillars.iter().find_map(|file| {
            let document = toml_edit::Document::parse(files.get(file)?.as_str()).ok()?;
            let pillar = Node::Item(document.as_item()).child("pillar")?;
            is(&pillar, "no", no).then(|| (file.clone(), vec![Key::Name("pillar".to_owned())]))
        }),
        Place::Group(id) => of_pillars("group", id),
        Place::Indicator(id) => of_pillars("indicator", id),
        Place::Reading(id) => Some((HEAD_FILE.to_owned(), in_list(HEAD_FILE, "reading", &|node| is(node, "id", id))?)),
        Place::Variant { indicator, reading, pick } => {
            let fits = |node: &Node<'_>| is(node, "reading", reading) && is(node, "pick", pick);
            within(find(files, pillars, &Place::Indicator(indicator.clone()))?, "variant", &fits)
        }
        Place::ReadingVariant { reading, variant } => {
            within(find(files, pillars, &Place::Reading(reading.clone()))?, "variant", &|node| is(node, "id", variant))
        }
    }
}

fn no_such(place: &Place) -> Text {
    match place {
        Place::Head => Text::new("không đọc được set.toml", "set.toml cannot be read"),
        Place::Pillar(no) => Text::new(format!("không có trụ cột “{no}”"), format!("there is no pillar \"{no}\"")),
        Place::Group(id) => Text::new(format!("không có nhóm “{id}”"), format!("there is no group \"{id}\"")),
        Place::Indicator(id) => Text::new(format!("không có chỉ số “{id}”"), format!("there is no indicator \"{id}\"")),
        Place::Reading(id) => Text::new(format!("không có cách hiểu “{id}”"), format!("there is no reading \"{id}\"")),
        Place::Variant { indicator, reading, pick } => Text::new(
            format!("chỉ số “{indicator}” không có phương án “{pick}” của cách hiểu “{reading}”"),
            format!("the indicator \"{indicator}\" has no variant \"{pick}\" of the reading \"{reading}\""),
        ),
        Place::ReadingVariant { reading, variant } => Text::new(
            format!("cách hiểu “{reading}” không có phương án “{variant}”"),
            format!("the reading \"{reading}\" has no variant \"{variant}\""),
        ),
    }
}
