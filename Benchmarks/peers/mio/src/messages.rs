use mio::{Events, Poll, Token, Waker};
use std::sync::{
    atomic::{AtomicBool, Ordering::SeqCst},
    mpsc::{channel, Receiver, Sender},
    Arc,
};

use crate::Usage;

/// A poll with one of std's queues in front: the sender of the first message since the last wait wakes it.
struct Inbox {
    poll: Poll,
    events: Events,
    receiver: Receiver<usize>,
    is_woken: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Outbox {
    sender: Sender<usize>,
    waker: Arc<Waker>,
    is_woken: Arc<AtomicBool>,
}

fn pair() -> std::io::Result<(Outbox, Inbox)> {
    let poll = Poll::new()?;
    let (sender, receiver) = channel();
    let waker = Arc::new(Waker::new(poll.registry(), Token(0))?);
    let is_woken = Arc::new(AtomicBool::new(false));
    let outbox = Outbox { sender, waker, is_woken: is_woken.clone() };
    Ok((outbox, Inbox { poll, events: Events::with_capacity(16), receiver, is_woken }))
}

impl Outbox {
    fn send(&self, message: usize) {
        self.sender.send(message).unwrap();
        if !self.is_woken.swap(true, SeqCst) {
            self.waker.wake().unwrap();
        }
    }
}

impl Inbox {
    fn wait(&mut self, mut body: impl FnMut(usize)) -> std::io::Result<()> {
        self.poll.poll(&mut self.events, None)?;
        self.is_woken.swap(false, SeqCst);
        while let Ok(message) = self.receiver.try_recv() {
            body(message);
        }
        Ok(())
    }
}

pub fn run(what: &str, first: usize, second: usize) -> std::io::Result<()> {
    let (outbox, mut inbox) = pair()?;
    let (mut received, mut sum) = (0, 0);
    match what {
        "count" => {
            for _ in 0..first {
                (0..second).for_each(|number| outbox.send(number));
                inbox.wait(|message| sum += message)?;
            }
            println!("sum={sum}");
        }
        "throughput" => {
            let share = second / first;
            let usage = Usage::now();
            for _ in 0..first {
                let outbox = outbox.clone();
                std::thread::spawn(move || (0..share).for_each(|number| outbox.send(number)));
            }
            while received < share * first {
                inbox.wait(|_| received += 1)?;
            }
            usage.print(share * first);
        }
        _ => {
            let (there, mut inbox_there) = pair()?;
            let usage = Usage::now();
            let thread = std::thread::spawn(move || {
                let mut answered = 0;
                while answered < first {
                    inbox_there
                        .wait(|message| {
                            answered += 1;
                            outbox.send(message);
                        })
                        .unwrap();
                }
            });
            for round in 0..first {
                there.send(round);
                while received <= round {
                    inbox.wait(|_| received += 1)?;
                }
            }
            usage.print(first);
            thread.join().unwrap();
        }
    }
    Ok(())
}
