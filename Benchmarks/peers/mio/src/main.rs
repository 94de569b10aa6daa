// The work of Benchmarks/peers/*.h for mio, whose only trigger is the edge.
//
//     mio ring pairs|eventfds N READY EVENTS
//     mio registration ROUNDS DESCRIPTORS THREADS
//     mio messages count|throughput|trips FIRST SECOND
//     mio echo PORT

mod echo;
mod messages;
mod registration;
mod ring;

use std::time::Instant;

pub fn processor_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The time of a part of the program.
pub struct Usage(Instant, u64);

impl Usage {
    pub fn now() -> Usage {
        Usage(Instant::now(), processor_time())
    }

    pub fn print(&self, operations: usize) {
        let (wall, cpu) = (self.0.elapsed().as_nanos() as f64, (processor_time() - self.1) as f64);
        println!("wall={} cpu={}", wall / operations as f64, cpu / operations as f64);
    }
}

fn raise_descriptor_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|text| text.parse().ok()).collect();
    raise_descriptor_limit();
    match (arguments[0].as_str(), numbers.as_slice()) {
        ("ring", &[slots, ready, events]) => ring::run(arguments[1] == "eventfds", slots, ready, events),
        ("registration", &[rounds, count, threads]) => registration::run(rounds, count, threads),
        ("messages", &[first, second]) => messages::run(&arguments[1], first, second),
        ("echo", &[port]) => echo::run(port as u16),
        _ => std::process::exit(64),
    }
}
