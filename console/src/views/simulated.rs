//! Badges made of software, for a fleet that has none yet: the words to type.
//!
//! The console starts no programs: a page that could would be a right on the server which nobody needs where badges are
//! real. So it says what to type, on any machine that has the simulator.

/// How many are offered: enough for a wall.
const BADGES: usize = 20;

/// The command that adds them, as somebody who may register badges.
#[must_use]
pub fn simulator(server: &str, email: &str) -> String {
    let (server, email) = (quoted(server), quoted(email));
    format!(
        "badgecast-simulator --server {server} --email {email} --password-file password --badges {BADGES}"
    )
}

/// One word for a shell, whatever it holds: people copy this without a second look.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.:/_-+".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_one_command_whoever_copies_it() {
        assert_eq!(
            simulator("http://127.0.0.1:8080", "mia+1@example.org"),
            "badgecast-simulator --server http://127.0.0.1:8080 --email mia+1@example.org --password-file password --badges 20"
        );
        let hostile = simulator("http://h", "a';curl$IFS`x`@example.org");
        assert!(hostile.contains(r"--email 'a'\'';curl$IFS`x`@example.org' --password"), "{hostile}");
    }
}
