//! Which filters an integration may subscribe to.

use badgecast_domain::id::OrganizationId;
use rumqttd::protocol::valid_filter;

use crate::packet::Code;

/// The longest filter that is matched; the longest topic has 104 bytes.
const MAX_BYTES: usize = 128;

/// Judges a filter: wildcards anywhere, but only inside `v1/orgs/{organization}/badges/`.
pub(super) fn judge(organization: OrganizationId, filter: &str) -> Result<(), Code> {
    if filter.starts_with("$share/") {
        return Err(Code::NoShared);
    }
    if !valid_filter(filter) || filter.len() > MAX_BYTES || !filter.is_ascii() {
        return Err(Code::BadFilter);
    }
    let inside = filter.strip_prefix("v1/orgs/").and_then(|rest| rest.split_once("/badges/"));
    match inside {
        Some((named, _)) if named == organization.to_string() => Ok(()),
        _ => Err(Code::NotAuthorized),
    }
}

/// A client id that is safe to name a router's link with.
pub(crate) fn is_client_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_inside_their_organization() {
        let (own, other) = (OrganizationId::new(), OrganizationId::new());
        for rest in ["#", "+/presence", "+/+", "x/display"] {
            assert_eq!(judge(own, &format!("v1/orgs/{own}/badges/{rest}")), Ok(()));
            assert_eq!(judge(own, &format!("v1/orgs/{other}/badges/{rest}")), Err(Code::NotAuthorized));
        }
        let denied = ["#", "+/#", "v1/#", "v1/orgs/+/badges/#", "v1/orgs/#", "$SYS/#", "v1/me/show"];
        for filter in denied {
            assert_eq!(judge(own, filter), Err(Code::NotAuthorized), "{filter}");
        }
        let wrong = ["", "a/#/b", "a+", "\u{e9}/x", &"x".repeat(200)];
        for filter in wrong {
            assert_eq!(judge(own, filter), Err(Code::BadFilter), "{filter}");
        }
        assert_eq!(judge(own, "$share/g/v1/orgs/x"), Err(Code::NoShared));
    }
}
