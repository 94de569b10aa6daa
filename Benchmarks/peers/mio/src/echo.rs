use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read, Write};

struct Client {
    stream: TcpStream,
    unsent: Vec<u8>,
}

impl Client {
    /// Reads and writes until nothing more is possible; returns false at the end.
    fn serve(&mut self, buffer: &mut [u8]) -> bool {
        loop {
            while !self.unsent.is_empty() {
                match self.stream.write(&self.unsent) {
                    Ok(count) => drop(self.unsent.drain(..count)),
                    Err(error) => return error.kind() == ErrorKind::WouldBlock,
                }
            }
            let count = match self.stream.read(buffer) {
                Ok(0) => return false,
                Ok(count) => count,
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            };
            let sent = match self.stream.write(&buffer[..count]) {
                Ok(sent) => sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(_) => return false,
            };
            self.unsent.extend_from_slice(&buffer[sent..count]);
            // A read that did not fill the buffer has emptied the socket, according to epoll(7).
            if sent == count && count < buffer.len() {
                return true;
            }
        }
    }
}

/// Edge-triggered, one buffer for all.
pub fn run(port: u16) -> std::io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let mut listener = TcpListener::bind(([127, 0, 0, 1], port).into())?;
    poll.registry().register(&mut listener, Token(usize::MAX), Interest::READABLE)?;
    let mut clients: Vec<Option<Client>> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut buffer = vec![0; 16384];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            let slot = event.token().0;
            if slot == usize::MAX {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let slot = free.pop().unwrap_or_else(|| {
                        clients.push(None);
                        clients.len() - 1
                    });
                    poll.registry().register(&mut stream, Token(slot), Interest::READABLE | Interest::WRITABLE)?;
                    clients[slot] = Some(Client { stream, unsent: Vec::new() });
                }
            } else if let Some(client) = &mut clients[slot] {
                if !client.serve(&mut buffer) {
                    poll.registry().deregister(&mut client.stream)?;
                    clients[slot] = None;
                    free.push(slot);
                }
            }
        }
    }
}
