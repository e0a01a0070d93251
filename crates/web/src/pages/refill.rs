//! A refused form comes back on the page where it stood: with what was typed in it, the problem beside its field, and a
//! list of the problems above. It is done here for all forms alike, on the page as it is drawn, so that no form can forget it.

use std::fmt::Write;
use std::ops::Range;

use store::command::FieldRefusal;

use crate::view::L;

/// A form that was refused.
pub struct Refused<'r> {
    /// The page that it stood on.
    pub page: &'r str,
    /// The address that it was sent to.
    pub sent_to: &'r str,
    /// What it held; nothing where files came with it.
    pub fields: &'r [(String, String)],
    /// Whether files came with it, whose form is known by its address alone.
    pub files: bool,
    /// What is wrong.
    pub problems: &'r [FieldRefusal],
    /// The language of the page.
    pub l: L,
}

/// A start or end tag: where it stands, its name, and its attributes.
struct Tag<'h> {
    at: Range<usize>,
    name: &'h str,
    ends: bool,
    attributes: Vec<(&'h str, &'h str)>,
}

impl<'h> Tag<'h> {
    fn get(&self, name: &str) -> Option<&'h str> {
        self.attributes.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    fn is(&self, name: &str) -> bool {
        self.name == name && !self.ends
    }

    fn kind(&self) -> &'h str {
        self.get("type").unwrap_or("text")
    }

    /// A field whose value is never given back: it is nobody's to show, or the page's own.
    fn is_secret(&self) -> bool {
        matches!(self.kind(), "password" | "hidden" | "file" | "submit")
            || self.get("autocomplete").is_some_and(|how| how.contains("one-time-code"))
    }

    fn is_control(&self) -> bool {
        !self.ends && matches!(self.name, "input" | "select" | "textarea")
    }
}

/// The tags of a page of ours, in order. A page is drawn by our own templates: well-formed, with quoted attributes.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = html[from..].find('<').map(|at| from + at) {
        let rest = &html[start + 1..];
        let ends = rest.starts_with('/');
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let name = &rest[..rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        let mut at = start + 1 + usize::from(ends) + name.len();
        if name.is_empty() {
            from = start + 1;
            continue;
        }
        let mut attributes = Vec::new();
        loop {
            let rest = html[at..].trim_start();
            at = html.len() - rest.len();
            if rest.is_empty() || rest.starts_with('>') {
                at += usize::from(!rest.is_empty());
                break;
            }
            let length =
                rest.find(|letter: char| letter.is_whitespace() || "=>".contains(letter)).unwrap_or(rest.len());
            let (key, after) = rest.split_at(length.max(1));
            at += key.len();
            let mut value = "";
            if let Some(quoted) = after.strip_prefix("=\"") {
                value = &quoted[..quoted.find('"').unwrap_or(quoted.len())];
                at += value.len() + 3;
            }
            at = at.min(html.len());
            attributes.push((key, value));
        }
        let name_of = name;
        found.push(Tag { at: start..at, name, ends, attributes });
        from = at;
        // What is typed into a long field may look like anything.
        if name_of == "textarea" && !ends {
            from = html[at..].find("</textarea").map_or(html.len(), |end| at + end);
        }
    }
    found
}

/// Text as it stands in HTML, in an attribute or between tags.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A value of an attribute as a browser reads it: what our templates escape, back again.
fn plain(text: &str) -> String {
    let named = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&lt;", "<"), ("&gt;", ">")];
    let text = named.iter().fold(text.to_owned(), |text, (code, letter)| text.replace(code, letter));
    text.replace("&#38;", "&").replace("&amp;", "&")
}

