//! The whole HTTP API on one screen.

pub mod announcements;
pub mod audit;
pub mod badges;
pub mod body;
pub mod claims;
pub mod clients;
pub mod console;
pub mod cors;
pub mod creation;
pub mod displays;
pub mod done;
pub mod entity;
pub mod envelope;
pub mod events;
pub mod gateways;
pub mod groups;
pub mod keys;
pub mod me;
pub mod mqtt;
pub mod operations;
pub mod organization;
pub mod pictures;
pub mod polling;
pub mod reference;
pub mod sessions;
pub mod users;

use actix_web::web::{self, ServiceConfig, resource};
use utoipa::OpenApi as _;

use crate::{
    oauth::{
        self, consent, device, device_page, introspect, jwks, login, logout, metadata, nonce, revoke, token,
        userinfo,
    },
    problem::Problem,
};

/// Every address this server answers.
pub fn tree(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").get(operations::health))
        .service(resource("/readyz").get(operations::ready))
        .service(resource("/metrics").get(operations::metrics))
        .service(resource("/openapi.json").get(reference::openapi))
        .service(resource("/docs").get(reference::docs))
        .service(resource("/mqtt").get(mqtt::upgrade))
        // tokens
        .service(resource("/api/v1/login").post(login::login))
        .service(resource(oauth::TOKEN_PATH).post(token::token))
        .service(resource("/oauth/authorize").get(consent::ask).post(consent::decide))
        .service(resource("/oauth/device_authorization").post(device::start))
        .service(resource("/device").get(device_page::show).post(device_page::decide))
        .service(resource("/oauth/nonce").post(nonce::give))
        .service(resource("/oauth/revoke").post(revoke::revoke))
        .service(resource("/oauth/introspect").post(introspect::introspect))
        .service(resource("/oauth/userinfo").get(userinfo::userinfo).post(userinfo::userinfo))
        .service(resource("/oauth/logout").get(logout::ask).post(logout::decide))
        .service(resource("/.well-known/oauth-authorization-server").get(metadata::metadata))
        .service(resource("/.well-known/openid-configuration").get(metadata::metadata))
        .service(resource("/oauth/jwks.json").get(jwks::jwks))
        .service(resource("/api/v1/session").post(sessions::sign_in).delete(sessions::sign_out))
        // the caller
        .service(resource("/api/v1/me").get(me::read))
        .service(resource("/api/v1/me/badge").get(me::badge))
        .service(resource("/api/v1/me/sessions").get(sessions::list))
        .service(resource("/api/v1/me/sessions/{id}").delete(sessions::end))
        .service(resource("/api/v1/me/show").get(polling::show))
        .service(resource("/api/v1/me/acks").post(polling::acks))
        .service(resource("/api/v1/organization").get(organization::read).patch(organization::change))
        // people
        .service(resource("/api/v1/users").get(users::list).post(users::add))
        .service(resource("/api/v1/users/{id}").get(users::read).patch(users::change).delete(users::disable))
        .service(resource("/api/v1/users/{id}/keys").get(keys::list).post(keys::make))
        .service(resource("/api/v1/users/{id}/keys/{key}").delete(keys::revoke))
        .service(resource("/api/v1/clients").get(clients::list).post(clients::register))
        .service(resource("/api/v1/clients/{id}").delete(clients::disable))
        .service(resource("/api/v1/people").get(users::search))
        // badges
        .service(resource("/api/v1/claims").post(claims::claim))
        .service(resource("/api/v1/badges").get(badges::list).post(badges::register))
        .service(
            resource("/api/v1/badges/{id}").get(badges::read).patch(badges::change).delete(badges::retire),
        )
        .service(resource("/api/v1/badges/{id}/display").get(displays::read).put(displays::put))
        .service(resource("/api/v1/badges/{id}/preview.gif").get(pictures::moving))
        .service(resource("/api/v1/badges/{id}/preview.png").get(pictures::still))
        .service(resource("/api/v1/badges/{id}/program.bin").get(pictures::program))
        .service(resource("/api/v1/badges/{id}/showing").get(pictures::showing))
        .service(resource("/api/v1/preview").post(pictures::preview))
        .service(resource("/api/v1/badges/{id}/revoke").post(badges::revoke))
        .service(resource("/api/v1/badges/{id}/command").post(badges::command))
        .service(resource("/api/v1/badges/{id}/claim-code").post(badges::claim_code))
        // gateways
        .service(resource("/api/v1/gateways").get(gateways::list).post(gateways::register))
        .service(
            resource("/api/v1/gateways/{id}")
                .get(gateways::read)
                .patch(gateways::rename)
                .delete(gateways::retire),
        )
        .service(resource("/api/v1/gateways/{id}/revoke").post(gateways::revoke))
        .service(resource("/api/v1/gateways/{id}/claim-code").post(gateways::claim_code))
        .service(
            resource("/api/v1/gateways/{id}/badges")
                .get(gateways::badges)
                .post(gateways::hang)
                .put(gateways::replace),
        )
        .service(
            resource("/api/v1/gateways/{id}/badges/{badge}")
                .put(gateways::hang_one)
                .delete(gateways::take_off),
        )
        // groups
        .service(resource("/api/v1/groups").get(groups::list).post(groups::create))
        .service(
            resource("/api/v1/groups/{id}").get(groups::read).patch(groups::rename).delete(groups::dissolve),
        )
        .service(
            resource("/api/v1/groups/{id}/badges")
                .get(groups::members)
                .post(groups::add)
                .put(groups::replace),
        )
        .service(
            resource("/api/v1/groups/{id}/badges/{badge}").put(groups::add_one).delete(groups::remove_one),
        )
        // announcements
        .service(resource("/api/v1/announcements").get(announcements::list).post(announcements::announce))
        .service(
            resource("/api/v1/announcements/{id}").get(announcements::read).delete(announcements::withdraw),
        )
        .service(resource("/api/v1/announcements/{id}/receipts").get(announcements::receipts))
        // watching
        .service(resource("/api/v1/events").get(events::watch))
        .service(resource("/api/v1/audit").get(audit::list))
        // the console: the door
        .service(resource("/").get(console::home::home))
        .service(resource(console::door::SIGN_IN).get(console::door::ask).post(console::door::sign_in))
        .service(resource("/sign-out").post(console::door::sign_out))
        .service(resource("/look").post(console::look::change))
        // the console: one's own badge
        .service(resource("/me").get(console::my_badge::show).post(console::my_badge::send))
        .service(resource("/me/preview").post(console::my_badge::preview))
        .service(resource("/me/back").post(console::my_badge::back))
        // the console: the fleet
        .service(resource("/search").get(console::search::find))
        .service(resource("/badges").get(console::badges::list))
        .service(resource("/badges/{id}").get(console::badge::show).post(console::badge::change))
        .service(resource("/badges/{id}/line").post(console::badge::put_line))
        .service(resource("/badges/{id}/line/preview").post(console::badge::preview_line))
        .service(resource("/badges/{id}/identify").post(console::badge::identify))
        .service(resource("/badges/{id}/wipe").post(console::badge::wipe))
        .service(resource("/badges/{id}/revoke").post(console::badge::revoke))
        .service(resource("/badges/{id}/release").post(console::badge::release))
        .service(resource("/badges/{id}/claim-code").post(console::badge::claim_code))
        .service(resource(console::claim::PATH).get(console::claim::ask).post(console::claim::look))
        .service(resource("/claim/owners").post(console::owner::suggest))
        .service(resource("/claim/join").post(console::claim::join))
        .service(resource("/claim/refuse").post(console::claim::refuse))
        .service(resource("/groups").get(console::groups::list).post(console::groups::make))
        .service(resource("/groups/{id}").get(console::groups::show).post(console::groups::rename))
        .service(resource("/groups/{id}/add").post(console::groups::add))
        .service(resource("/groups/{id}/remove").post(console::groups::remove))
        .service(resource("/groups/{id}/dissolve").post(console::groups::dissolve))
        // the console: those who run it
        .service(resource("/people").get(console::people::list).post(console::people::add))
        .service(resource("/people/{id}").get(console::people::show).post(console::people::change))
        .service(resource("/people/{id}/password").post(console::people::set_password))
        .service(resource("/people/{id}/disable").post(console::people::disable))
        .service(resource("/people/{id}/enable").post(console::people::enable))
        .service(resource("/access").get(console::access::show))
        .service(resource("/access/sessions/{id}/end").post(console::access::end_own_session))
        .service(resource("/access/keys").post(console::access::make_key))
        .service(resource("/access/keys/{id}/revoke").post(console::access::revoke_key))
        .service(resource("/access/clients").post(console::access::register_client))
        .service(resource("/access/clients/{id}/disable").post(console::access::disable_client))
        .service(resource("/audit").get(console::audit::list))
        .service(resource("/audit/export").get(console::audit::export))
        .service(resource("/settings").get(console::settings::show))
        .service(resource("/assets/{digest}/{name}").get(console::assets::asset))
        // the console: announcing
        .service(resource("/wall").get(console::wall::show))
        .service(resource("/announcements").get(console::announcements::list))
        .service(resource("/announcements/new").get(console::announce::form).post(console::announce::send))
        .service(resource("/announcements/preview").post(console::announce::preview))
        .service(resource("/announcements/{id}").get(console::watch::show))
        .service(resource("/announcements/{id}/withdraw").post(console::watch::withdraw))
        .service(resource("/announcements/{id}/again").post(console::watch::again))
        .service(resource("/announcements/{id}/identify").post(console::watch::identify))
        .default_service(web::to(async || Err::<(), Problem>(Problem::not_found())));
}

