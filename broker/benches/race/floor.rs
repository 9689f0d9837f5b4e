//! The floor: a bare tokio loop that writes the same bytes. No protocol to speak of, no checks, no limits; but it reads
//! what clients say, each word once, as any server has to.

use std::{
    collections::HashMap,
    future::poll_fn,
    io::{self, BufRead},
    net::Ipv4Addr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::Poll,
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    net::{TcpSocket, TcpStream},
    sync::Notify,
};

struct Slot {
    bytes: Mutex<Option<Arc<[u8]>>>,
    ring: Notify,
}

pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let slots: Arc<Mutex<HashMap<usize, Arc<Slot>>>> = Arc::default();
    let listener = runtime.block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        socket.listen(4_096).unwrap()
    });
    println!("{}", listener.local_addr().unwrap().port());
    let seats = Arc::clone(&slots);
    runtime.spawn(async move {
        for number in 0.. {
            let Ok((stream, _)) = listener.accept().await else { return };
            let _ = stream.set_nodelay(true);
            let slot = Arc::new(Slot { bytes: Mutex::default(), ring: Notify::new() });
            seats.lock().unwrap().insert(number, Arc::clone(&slot));
            let seats = Arc::clone(&seats);
            tokio::spawn(async move {
                let _ = client(stream, &slot).await;
                seats.lock().unwrap().remove(&number);
            });
        }
    });
    for line in io::stdin().lock().lines() {
        let (line, slots) = (line.unwrap(), Arc::clone(&slots));
        runtime.spawn(async move {
            let shared: Arc<[u8]> = message().into();
            for slot in slots.lock().unwrap().values() {
                let bytes = if line == "each" { message().into() } else { Arc::clone(&shared) };
                *slot.bytes.lock().unwrap() = Some(bytes);
                slot.ring.notify_one();
            }
        });
    }
}

fn message() -> Vec<u8> {
    let mut bytes = vec![0x32, 0x8e, 0x02, 0, 10];
    bytes.extend(b"v1/me/show\0\x01");
    bytes.extend([b'x'; 256]);
    bytes
}

async fn client(mut stream: TcpStream, slot: &Slot) -> io::Result<()> {
    loop {
        tokio::select! {
            heard = read(&mut stream) => match heard? {
                None => return Ok(()),
                Some(0x10) => { stream.try_write(&[0x20, 2, 0, 0])?; }
                Some(0x82) => { stream.try_write(&[0x90, 4, 0, 1, 1, 1])?; }
                Some(_) => {}
            },
            () = slot.ring.notified() => {
                let bytes = slot.bytes.lock().unwrap().take();
                if let Some(bytes) = bytes {
                    stream.try_write(&bytes)?;
                }
            }
        }
    }
}

/// The first byte of what came. The buffer is on the stack, so that a client that says nothing has none.
async fn read(stream: &mut TcpStream) -> io::Result<Option<u8>> {
    poll_fn(|cx| {
        let mut buffer = [0; 2_048];
        let mut into = ReadBuf::new(&mut buffer);
        match Pin::new(&mut *stream).poll_read(cx, &mut into) {
            Poll::Ready(read) => Poll::Ready(read.map(|()| into.filled().first().copied())),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
