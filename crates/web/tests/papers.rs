//! Papers asked for from the pages: who gets them, in which formats, and what stands on them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use common::Pages;

const FORMATS: [(&str, &str, &str); 3] = [
    ("pdf", "application/pdf", "%PDF-1."),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_units_papers_come_in_three_formats_to_those_who_may_read_the_sheet() {
    let pages = Pages::new().await;
    let sheet = pages.world.sheet("A");
    let head = pages.cookie("ct@a.example").await;
    for what in ["self-assessment", "appraisal", "assignment"] {
        for (ending, media, begins) in FORMATS {
            let path = format!("/sheets/{sheet}/papers/{what}.{ending}");
            let answer = pages.get(&head, &path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            assert_eq!(answer.headers["content-type"], media);
            assert!(answer.headers["content-disposition"].to_str().unwrap().contains(&format!(".{ending}\"")));
            assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
            assert!(answer.body.starts_with(begins), "{path}");
        }
    }
    // The neighbour sees no more of the papers than of the sheet; nobody is sent to sign in.
    let other = pages.cookie("vp-tk@b.example").await;
    let path = format!("/sheets/{sheet}/papers/self-assessment.pdf");
    assert_eq!(pages.get(&other, &path).await.status, 404);
    assert_eq!(pages.get("", &path).await.status, 303);
    for wrong in ["self-assessment", "self-assessment.exe", "none.pdf", "review-1.pdf", "review-x.pdf"] {
        assert_eq!(pages.get(&head, &format!("/sheets/{sheet}/papers/{wrong}")).await.status, 404, "{wrong}");
    }
    let wrong_day = format!("/sheets/{sheet}/papers/self-assessment.pdf?day=khi+nao");
    assert_eq!(pages.get(&head, &wrong_day).await.status, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_and_the_survey_letter_can_be_downloaded_where_they_belong() {
    let pages = Pages::new().await;
    let sheet = pages.world.sheet("A");
    let focal = pages.cookie("vp-tk@a.example").await;
    pages
        .post(&focal, &format!("/sheets/{sheet}/reviews"), "title=R%C3%A0+so%C3%A1t+6+th%C3%A1ng&words=L%C3%A0m+ngay")
        .await;
    let page = pages.get(&focal, &format!("/sheets/{sheet}/reviews")).await.body;
    let link = page.split("href=\"").find(|link| link.contains("/papers/review-")).unwrap();
    let link = link.split('"').next().unwrap();
    let paper = pages.get(&focal, link).await;
    assert!(paper.status == 200 && paper.body.starts_with("%PDF-1."), "{link}");
    let round = pages.world.round;
    let survey = format!("/rounds/{round}/papers/survey.docx");
    assert_eq!(pages.get(&focal, &survey).await.status, 404, "only who runs the round sends the survey");
    let owner = pages.cookie("bcd@t.example").await;
    assert_eq!(pages.get(&owner, &survey).await.status, 200);
    assert!(pages.get(&owner, &format!("/rounds/{round}/settings")).await.body.contains("papers/survey.pdf"));
}