/// The OpenAPI document of [`tree`].
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Badgecast",
        description = "Managers push messages to all badges, receptionists change their own, badges say when the light is on.\n\nAnswers are JSON; failures are problem documents (RFC 9457). Ids are UUIDs, times are RFC 3339 in UTC. Lists come in pages: ?limit=&after=, answered as {items, next}. Creations honour Idempotency-Key, changes If-Match."
    ),
    tags(
        (name = "login", description = "Getting tokens. Send them as Authorization: Bearer."),
        (name = "oauth", description = "The authorization server, for clients and devices. See docs/tokens.md."),
        (name = "clients", description = "Integrations and applications."),
        (name = "me", description = "The caller."),
        (name = "announcements", description = "Said once, shown on many badges, with receipts that say shown."),
        (name = "displays", description = "What one badge says when nobody else speaks."),
        (name = "badges", description = "The devices."),
        (name = "gateways", description = "Devices that speak for badges without a network of their own. See docs/mqtt.md."),
        (name = "groups", description = "Named sets of badges."),
        (name = "users", description = "People and their roles."),
        (name = "events", description = "What happens, as it happens."),
        (name = "audit", description = "Who did what."),
        (name = "operations", description = "For those who run it."),
        (name = "polling", description = "For badges that poll instead of holding an MQTT connection.")
    ),
    paths(
        login::login,
        me::read, me::badge, organization::read, organization::change,
        announcements::announce, announcements::list, announcements::read, announcements::withdraw,
        announcements::receipts,
        displays::read, displays::put,
        pictures::moving, pictures::still, pictures::program, pictures::showing, pictures::preview,
        badges::register, badges::list, badges::read, badges::change, badges::retire, badges::revoke,
        badges::command, badges::claim_code, claims::claim,
        gateways::register, gateways::list, gateways::read, gateways::rename, gateways::retire, gateways::revoke,
        gateways::claim_code, gateways::badges, gateways::hang, gateways::replace, gateways::hang_one,
        gateways::take_off,
        groups::create, groups::list, groups::read, groups::rename, groups::dissolve, groups::members, groups::add,
        groups::replace, groups::add_one, groups::remove_one,
        users::add, users::list, users::read, users::change, users::disable, users::search,
        events::watch, audit::list,
        operations::health, operations::ready, operations::metrics,
        token::token, device::start, nonce::give, revoke::revoke, introspect::introspect, userinfo::userinfo, jwks::jwks,
        metadata::metadata, sessions::sign_in, sessions::sign_out, sessions::list, sessions::end,
        keys::make, keys::list, keys::revoke, clients::register, clients::list, clients::disable,
        polling::show, polling::acks
    ),
    components(schemas(crate::problem::Document)),
    modifiers(&Bearer)
)]
struct Api;

/// Says that requests carry a bearer token.
struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    }
}

/// The document, as it is served and checked in.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}
