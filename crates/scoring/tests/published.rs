//! Published results reproduced to the last digit: the proof that comparable results, rounding and ties mean here what
//! they mean to those who publish.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use std::num::NonZeroUsize;

use common::{collect, program, row, set};
use criteria::Number;
use scoring::rank::rank;
use scoring::score::score;

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

/// A decimal of a file that was written from binary floating point: `0.31414000000000003` is 0.31414.
fn five_places(text: &str) -> String {
    format!("{:.5}", text.parse::<f64>().unwrap())
}

#[test]
fn converted_results_of_hue_2020_follow_from_awarded_and_excluded_points() {
    let mut differing = Vec::new();
    let mut reproduced = 0;
    for record in rows("tt-hue-egov-2020-district.csv") {
        let field = |index: usize| record.get(index).unwrap();
        let (unit, maximum, excluded, awarded) = (field(2), number(field(3)), number(field(4)), number(field(6)));
        let rest = Number::from_millionths(maximum.millionths() - excluded.millionths());
        // What does not apply is one indicator, all else another; where nothing is excluded both are judged.
        let small = if excluded == Number::ZERO { Number::ONE } else { excluded };
        let large = Number::from_millionths(maximum.millionths() - small.millionths());
        let pillar = format!(
            "[pillar]\nno = \"I\"\nname = \"N\"\n\
             [[indicator]]\nid = \"I.1\"\nno = \"1\"\nname = \"a\"\npoints = \"{small}\"\n\
             exempt = [{{ when = \"profile.without\", is = \"yes\" }}]\n[indicator.rule]\nkind = \"judged\"\nasks = \"?\"\n\
             [[indicator]]\nid = \"I.2\"\nno = \"2\"\nname = \"b\"\npoints = \"{large}\"\n[indicator.rule]\nkind = \"judged\"\nasks = \"?\"\n"
        );
        let set = set("---[[profile]]\nid = \"without\"\nlabel = \"Không có\"\nkind = \"yes-no\"\n", &pillar);
        let program = program(&set);
        let first = if excluded == Number::ZERO { small.min(awarded) } else { Number::ZERO };
        let second = Number::from_millionths(awarded.millionths() - first.millionths());
        let mut figures = vec![
            row(unit, "", "without", if excluded == Number::ZERO { "no" } else { "yes" }),
            row(unit, "I.2", "points", &second.to_string()),
            row(unit, "I.2", "reason", "công bố"),
        ];
        if excluded == Number::ZERO {
            figures.extend([row(unit, "I.1", "points", &first.to_string()), row(unit, "I.1", "reason", "công bố")]);
        }
        let figures = collect(&program, figures).unwrap();
        let scores = score(&program, &figures, NonZeroUsize::MIN);
        let unit_score = &scores.units[0];
        assert_eq!((unit_score.points, unit_score.excluded), (awarded, excluded), "{unit}");
        assert_eq!(Number::from_millionths(unit_score.maximum.millionths() - unit_score.excluded.millionths()), rest);
        if unit_score.comparable == Some(number(field(8))) {
            reproduced += 1;
        } else {
            differing.push((field(0).to_owned(), unit.to_owned(), unit_score.comparable.unwrap().to_string()));
        }
    }
    // 75.41 ÷ 92 × 100 = 81.967…: the source cut where it rounds elsewhere.
    assert_eq!(differing, [("result".to_owned(), "UBND huyện A Lưới".to_owned(), "81.97".to_owned())]);
    assert_eq!(reproduced, 11);
}

#[test]
fn the_ranking_of_2017_shares_ranks_and_skips_the_next() {
    let pillar = "[pillar]\nno = \"I\"\nname = \"N\"\n[[indicator]]\nid = \"I.1\"\nno = \"1\"\nname = \"a\"\npoints = \"1\"\n\
        figures = [{ id = \"value\", label = \"Giá trị\", kind = \"share\" }]\n[indicator.rule]\nkind = \"share\"\nvalue = \"value\"\n";
    let set = set("rounding = { places = 3 }\nresult = { places = 3 }", pillar);
    let program = program(&set);
    let published = rows("ict-application-2017-provinces.csv");
    let percent = |text: &str| format!("{}%", number(text).millionths() as f64 / 10_000.0);
    let figures = published.iter().map(|record| row(&record[1], "I.1", "value", &percent(&record[3]))).collect();
    let figures = collect(&program, figures).unwrap();
    let scores = score(&program, &figures, NonZeroUsize::MIN);
    let ranked = rank(&program, &figures, &scores);
    assert_eq!(ranked.len(), 53);
    for unit in &ranked {
        let record = &published[unit.unit];
        assert_eq!(unit.rank, record[2].parse().ok(), "{}", &record[1]);
        assert_eq!(scores.units[unit.unit].comparable, Some(number(&record[3])), "{}", &record[1]);
    }
    assert_eq!(ranked.iter().filter(|unit| unit.tied).count(), 6, "17, 17, 19; 32, 32, 34; 40, 40, 42");
}

/// The index is (OSI + HCI + TII) / 3 at five places, ranked after rounding; every rank must come out.
fn egdi(file: &str, off_by_at_most: i64) {
    let indicator = |no: u8, name: &str| {
        format!(
            "[[indicator]]\nid = \"I.{no}\"\nno = \"{no}\"\nname = \"{name}\"\npoints = \"1\"\n\
             figures = [{{ id = \"value\", label = \"{name}\", kind = \"share\" }}]\n[indicator.rule]\nkind = \"share\"\nvalue = \"value\"\n"
        )
    };
    let pillar = format!(
        "[pillar]\nno = \"I\"\nname = \"N\"\n{}{}{}",
        indicator(1, "OSI"),
        indicator(2, "HCI"),
        indicator(3, "TII")
    );
    let set = set("rounding = { places = 5 }\nresult = { out_of = \"1\", places = 5 }", &pillar);
    let program = program(&set);
    let published = rows(file);
    let mut figures = Vec::new();
    for record in &published {
        for (no, column) in [(1, 5), (2, 6), (3, 7)] {
            let value = five_places(&record[column]);
            figures.push(row(
                &record[1],
                &format!("I.{no}"),
                "value",
                &format!("{}/100000", number(&value).millionths() / 10),
            ));
        }
    }
    let figures = collect(&program, figures).unwrap();
    let scores = score(&program, &figures, NonZeroUsize::MIN);
    let mut reproduced = 0;
    for unit in rank(&program, &figures, &scores) {
        let record = &published[unit.unit];
        assert_eq!(unit.rank, record[2].parse().ok(), "{}", &record[1]);
        let computed = scores.units[unit.unit].comparable.unwrap();
        let difference = (computed.millionths() - number(&five_places(&record[3])).millionths()).abs() / 10;
        assert!(difference <= off_by_at_most, "{}: {computed}", &record[1]);
        reproduced += u32::from(difference == 0);
    }
    assert_eq!(published.len(), 193);
    println!("{file}: all 193 ranks, {reproduced} of 193 indices to the fifth place");
}

#[test]
fn every_rank_of_egdi_2014_comes_out() {
    // The components are published at four and five places, the index was computed before: up to 0.00002 apart.
    egdi("egdi-2014.csv", 2);
}

#[test]
fn every_rank_of_egdi_2016_comes_out() {
    egdi("egdi-2016.csv", 1);
}
