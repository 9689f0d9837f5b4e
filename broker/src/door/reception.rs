//! From a socket to a session: CONNECT is read, judged, shown to the gate, and answered in every case it is one.

use std::{net::SocketAddr, sync::Arc};

use badgecast_domain::{
    id::{BadgeId, ConnectionId},
    topic::{self, Of, Up},
};
use rustls::ServerConnection;
use tokio::{
    io::{AsyncReadExt, DuplexStream},
    net::TcpStream,
    time::timeout,
};

use super::{Door, Entrance, peer_of, pipe::Pipe, tls::BUFFER_BYTES, waiting::Ticket, web::Web};
use crate::{
    gate::{Admitted, Credentials, Gate, Refusal, Said, Who},
    outlet::{filter::is_client_id, reader::Reader},
    packet::{
        Code, Version, Wrong,
        connect::{self, Connect, Refused, Will},
        cut, frame, reply,
    },
    session::{Session, input::said, last_words, welcome},
    tally::Tally,
};

/// Takes one socket in.
pub(super) async fn receive<G: Gate>(
    door: Arc<Door<G>>,
    entrance: &Entrance,
    socket: TcpStream,
    peer: SocketAddr,
    ticket: Ticket,
) {
    let pipe = entrance.shake_hands(socket, door.hall.settings.max_packet);
    listen(Arc::clone(&door), pipe, peer, ticket).await;
}

/// Takes in what an HTTP server upgraded.
pub(super) async fn receive_upgraded<G: Gate>(
    door: Arc<Door<G>>,
    stream: DuplexStream,
    peer: SocketAddr,
    ticket: Ticket,
) {
    let max_packet = door.hall.settings.max_packet;
    let pipe = async move {
        Ok((Pipe::Web(Box::new(Web::upgraded(Pipe::Handed(stream), max_packet).await)), Vec::new()))
    };
    listen(door, pipe, peer, ticket).await;
}

/// Hears the CONNECT on the pipe that comes out of a handshake, behind the bytes that were read already.
async fn listen<G: Gate>(
    door: Arc<Door<G>>,
    handshake: impl Future<Output = Result<(Pipe, Vec<u8>), Unheard>>,
    peer: SocketAddr,
    ticket: Ticket,
) {
    let settings = &door.hall.settings;
    let tally = door.hall.desk.tally();
    let heard = timeout(settings.connect_within, async {
        let (mut pipe, first) = handshake.await?;
        let connect = read_connect(&mut pipe, first, settings.max_packet).await?;
        Ok::<_, Unheard>((pipe, connect))
    });
    let (mut pipe, (mut connect, early)) = match heard.await {
        Ok(Ok((pipe, Ok(connect)))) => (pipe, connect),
        Ok(Ok((pipe, Err(refused)))) => return refuse(&door, pipe, refused).await,
        Ok(Err(unheard)) => return unheard.count(tally),
        Err(_) => return tally.connects_late.one(),
    };
    let admission = door.hall.desk.admission();
    match admit(&door, &mut connect, peer).await {
        Ok((admitted, will)) => {
            tally.admitted.one();
            drop(ticket);
            let alive = door.alive.clone();
            if let Who::Integration { client } = admitted.who {
                let words = welcome(&connect, settings);
                let hall = Arc::clone(&door.hall);
                return match Reader::begin(hall, pipe, &connect, client, admitted, early, &admission) {
                    Ok(reader) => drop(tokio::spawn(async move {
                        reader.run(words).await;
                        drop(alive);
                    })),
                    Err((mut pipe, code)) => {
                        say_refusal(&mut pipe, connect.voice(), code, settings.linger).await;
                    }
                };
            }
            let session =
                Session::begin(Arc::clone(&door.hall), pipe, connect, will, admitted, early, &admission);
            // A task of its own: this one is as large as the gate's thinking, and that is over.
            tokio::spawn(async move {
                session.run().await;
                drop(alive);
            });
        }
        Err(code) => {
            drop(ticket);
            say_refusal(&mut pipe, connect.voice(), code, settings.linger).await;
        }
    }
}

