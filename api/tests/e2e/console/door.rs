//! In and out: by plain forms, in the person's language, and by no form of another site.

use badgecast_domain::access::Role;
use reqwest::Method;

use crate::{
    browser::{Browser, Page},
    world::{Engine, PASSWORD, World, email},
};

crate::stories! {
    a_person_signs_in_by_a_plain_form_and_goes_on_where_they_wanted
    a_form_of_another_site_does_nothing
    a_browser_that_cannot_say_where_a_form_came_from_shows_the_token
    over_tls_the_cookie_is_bound_to_the_host
    what_failed_is_a_page_for_people_and_a_document_for_programs
    language_and_theme_are_the_browsers_to_choose
}

/// Opens a page as a person does.
pub(super) async fn open(browser: &Browser<'_>, url: &str) -> Page {
    let request = browser.request(Method::GET, url).header("accept", "text/html,*/*");
    browser.send(request.header("sec-fetch-site", "none")).await
}

/// Signs in by the form.
pub(super) async fn sign_in(browser: &Browser<'_>, role: Role) -> Page {
    browser.submit("/sign-in", &[("email", &email(role)), ("password", PASSWORD), ("next", "/me")]).await
}

async fn a_person_signs_in_by_a_plain_form_and_goes_on_where_they_wanted(engine: Engine) {
    let world = World::open(engine).await;
    let browser = Browser::new(&world);
    let sent = open(&browser, &world.url("/nothing/here?state=past")).await;
    assert_eq!(sent.status, 404, "there is no such page for anybody");
    let sent = open(&browser, &world.url("/")).await;
    assert_eq!(
        (sent.status.as_u16(), sent.header("location")),
        (303, "/sign-in?next=%2F"),
        "nobody is signed in"
    );
    let page = open(&browser, &world.url("/sign-in?next=%2Fme")).await;
    page.says("Sign in").says("lang=\"en\"");
    assert_eq!(page.field("next"), "/me");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    let wrong = [("email", email(Role::Manager)), ("password", "wrong".to_owned())];
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let wrong = browser.submit("/sign-in", &wrong).await;
    assert_eq!(wrong.status, 401);
    wrong.says("The email or the password is wrong.").says(&email(Role::Manager));
    let sent = sign_in(&browser, Role::Manager).await;
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/me"));
    let first = browser.cookie();
    let again = sign_in(&browser, Role::Manager).await;
    assert_eq!(again.status, 303);
    assert_ne!(first, browser.cookie(), "every sign-in has an id of its own");
    let old = world.http.get(world.url("/")).header("cookie", first.unwrap()).header("accept", "text/html");
    let old = old.send().await.unwrap();
    assert!(old.url().path().starts_with("/sign-in"), "the session before it is over");
    let out = browser.submit("/sign-out", &[]).await;
    assert_eq!((out.status.as_u16(), out.header("location")), (303, "/sign-in"));
    assert!(open(&browser, &world.url("/")).await.header("location").starts_with("/sign-in"));
    world.close().await;
}

async fn a_form_of_another_site_does_nothing(engine: Engine) {
    let world = World::open(engine).await;
    let browser = Browser::new(&world);
    sign_in(&browser, Role::Manager).await;
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ] {
        let mut request =
            browser.request(Method::POST, &world.url("/sign-out")).header("accept", "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let page = browser.send(request.form(&[("form", "guessed")])).await;
        assert_eq!(page.status, 403, "{headers:?}");
        page.says("came from another site");
    }
    assert_eq!(open(&browser, &world.url("/")).await.header("location"), "/wall", "still signed in");
    // A link from elsewhere is no form.
    let link = browser.request(Method::GET, &world.url("/")).header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(link).await.header("location"), "/wall");
    world.close().await;
}

async fn a_browser_that_cannot_say_where_a_form_came_from_shows_the_token(engine: Engine) {
    let world = World::open(engine).await;
    let browser = Browser::new(&world);
    sign_in(&browser, Role::Manager).await;
    let page = open(&browser, &world.url("/sign-in")).await;
    let token = page.field("form");
    let post = |token: &str| browser.request(Method::POST, &world.url("/sign-out")).form(&[("form", token)]);
    let known = post(&token).header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(known).await.status, 403, "who can say where it came from is believed");
    assert_eq!(browser.send(post(&token).header("origin", "null")).await.status, 303);
    world.close().await;
}

async fn over_tls_the_cookie_is_bound_to_the_host(engine: Engine) {
    let world = World::with(engine, |config| {
        config.public_url = Some("https://badges.example".to_owned());
    })
    .await;
    let browser = Browser::new(&world);
    assert_eq!(sign_in(&browser, Role::Manager).await.status, 303);
    assert!(browser.cookie().unwrap().starts_with("__Host-sid="), "and Secure, as the browser checked");
    world.close().await;
}

async fn what_failed_is_a_page_for_people_and_a_document_for_programs(engine: Engine) {
    let world = World::open(engine).await;
    let browser = Browser::new(&world);
    let page = open(&browser, &world.url("/no/such/page")).await;
    assert_eq!(page.status, 404);
    page.says("There is nothing here").says(page.header("x-request-id"));
    assert!(page.header("content-type").starts_with("text/html"));
    world.nobody().get("/no/such/page").await.is(404);
    let program = browser.request(Method::GET, &world.url("/api/v1/badges")).header("accept", "text/html");
    let program = browser.send(program).await;
    assert_eq!(program.header("content-type"), "application/problem+json");
    let sheet = page.html.split("href=\"").find(|rest| rest.starts_with("/assets/")).unwrap();
    let sheet = sheet.split('"').next().unwrap();
    let asset = browser.open(&world.url(sheet)).await;
    assert_eq!(asset.header("content-type"), "text/css; charset=utf-8");
    assert!(asset.header("cache-control").contains("immutable"));
    assert_eq!(browser.open(&world.url("/assets/0123456789abcdef/console.css")).await.status, 404);
    world.close().await;
}

async fn language_and_theme_are_the_browsers_to_choose(engine: Engine) {
    let world = World::open(engine).await;
    let browser = Browser::new(&world);
    let ask = |accept: &str, cookie: &str| {
        let request = world.http.get(world.url("/sign-in")).header("accept-language", accept.to_owned());
        request.header("cookie", cookie.to_owned())
    };
    let read = async |request: reqwest::RequestBuilder| request.send().await.unwrap().text().await.unwrap();
    assert!(read(ask("de-AT,en;q=0.5", "")).await.contains("Passwort"));
    let arabic = read(ask("ar", "")).await;
    assert!(arabic.contains("lang=\"ar\" dir=\"rtl\"") && arabic.contains("كلمة المرور"));
    assert!(read(ask("de", "language=en&theme=dark")).await.contains("Passwort"), "no cookie of ours");
    let chosen = [("language", "en"), ("theme", "dark"), ("back", "//evil.example")];
    let page = browser.submit("/look", &chosen).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/"));
    let cookies: Vec<&str> =
        page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let look = cookies.iter().find(|cookie| cookie.starts_with("look=")).unwrap();
    let html = read(ask("de", look.split(';').next().unwrap())).await;
    assert!(html.contains("lang=\"en\"") && html.contains("data-theme=\"dark\""), "{html}");
    world.close().await;
}
