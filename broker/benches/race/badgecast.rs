//! Badgecast's broker with real tokens: ES256 is verified at every CONNECT, and a hello is answered from cached layers.

use std::{
    io::{self, BufRead, Write},
    net::Ipv4Addr,
    sync::Arc,
    time::SystemTime,
};

use badgecast_broker::{
    Broker, Certificate, Desk, Entrance, Gate, Settings, Shows, Target,
    gate::{Admitted, Credentials, Line, Member, NotStored, Refusal, Said, Who},
};
use badgecast_domain::{
    access::Scopes,
    announcement::Audience as Whom,
    display::{Effect, Panel},
    id::{BadgeId, LayerId, OrganizationId, TokenId},
    layer::{Kind, Level},
    time::Moment,
    token::{Audience, Claims},
    wire::{Crc, Layer, Picture, Show},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use tokio::net::TcpSocket;

use crate::foreign::make_certificate;

struct House {
    desk: Desk,
    key: DecodingKey,
    validation: Validation,
}

impl Gate for House {
    async fn admit(&self, who: Credentials) -> Result<Admitted, Refusal> {
        let token = decode::<Claims>(&who.password, &self.key, &self.validation)
            .map_err(|_| Refusal::NotAuthorized)?;
        let claims = token.claims;
        if who.client_id != who.username || who.client_id != claims.sub.to_string() {
            return Err(Refusal::NotAuthorized);
        }
        let badge = BadgeId::from_uuid(claims.sub);
        let member = Member { badge, panel: Panel::P11x44, groups: Vec::new(), tags: Vec::new() };
        Ok(Admitted {
            who: Who::Badge(member),
            organization: claims.org,
            token: claims.jti,
            expires_at: Moment::from_s(claims.exp),
        })
    }

    async fn renew(&self, _: &Admitted, _: &str) -> Result<Admitted, Refusal> {
        Err(Refusal::NotAuthorized)
    }

    async fn heard(&self, line: Line, said: Said) -> Result<(), NotStored> {
        if matches!(said, Said::Hello(_)) {
            self.desk
                .show(Target::Badge(line.badge), &Shows::on(Panel::P11x44, layer(line.badge.own_layer())));
        }
        Ok(())
    }

    fn came(&self, _: Line) {}

    fn went(&self, _: Line) {}
}

pub(crate) fn serve(size: usize, tls: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let desk = Desk::default();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&["mqtt"]);
    validation.set_issuer(&["https://badges.example"]);
    let key = DecodingKey::from_ec_der(pair.der_bytes());
    let house = Arc::new(House { desk: desk.clone(), key, validation });
    let (listener, port) = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(4_096).unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    });
    let organization = OrganizationId::new();
    let guard = runtime.enter();
    let mut entrance = Entrance::mqtt(listener);
    if tls {
        let chain = make_certificate(port);
        let key = chain.with_extension("key");
        entrance = entrance.with_tls(Certificate::from_files(chain, key).unwrap());
    }
    tell_tokens(&pair, organization, port, size);
    let _broker = Broker::open(vec![entrance], Settings::default(), desk.clone(), house);
    drop(guard);
    for line in io::stdin().lock().lines() {
        let (line, desk) = (line.unwrap(), desk.clone());
        runtime.spawn(async move {
            if line == "broadcast" {
                desk.show(Target::Audience(organization, &Whom::All), &Shows::same(layer(LayerId::new())));
            } else {
                // Each badge gets a message of its own, encoded for it alone.
                for at in 0..size {
                    let badge = badge(at);
                    if desk.holds(badge) {
                        desk.show(Target::Badge(badge), &Shows::on(Panel::P11x44, layer(badge.own_layer())));
                    }
                }
            }
        });
    }
}

/// The badge of client number `at`.
fn badge(at: usize) -> BadgeId {
    BadgeId::from_uuid(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + at as u128))
}

/// The port, and a token for every client, on stdout.
fn tell_tokens(pair: &KeyPair, organization: OrganizationId, port: u16, size: usize) {
    let key = EncodingKey::from_ec_der(&pair.serialize_der());
    let now = Moment::from(SystemTime::now()).s();
    let mut out = io::stdout().lock();
    writeln!(out, "{port}").unwrap();
    for at in 0..size {
        let claims = Claims {
            iss: "https://badges.example".to_owned(),
            aud: vec![Audience::Mqtt, Audience::Api],
            sub: badge(at).uuid(),
            exp: now + 3_600,
            iat: now,
            jti: TokenId::new(),
            client_id: badge(at).to_string(),
            scope: "device:connect".parse::<Scopes>().unwrap_or_default(),
            org: organization,
            cnf: None,
        };
        let token = encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap();
        writeln!(out, "{} {token}", badge(at)).unwrap();
    }
    out.flush().unwrap();
}

/// A layer whose JSON has about 256 bytes.
fn layer(id: LayerId) -> Show {
    let picture = Picture {
        strip: vec![0; 22],
        columns: 16,
        effect: Effect::Left,
        speed: 4,
        blink: false,
        border: false,
    };
    Show::Layer(Layer {
        kind: Kind::Announcement,
        id,
        revision: 1,
        level: Level::Normal,
        from: None,
        until: None,
        ttl_s: None,
        now: Moment::from(SystemTime::now()),
        brightness: 100,
        messages: vec![picture],
        crc: Crc(0),
    })
}
