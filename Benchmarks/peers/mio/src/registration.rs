use mio::{unix::SourceFd, Interest, Poll, Registry, Token};

use crate::{processor_time, Usage};

/// Registers, reregisters and deregisters `count` descriptors.
pub fn run(rounds: usize, count: usize, threads: usize) -> std::io::Result<()> {
    let poll = Poll::new()?;
    let descriptors: Vec<i32> =
        (0..count).map(|_| unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_DGRAM | libc::SOCK_NONBLOCK, 0) }).collect();
    let usage = Usage::now();
    std::thread::scope(|scope| {
        for number in 1..threads {
            let (registry, part) = (poll.registry(), &descriptors[number * count / threads..(number + 1) * count / threads]);
            scope.spawn(move || work(rounds, registry, part));
        }
        work(rounds, poll.registry(), &descriptors[..count / threads])
    })?;
    usage.print(rounds * count);
    Ok(())
}

fn work(rounds: usize, registry: &Registry, descriptors: &[i32]) -> std::io::Result<()> {
    let mut took = [0; 3];
    for _ in 0..rounds {
        let registering = processor_time();
        for (slot, descriptor) in descriptors.iter().enumerate() {
            registry.register(&mut SourceFd(descriptor), Token(slot), Interest::READABLE)?;
        }
        let reregistering = processor_time();
        for (slot, descriptor) in descriptors.iter().enumerate() {
            registry.reregister(&mut SourceFd(descriptor), Token(slot), Interest::WRITABLE)?;
        }
        let deregistering = processor_time();
        for descriptor in descriptors {
            registry.deregister(&mut SourceFd(descriptor))?;
        }
        took[0] += reregistering - registering;
        took[1] += deregistering - reregistering;
        took[2] += processor_time() - deregistering;
    }
    let each = |time: u64| time as f64 / (rounds * descriptors.len()) as f64;
    println!("register={} reregister={} deregister={}", each(took[0]), each(took[1]), each(took[2]));
    Ok(())
}
