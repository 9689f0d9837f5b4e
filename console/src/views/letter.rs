//! A letter to write: an address (RFC 6068) that opens the person's own mail program, with its words in it. The server
//! sends none.

use std::fmt::Write as _;

/// Programs and browsers cut longer addresses.
const MAX_CHARACTERS: usize = 1_900;

/// The address of a letter: its head, and as many of the lines as fit; `rest` says how many of `all` are left out.
pub(super) fn letter(
    subject: &str,
    head: &str,
    (lines, all): (&[String], u64),
    rest: impl Fn(u64) -> String,
) -> String {
    let mut address = format!("mailto:?subject={}&body={}", encoded(subject), encoded(head));
    let mut left = all;
    for line in lines {
        let line = encoded(&format!("{line}\r\n"));
        if address.len() + line.len() + encoded(&rest(left)).len() > MAX_CHARACTERS {
            break;
        }
        address.push_str(&line);
        left = left.saturating_sub(1);
    }
    if left > 0 {
        address.push_str(&encoded(&rest(left)));
    }
    address
}

/// RFC 3986 section 2.3: what is not unreserved is written as bytes.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a text takes what is written to it");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(count: u64, all: u64) -> String {
        let lines: Vec<String> = (0..count).map(|number| format!("Zoë & Co (B-{number:04})")).collect();
        letter("12 named?", "12 of 200\r\n", (&lines, all), |left| format!("and {left} more"))
    }

    #[test]
    fn a_letter_is_an_address_that_nobody_can_add_to() {
        assert_eq!(
            named(1, 1),
            "mailto:?subject=12%20named%3F&body=12%20of%20200%0D%0AZo%C3%AB%20%26%20Co%20%28B-0000%29%0D%0A"
        );
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let long = named(1_000, 1_500);
        assert!(long.len() <= MAX_CHARACTERS);
        let told = long.matches("%0D%0A").count() - 1;
        assert!(long.ends_with(&format!("and%20{}%20more", 1_500 - told)), "{long}");
        assert!(named(2, 5).ends_with("and%203%20more"));
    }
}
