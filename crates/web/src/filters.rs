//! What templates do to words as they are drawn.

use askama::Values;
use askama::filters::Safe;

/// Words in which the number of a decision ("2263/QĐ-UBND") stays on one line.
///
/// # Errors
/// None; the signature is that of all filters.
#[askama::filter_fn]
pub fn numbers(words: impl ToString, _: &dyn Values) -> askama::Result<Safe<String>> {
    let words = words.to_string();
    let mut html = String::with_capacity(words.len() + 32);
    for word in words.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        // A day has a slash too, and no hyphen that a line could break at.
        let whole = bare.contains('/') && bare.contains('-') && bare.starts_with(|first: char| first.is_ascii_digit());
        if whole {
            html.push_str("<span class=\"keep\">");
        }
        for letter in bare.chars() {
            match letter {
                '&' => html.push_str("&#38;"),
                '<' => html.push_str("&#60;"),
                '>' => html.push_str("&#62;"),
                '"' => html.push_str("&#34;"),
                '\'' => html.push_str("&#39;"),
                other => html.push(other),
            }
        }
        if whole {
            html.push_str("</span>");
        }
        html.push_str(&word[bare.len()..]);
    }
    Ok(Safe(html))
}