/// Why there was no CONNECT.
enum Unheard {
    Handshake,
    Gone,
    Foreign,
}

impl Unheard {
    fn count(self, tally: &Tally) {
        match self {
            Self::Handshake => tally.handshakes_failed.one(),
            Self::Gone => tally.lost.one(),
            Self::Foreign => tally.connects_foreign.one(),
        }
    }
}

impl Entrance {
    /// The pipe MQTT is spoken on, and what was read of it to find out that it is.
    async fn shake_hands(&self, socket: TcpStream, max_packet: usize) -> Result<(Pipe, Vec<u8>), Unheard> {
        let mut pipe = match &self.certificate {
            None => Pipe::plain(socket),
            Some(certificate) => {
                let limit = |tls: &mut ServerConnection| tls.set_buffer_limit(Some(BUFFER_BYTES));
                let secure = certificate.acceptor().accept_with(socket, limit).await;
                Pipe::Secure(Box::new(secure.map_err(|_| Unheard::Handshake)?))
            }
        };
        let Some(origins) = &self.web else { return Ok((pipe, Vec::new())) };
        let mut first = Vec::new();
        read_some(&mut pipe, &mut first).await?;
        if first[0] != WEBSOCKET {
            return Ok((pipe, first));
        }
        let pipe = Pipe::Again(Box::new((first.into(), pipe)));
        let web = Web::accept(pipe, origins, max_packet).await.ok_or(Unheard::Handshake)?;
        Ok((Pipe::Web(Box::new(web)), Vec::new()))
    }
}

/// The first byte of a WebSocket handshake: `GET`. No MQTT packet begins so.
const WEBSOCKET: u8 = b'G';

/// Reads what there is, at least a byte.
async fn read_some(pipe: &mut Pipe, bytes: &mut Vec<u8>) -> Result<(), Unheard> {
    let mut chunk = [0; 1_024];
    let count = pipe.read(&mut chunk).await.map_err(|_| Unheard::Gone)?;
    if count == 0 {
        return Err(Unheard::Gone);
    }
    bytes.extend_from_slice(&chunk[..count]);
    Ok(())
}

type Heard = Result<(Connect, Vec<u8>), Refused>;

/// Reads on until the CONNECT is whole; what came behind it is handed on.
async fn read_connect(pipe: &mut Pipe, mut bytes: Vec<u8>, max_packet: usize) -> Result<Heard, Unheard> {
    let mut more = bytes.is_empty();
    loop {
        if std::mem::replace(&mut more, true) {
            read_some(pipe, &mut bytes).await?;
        }
        if bytes[0] >> 4 != frame::kind::CONNECT {
            return Err(Unheard::Foreign);
        }
        match cut(&bytes, max_packet) {
            Ok(None) => {}
            Ok(Some(frame)) => {
                let early = bytes[frame.whole.len()..].to_vec();
                return match connect::read(frame) {
                    Err(Refused::Silently) => Err(Unheard::Foreign),
                    read => Ok(read.map(|connect| (connect, early))),
                };
            }
            Err(Wrong(code)) => {
                let after_length =
                    bytes.iter().skip(1).position(|byte| byte & 0x80 == 0).map_or(5, |at| at + 2);
                // The version stands within the next bytes; wait for them, and answer in it.
                let Some(body) = bytes.get(after_length.min(5)..).filter(|body| body.len() >= 7) else {
                    continue;
                };
                return match connect::version(body) {
                    Ok(version) => Ok(Err(Refused::With(version, code))),
                    Err(Refused::Silently) => Err(Unheard::Foreign),
                    Err(refused) => Ok(Err(refused)),
                };
            }
        }
    }
}

async fn refuse<G: Gate>(door: &Door<G>, mut pipe: Pipe, refused: Refused) {
    door.hall.desk.tally().connects_malformed.one();
    if let Refused::With(version, code) = refused {
        say_refusal(&mut pipe, (version, u32::MAX), code, door.hall.settings.linger).await;
    }
}

