//! Signing in, what the authorization server asks, and what did not work: also read by nobody in particular.

use super::{everyone, forms, text};
use crate::{
    parts::Hidden,
    views::{Consent, Device, DeviceCode, DeviceQuestion, Leave, SignIn, Trouble, whole::tame},
};

fn hidden() -> Vec<Hidden> {
    vec![Hidden::new("state", text())]
}

#[test]
fn signing_in_and_out() {
    everyone(|frame, _| {
        for (may_stay, again) in [(true, false), (false, true)] {
            let page = SignIn {
                frame,
                action: "/sign-in",
                hidden: hidden(),
                error: may_stay.then(|| "Wrong.".to_owned()),
                email: text(),
                may_stay,
                again,
            };
            let html = tame(&page);
            assert_eq!(forms(&html, "/sign-in"), 1);
            assert_eq!(html.contains("name=\"remember\""), may_stay);
        }
        tame(&Leave { frame, action: "/oauth/logout", hidden: hidden() });
    });
}

#[test]
fn what_an_application_or_a_device_wants() {
    everyone(|frame, _| {
        let name = text();
        let wishes = || vec!["Read badges".to_owned()];
        for host in [None, Some(name.as_str())] {
            let consent = Consent {
                frame,
                action: "/oauth/authorize",
                hidden: hidden(),
                person: &name,
                client: &name,
                host,
                wishes: wishes(),
            };
            tame(&consent);
        }
        tame(&DeviceCode { frame, action: "/device", code: &name, error: Some("Wrong.".to_owned()) });
        let asks = [
            Device::Badge { model: Some(&name) },
            Device::Badge { model: None },
            Device::Program { wishes: wishes() },
        ];
        for asks in asks {
            tame(&DeviceQuestion { frame, action: "/device", hidden: hidden(), asks, network: &name });
        }
    });
}

#[test]
fn what_did_not_work() {
    everyone(|frame, _| {
        tame(&Trouble {
            frame,
            heading: "Not found".to_owned(),
            sentence: "There is nothing here.".to_owned(),
            detail: Some("Nothing.".to_owned()),
            request_id: Some(text()),
            way: Some(("/".to_owned(), "Home".to_owned())),
        });
    });
}
