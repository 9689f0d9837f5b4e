//! Lists in pages, for people: how many rows, and the address of the next page.

use std::fmt;

use url::form_urlencoded;

use crate::routes::body::List;

/// Rows of a page.
const ROWS: u64 = 50;
/// How many to ask for: one more says that there is a next page.
pub(super) const LIMIT: u64 = ROWS + 1;

pub(super) fn page<T, C: fmt::Display>(rows: Vec<T>, cursor: impl Fn(&T) -> C) -> List<T> {
    List::page(rows, ROWS, cursor)
}

/// The address of the page after this row; fields that say nothing are left out.
pub(super) fn address(path: &str, fields: &[(&str, &String)], after: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    format!("{path}?{}", query.append_pair("after", after).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_as_this_one_was() {
        let (q, none) = ("a&b".to_owned(), String::new());
        assert_eq!(address("/badges", &[("q", &q), ("tag", &none)], "7"), "/badges?q=a%26b&after=7");
    }
}
