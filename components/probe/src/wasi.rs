//! What a standard library reaches for: clock, environment, files, network, threads, randomness. A component has none of it
//! without a grant, and the probe has no grant. Not for: the interfaces of the contract.

use std::{
    fs::{self, File},
    hint::black_box,
    net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket},
    time::{Duration, Instant, SystemTime},
};

use parcae_sdk::{Result, failed, info};

use crate::{Behaviour, Request, behaviour};

/// The behaviours.
pub static ALL: [Behaviour; 7] = [
    behaviour("clock", "success: the clock stands still at 1970-01-01", clock),
    behaviour("sleep", "success at once: nobody waits for a clock that stands still; `amount` seconds (10^9)", sleep),
    behaviour("env", "success: no variable, no argument, no folder", env),
    behaviour("files", "success: nothing can be opened, listed or made", files),
    behaviour("sockets", "success: no connection, no port, no name", sockets),
    behaviour("threads", "success: no thread starts", threads),
    behaviour("random_flood", "trapped, or limit random_bytes: `amount` bytes (1 MiB) in one call", random_flood),
];

/// Ends well when something of the system was refused.
fn refused<T>(what: &str, got: std::io::Result<T>) -> Result<()> {
    match got {
        Err(error) => {
            info!("{what}: {error}");
            Ok(())
        }
        Ok(_) => Err(failed(format!("expected an error: {what}"))),
    }
}

fn clock(_: &Request) -> Result<()> {
    let (wall, steady) = (SystemTime::now(), Instant::now());
    for turn in 0..10_000_000u64 {
        black_box(turn);
    }
    let (later, steady_later) = (SystemTime::now(), Instant::now());
    info!("wall clock {wall:?} then {later:?}, steady clock {steady:?} then {steady_later:?}");
    if wall != later || steady != steady_later {
        return Err(failed("expected a clock that stands still"));
    }
    if wall != SystemTime::UNIX_EPOCH {
        return Err(failed("expected the clock to stand at 1970-01-01"));
    }
    Ok(())
}

fn sleep(request: &Request) -> Result<()> {
    let seconds = request.amount_or(1_000_000_000);
    std::thread::sleep(Duration::from_secs(seconds));
    info!("slept for {seconds} s");
    Ok(())
}

fn env(_: &Request) -> Result<()> {
    let variables: Vec<_> = std::env::vars_os().collect();
    let arguments: Vec<_> = std::env::args_os().collect();
    info!("variables {variables:?}, arguments {arguments:?}, folder {:?}", std::env::current_dir());
    if variables.is_empty() && arguments.is_empty() {
        return Ok(());
    }
    Err(failed("expected neither variables nor arguments"))
}

fn files(_: &Request) -> Result<()> {
    for path in ["/", ".", "/etc/passwd", "../../etc/passwd", "/proc/self/environ", "/dev/zero", "/tmp"] {
        refused(&format!("open {path}"), File::open(path))?;
        refused(&format!("list {path}"), fs::read_dir(path))?;
        refused(&format!("look at {path}"), fs::metadata(path))?;
    }
    for path in ["probe.txt", "/tmp/probe.txt", "../probe.txt"] {
        refused(&format!("make {path}"), File::create(path))?;
        refused(&format!("make folder {path}"), fs::create_dir(path))?;
    }
    refused("remove a file", fs::remove_file("probe.txt"))
}

fn sockets(_: &Request) -> Result<()> {
    refused("connect to this node", TcpStream::connect("127.0.0.1:9380"))?;
    refused("connect to a metadata service", TcpStream::connect("169.254.169.254:80"))?;
    refused("listen", TcpListener::bind("127.0.0.1:0"))?;
    refused("listen for datagrams", UdpSocket::bind("127.0.0.1:0"))?;
    refused("resolve a name", "localhost:80".to_socket_addrs())
}

fn threads(_: &Request) -> Result<()> {
    refused("start a thread", std::thread::Builder::new().spawn(|| black_box(1)))
}

/// Draws so many random bytes in one call; how many came.
pub fn random_bytes(count: u64) -> u64 {
    random::random::get_random_bytes(count).len() as u64
}

fn random_flood(request: &Request) -> Result<()> {
    info!("{} random bytes came", random_bytes(request.amount_or(1 << 20)));
    Ok(())
}

#[allow(missing_docs, clippy::all, unsafe_code, reason = "made by wit-bindgen")]
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package parcae:probe;

            world randomness {
                import wasi:random/random@0.2.0;
            }

            package wasi:random@0.2.0 {
                interface random {
                    get-random-bytes: func(len: u64) -> list<u8>;
                    get-random-u64: func() -> u64;
                }
            }
        ",
        world: "parcae:probe/randomness",
        generate_all,
    });
}

use bindings::wasi::random;
