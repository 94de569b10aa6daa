use mio::{unix::SourceFd, Events, Interest, Poll, Token};

use crate::Usage;

/// Socket pairs or eventfds, around which bytes travel.
pub fn run(is_eventfd: bool, slots: usize, ready: usize, count: usize) -> std::io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let width = if is_eventfd { 8 } else { 1 };
    let (mut readers, mut writers) = (vec![0; slots], vec![0; slots]);
    for slot in 0..slots {
        let mut ends = [-1; 2];
        if is_eventfd {
            ends = [unsafe { libc::eventfd(0, libc::EFD_NONBLOCK) }; 2];
        } else {
            unsafe { libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_NONBLOCK, 0, ends.as_mut_ptr()) };
        }
        (readers[slot], writers[slot]) = (ends[0], ends[1]);
        poll.registry().register(&mut SourceFd(&ends[0]), Token(slot), Interest::READABLE)?;
    }
    let mut byte = 1u64;
    let byte: *mut libc::c_void = (&mut byte as *mut u64).cast();
    for number in 0..ready {
        unsafe { libc::write(writers[number * slots / ready], byte, width) };
    }
    let usage = Usage::now();
    let mut remaining = count as isize;
    while remaining > 0 {
        poll.poll(&mut events, None)?;
        for event in &events {
            if !event.is_readable() {
                continue;
            }
            remaining -= 1;
            let slot = event.token().0;
            let next = if slot + 1 == slots { 0 } else { slot + 1 };
            unsafe {
                libc::read(readers[slot], byte, width);
                libc::write(writers[next], byte, width);
            }
        }
    }
    usage.print(count);
    Ok(())
}