/// The form that was sent, as tags from its own on: that of the address which holds every field that came, and of these
/// the one that says most of itself by hidden fields.
fn form_of(tags: &[Tag<'_>], refused: &Refused<'_>) -> Option<Range<usize>> {
    let sent =
        |name: &str, value: &str| refused.fields.iter().any(|(own, typed)| own == name && *typed == plain(value));
    let mut best: Option<(usize, Range<usize>)> = None;
    for (from, tag) in tags.iter().enumerate().filter(|(_, tag)| tag.is("form")) {
        let action = tag.get("action").map(plain);
        let action = action.as_deref().filter(|action| !action.is_empty()).unwrap_or(refused.page);
        if tag.get("method") != Some("post") || path_of(action) != path_of(refused.sent_to) {
            continue;
        }
        let until =
            tags[from..].iter().position(|tag| tag.name == "form" && tag.ends).map_or(tags.len(), |at| from + at);
        let own = &tags[from..until];
        // A version and a hash are those of the page as it is now.
        let hidden = own.iter().filter(|tag| tag.is("input") && tag.kind() == "hidden");
        let hidden = hidden.filter(|tag| !matches!(tag.get("name"), Some("version" | "hash" | "seen")));
        let mut told = 0;
        let fits = refused.files
            || hidden.clone().all(|tag| sent(tag.get("name").unwrap_or(""), tag.get("value").unwrap_or("")));
        let holds =
            |name: &str| own.iter().any(|tag| !tag.ends && tag.get("name").is_some_and(|own| plain(own) == name));
        // What was left empty may be gone from the page meanwhile.
        if !fits || !refused.fields.iter().all(|(name, typed)| typed.is_empty() || holds(name)) {
            continue;
        }
        told += hidden.count();
        if best.as_ref().is_none_or(|(most, _)| told > *most) {
            best = Some((told, from..until));
        }
    }
    best.map(|(_, range)| range)
}

fn path_of(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// The page with the form as it was sent; `None` where the page holds no such form.
pub fn page(html: &str, refused: &Refused<'_>) -> Option<String> {
    let tags = tags(html);
    let form = form_of(&tags, refused)?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut links = Vec::new();
    let mut told = vec![false; refused.problems.len()];
    let mut chosen: Option<String> = None;
    for tag in &tags[form.clone()] {
        if tag.is("option") {
            let wanted = chosen.as_deref().is_some_and(|value| plain(tag.get("value").unwrap_or_default()) == value);
            if chosen.is_some() {
                edits.push((tag.at.clone(), with(tag, &[("selected", wanted.then(String::new))])));
            }
            continue;
        }
        if tag.name == "select" && tag.ends {
            chosen = None;
        }
        if !tag.is_control() {
            continue;
        }
        let name = plain(tag.get("name").unwrap_or_default());
        let typed = refused.fields.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str());
        let mut set: Vec<(&str, Option<String>)> = Vec::new();
        // Of several fields of one name, the problem stands at the first.
        let of = |field: &str| field == name || (!field.is_empty() && name.strip_prefix("f-") == Some(field));
        let wrong = refused.problems.iter().position(|one| of(&one.field));
        let wrong = wrong.filter(|at| tag.kind() != "hidden" && !told[*at]);
        let id = tag.get("id").map_or_else(|| format!("at-{}", edits.len()), str::to_owned);
        let mut before = String::new();
        if let Some(at) = wrong {
            told[at] = true;
            let message = escaped(refused.l.text(&refused.problems[at].message));
            let described = tag.get("aria-describedby").map(|own| format!("{own} ")).unwrap_or_default();
            before = format!("<span class=\"why\" id=\"why-{id}\">{message}</span>");
            set.push(("id", Some(id.clone())));
            set.push(("aria-invalid", Some("true".to_owned())));
            set.push(("aria-describedby", Some(format!("{described}why-{id}"))));
            links.push((Some(id), message));
        }
        if !refused.files && !tag.is_secret() {
            match (tag.name, tag.kind()) {
                ("input", "checkbox" | "radio") => {
                    let value = plain(tag.get("value").unwrap_or("on"));
                    let on = refused.fields.iter().any(|(own, typed)| *own == name && *typed == value);
                    set.push(("checked", on.then(String::new)));
                }
                ("input", _) => set.extend(typed.map(|typed| ("value", Some(escaped(typed))))),
                ("select", _) => chosen = typed.map(str::to_owned),
                _ => {}
            }
        }
        edits.push((tag.at.clone(), format!("{before}{}", with(tag, &set))));
        if let (true, Some(typed)) = (tag.name == "textarea" && !refused.files, typed) {
            let end = html[tag.at.end..].find("</textarea").map_or(html.len(), |end| tag.at.end + end);
            // The first line break of a long field is not part of it.
            edits.push((tag.at.end..end, format!("\n{}", escaped(typed))));
        }
    }
    let others = refused.problems.iter().zip(&told).filter(|(_, told)| !**told);
    links.extend(others.map(|(one, _)| (None, escaped(refused.l.text(&one.message)))));
    around(&tags, form.start, refused, &mut edits);
    above(html, &tags, refused.l, &links, &mut edits);
    Some(put(html, edits))
}

/// What folds the form away is unfolded; forms that go to the page itself go there, wherever this answer stands.
fn around(tags: &[Tag<'_>], form: usize, refused: &Refused<'_>, edits: &mut Vec<(Range<usize>, String)>) {
    let mut open: Vec<&Tag<'_>> = Vec::new();
    for tag in tags[..form].iter().filter(|tag| tag.name == "details") {
        match tag.ends {
            false => open.push(tag),
            true => drop(open.pop()),
        }
    }
    for tag in open.into_iter().filter(|tag| tag.get("open").is_none()) {
        edits.push((tag.at.clone(), with(tag, &[("open", Some(String::new()))])));
    }
    if let Some(body) = tags.iter().find(|tag| tag.is("body")) {
        edits.push((body.at.clone(), with(body, &[("data-page", Some(escaped(refused.page)))])));
    }
    if refused.page != refused.sent_to {
        for tag in tags.iter().filter(|tag| tag.is("form") && tag.get("action").is_none()) {
            edits.push((tag.at.clone(), with(tag, &[("action", Some(escaped(refused.page)))])));
        }
    }
}

/// The title says that there is an error, and a list above all leads to each.
fn above(
    html: &str,
    tags: &[Tag<'_>],
    l: L,
    links: &[(Option<String>, String)],
    edits: &mut Vec<(Range<usize>, String)>,
) {
    if let Some(title) = tags.iter().find(|tag| tag.is("title")).filter(|tag| {
        // The page may say so by itself.
        !html[tag.at.end..].starts_with(l.say("Lỗi:", "Error:"))
    }) {
        edits.push((title.at.end..title.at.end, format!("{} ", l.say("Lỗi:", "Error:"))));
    }
    let mut list = String::new();
    for (id, message) in links {
        // A string takes whatever is written.
        let _ = match id {
            Some(id) => write!(list, "<li><a href=\"#{id}\">{message}</a></li>"),
            None => write!(list, "<li>{message}</li>"),
        };
    }
    let head = l.say("Có chỗ cần sửa", "There is a problem");
    let place = tags.iter().find(|tag| tag.is("div") && tag.get("class") == Some("head")).map(|tag| tag.at.start);
    let place = place.or_else(|| tags.iter().find(|tag| tag.is("main")).map(|tag| tag.at.end));
    if let Some(place) = place {
        let summary = format!(
            "<div class=\"errors\" role=\"alert\" tabindex=\"-1\" id=\"loi\"><h2>{head}</h2><ul>{list}</ul></div>\n"
        );
        edits.push((place..place, summary));
    }
}

/// A tag with some attributes set, or taken away.
fn with(tag: &Tag<'_>, set: &[(&str, Option<String>)]) -> String {
    let mut out = format!("<{}", tag.name);
    for (name, value) in tag.attributes.iter().filter(|(name, _)| set.iter().all(|(own, _)| own != name)) {
        let _ = if value.is_empty() && !matches!(*name, "value" | "alt") {
            write!(out, " {name}")
        } else {
            write!(out, " {name}=\"{value}\"")
        };
    }
    for (name, value) in set {
        let _ = match value {
            Some(value) if value.is_empty() && *name != "value" => write!(out, " {name}"),
            Some(value) => write!(out, " {name}=\"{value}\""),
            None => Ok(()),
        };
    }
    out.push('>');
    out
}

/// Carries the edits out, from the first to the last.
fn put(html: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(at, _)| (at.start, at.end));
    let mut out = String::with_capacity(html.len() + 1_024);
    let mut done = 0;
    for (at, text) in edits {
        if at.start < done {
            continue;
        }
        out.push_str(&html[done..at.start]);
        out.push_str(&text);
        done = at.end;
    }
    out.push_str(&html[done..]);
    out
}

#[cfg(test)]
mod tests {
    use criteria::{Language, Text};

    use super::*;

    const PAGE: &str = r##"<title>Kỳ – Thước Đo</title><main id="main"><div class="head"><h1>Kỳ</h1></div>
<form method="post"><input type="hidden" name="do" value="one"><input name="to" value="cũ"></form>
<details class="more"><summary>Hai</summary><form method="post"><input type="hidden" name="do" value="two">
<label for="to">Đến</label><input class="day" id="to" name="to" value="1/1" aria-describedby="h"><select name="s"><option value="">–</option>
<option value="a" selected>A</option><option value="b">B</option></select><input type="checkbox" name="c" value="yes" checked>
<input type="password" name="p" value=""><textarea name="w">giữ</textarea></form></details></main>"##;

    fn refill(fields: &[(&str, &str)], problems: &[(&str, &str)]) -> Option<String> {
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let problem =
            |(field, vi): &(&str, &str)| FieldRefusal { field: (*field).to_owned(), message: Text::new(*vi, *vi) };
        let problems: Vec<_> = problems.iter().map(problem).collect();
        let l = L(Language::Vietnamese);
        page(PAGE, &Refused { page: "/p", sent_to: "/p", fields: &fields, files: false, problems: &problems, l })
    }

    #[test]
    fn the_form_that_was_sent_holds_what_was_typed_and_no_other_does() {
        let typed = [("do", "two"), ("to", "mai \"<b>"), ("s", "b"), ("p", "bí mật"), ("w", "dòng <1>\n</textarea>")];
        let html = refill(&typed, &[("to", "Không phải ngày <x>"), ("other", "Chuyện khác")])
            .expect("the page holds the form");
        assert!(html.contains(r#"name="to" value="cũ""#), "{html}");
        assert!(html.contains(r#"value="mai &#34;&lt;b&gt;""#), "{html}");
        assert!(html.contains(r#"<option value="a">A"#) && html.contains(r#"<option value="b" selected>"#), "{html}");
        assert!(html.contains(r#"<input type="checkbox" name="c" value="yes">"#), "{html}");
        assert!(html.contains("\ndòng &lt;1&gt;\n&lt;/textarea&gt;</textarea>"), "{html}");
        assert!(!html.contains("bí mật"), "{html}");
        let why = r#"<span class="why" id="why-to">Không phải ngày &lt;x&gt;</span><input class="day""#;
        assert!(html.contains(why) && html.contains(r#"aria-describedby="h why-to""#), "{html}");
        assert!(
            html.contains(r##"<li><a href="#to">Không phải ngày &lt;x&gt;</a></li><li>Chuyện khác</li>"##),
            "{html}"
        );
        assert!(html.contains("<title>Lỗi: Kỳ") && html.contains(r#"<details class="more" open>"#), "{html}");
    }

    #[test]
    fn a_page_without_such_a_form_is_left_alone() {
        assert!(refill(&[("do", "three"), ("to", "x")], &[]).is_none());
        assert!(refill(&[("do", "one"), ("unknown", "x")], &[]).is_none());
        let whole = |html: &str| tags(html).len();
        assert_eq!(whole("a < b <<p> <p x=\"a>b\" y> <img"), 3);
    }
}