/// Says it to one who speaks this version and takes packets of so many bytes.
async fn say_refusal(
    pipe: &mut Pipe,
    (version, max_packet): (Version, u32),
    code: Code,
    linger: std::time::Duration,
) {
    let mut words = Vec::new();
    reply::refusal(&mut words, version, code, max_packet);
    last_words(pipe, &words, linger).await;
}

/// Judges a CONNECT; the gate is asked last, because it costs the most.
async fn admit<G: Gate>(
    door: &Door<G>,
    connect: &mut Connect,
    peer: SocketAddr,
) -> Result<(Admitted, Option<Box<(BadgeId, Said)>>), Code> {
    let (settings, tally) = (&door.hall.settings, door.hall.desk.tally());
    if connect.client_id.is_empty() && !connect.clean && connect.version == Version::V4 {
        // [MQTT-3.1.3-8]
        tally.connects_malformed.one();
        return Err(Code::BadClientId);
    }
    if door.hall.desk.connected() >= settings.max_connections {
        tally.connects_over_limit.one();
        return Err(Code::Quota);
    }
    if !door.may_connect() {
        tally.connects_too_fast.one();
        return Err(Code::ConnectsTooFast);
    }
    // A client that does not name itself is named by its user name, which for a badge is its id.
    connect.assigned = connect.client_id.is_empty();
    if connect.assigned {
        connect.client_id.clone_from(&connect.username);
    }
    let credentials = Credentials {
        client_id: connect.client_id.clone(),
        username: connect.username.clone(),
        password: connect.password.clone(),
        peer: peer_of(peer),
    };
    let asked = timeout(settings.admit_within, door.hall.gate.admit(credentials)).await;
    let admitted = asked.unwrap_or(Err(Refusal::Unavailable)).map_err(|refusal| {
        match refusal {
            Refusal::Malformed => tally.refused_malformed.one(),
            Refusal::NotAuthorized => tally.refused_not_authorized.one(),
            Refusal::Banned => tally.refused_banned.one(),
            Refusal::Unavailable => tally.refused_unavailable.one(),
        }
        code_of(refusal)
    })?;
    if matches!(admitted.who, Who::Integration { .. }) {
        // It may connect more than once, so it gets a name that nobody has.
        if connect.assigned {
            connect.client_id = ConnectionId::new().to_string();
        } else if !is_client_id(&connect.client_id) {
            tally.connects_malformed.one();
            return Err(Code::BadClientId);
        }
    }
    if welcome(connect, settings).len() > connect.max_packet as usize {
        // Without CONNACK there is no connection, and a show would be larger still.
        tally.connects_malformed.one();
        return Err(Code::TooLarge);
    }
    let will = connect.will.as_ref().map(|will| will_of(will, &admitted.who)).transpose();
    let will = will.inspect_err(|_| tally.publishes_denied.one())?;
    Ok((admitted, will.map(Box::new)))
}

const fn code_of(refusal: Refusal) -> Code {
    match refusal {
        Refusal::Malformed => Code::BadCredentials,
        Refusal::NotAuthorized => Code::NotAuthorized,
        Refusal::Banned => Code::Banned,
        Refusal::Unavailable => Code::Unavailable,
    }
}

/// A will is a message its client may send, or the client stays outside.
fn will_of(will: &Will, who: &Who) -> Result<(BadgeId, Said), Code> {
    let (of, up) = topic::up(&will.topic).ok_or(Code::NotAuthorized)?;
    let badge = match (of, who) {
        (Of::Me, Who::Badge(member)) => member.badge,
        (Of::Badge(badge), Who::Gateway { badges, .. }) if badges.iter().any(|of| of.badge == badge) => badge,
        _ => return Err(Code::NotAuthorized),
    };
    if up == Up::Token {
        return Err(Code::NotAuthorized);
    }
    Ok((badge, said(up, &will.payload).ok_or(Code::BadPayload)?))
}
