//! The floor: a bare tokio loop that writes the same bytes. No protocol to speak of, no checks, no limits.

use std::{
    io::{self, BufRead},
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};

struct Slot {
    bytes: Mutex<Option<Arc<[u8]>>>,
    ring: Notify,
}

pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let slots: Arc<Mutex<Vec<Arc<Slot>>>> = Arc::default();
    let listener = runtime.block_on(async { TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap() });
    println!("{}", listener.local_addr().unwrap().port());
    let seats = Arc::clone(&slots);
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let slot = Arc::new(Slot { bytes: Mutex::default(), ring: Notify::new() });
            seats.lock().unwrap().push(Arc::clone(&slot));
            let seats = Arc::clone(&seats);
            tokio::spawn(async move {
                let _ = client(stream, &slot).await;
                seats.lock().unwrap().retain(|other| !Arc::ptr_eq(other, &slot));
            });
        }
    });
    for line in io::stdin().lock().lines() {
        let (line, slots) = (line.unwrap(), Arc::clone(&slots));
        runtime.spawn(async move {
            let shared: Arc<[u8]> = message().into();
            for slot in slots.lock().unwrap().iter() {
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

async fn client(stream: TcpStream, slot: &Slot) -> io::Result<()> {
    loop {
        tokio::select! {
            readable = stream.readable() => {
                readable?;
                let mut buffer = [0; 2_048];
                match stream.try_read(&mut buffer) {
                    Ok(0) => return Ok(()),
                    Ok(_) if buffer[0] == 0x10 => { stream.try_write(&[0x20, 2, 0, 0])?; }
                    Ok(_) if buffer[0] == 0x82 => { stream.try_write(&[0x90, 4, 0, 1, 1, 1])?; }
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
            () = slot.ring.notified() => {
                let bytes = slot.bytes.lock().unwrap().take();
                if let Some(bytes) = bytes {
                    stream.try_write(&bytes)?;
                }
            }
        }
    }
}
