//! Child processes that cannot outlive the test process.
//!
//! A destructor does not run when a test is killed, and the usual parent-death signal needs
//! `unsafe`, which the workspace forbids. A small shell stands between instead: it starts the
//! program and reads a pipe whose other end only this process holds. When this process ends, for
//! whatever reason, the kernel closes the pipe and the shell kills the program.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs `"$@"`; kills it when standard input closes; ends with its exit code.
///
/// The background list gets the pipe as descriptor 3, because a shell gives `/dev/null` as
/// standard input to what it runs in the background. `read` is a builtin, so that killing the
/// watcher leaves no process behind.
const SUPERVISE: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
{ read -r _ <&3; kill -KILL "$child"; } 2>/dev/null &
watcher=$!
exec 3<&-
wait "$child"
status=$?
kill -KILL "$watcher" 2>/dev/null
exit "$status"
"#;

/// Deletes the folder `$1` once standard input closes. The programs die at the same moment, so it
/// tries until none of them writes any more.
const SWEEP: &str = r#"
trap '' INT HUP TERM
read -r _
tries=0
while [ -e "$1" ] && [ "$tries" -lt 100 ]; do
    rm -rf "$1" 2>/dev/null
    tries=$((tries + 1))
    [ -e "$1" ] && sleep 0.1
done
"#;

/// How much of a log an error message shows, in bytes from its end.
const LOG_EXCERPT: u64 = 4096;

/// A running program. Dropping it kills the program and waits until it is gone.
#[derive(Debug)]
pub struct Supervised {
    name: String,
    shell: Child,
    log: PathBuf,
}

impl Supervised {
    /// Starts `program` with its output appended to `<folder>/<name>.log`.
    pub fn start<I, S>(name: &str, program: &Path, args: I, folder: &Path) -> Result<Self>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<std::ffi::OsStr>,
    {
        let log = folder.join(format!("{name}.log"));
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("open the log of {name}"))?;
        let errors = output
            .try_clone()
            .with_context(|| format!("open the log of {name}"))?;
        let shell = Command::new("sh")
            .args(["-c", SUPERVISE, "sh"])
            .arg(program)
            .args(args)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("start {name} (`{}`)", program.display()))?;
        Ok(Self {
            name: name.to_owned(),
            shell,
            log,
        })
    }

    /// The log file, standard output and standard error together.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Fails with the end of the log when the program has ended.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self
            .shell
            .try_wait()
            .with_context(|| format!("look at {}", self.name))?
        {
            bail!(
                "run {}: it ended with {status}; its last words were:\n{}",
                self.name,
                log_end(&self.log)
            );
        }
        Ok(())
    }

    /// Kills the program and waits until it is gone.
    pub fn stop(&mut self) {
        drop(self.shell.stdin.take());
        // The shell ends right after the program, which cannot refuse the signal.
        let _ = self.shell.wait();
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A temporary folder that is deleted even when the test process is killed.
#[derive(Debug)]
pub struct SweptFolder {
    path: PathBuf,
    sweeper: Child,
}

impl SweptFolder {
    /// Creates an empty folder that only this user can read.
    pub fn create(prefix: &str) -> Result<Self> {
        let path = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir()
            .context("create a temporary folder")?
            .keep();
        let sweeper = Command::new("sh")
            .args(["-c", SWEEP, "sh"])
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start the sweeper of a temporary folder")?;
        Ok(Self { path, sweeper })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SweptFolder {
    fn drop(&mut self) {
        drop(self.sweeper.stdin.take());
        let _ = self.sweeper.wait();
    }
}

/// The end of a log, for an error message.
pub fn log_end(log: &Path) -> String {
    let read = || -> std::io::Result<String> {
        use std::io::{Seek, SeekFrom};
        let mut file = File::open(log)?;
        let length = fs::metadata(log)?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOG_EXCERPT)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    };
    read().unwrap_or_else(|error| format!("(no log: {error})"))
}

/// `count` free ports of the loopback interface, all different.
///
/// Somebody else can take one before it is used; who starts a server with it tries again then.
pub fn free_ports(count: usize) -> Result<Vec<u16>> {
    let listeners: Vec<_> = (0..count)
        .map(|_| std::net::TcpListener::bind(("127.0.0.1", 0)))
        .collect::<Result<_, _>>()
        .context("find a free port")?;
    listeners
        .iter()
        .map(|listener| Ok(listener.local_addr().context("find a free port")?.port()))
        .collect()
}

/// Waits until something listens on the port, or the program ends, or the time is over.
pub async fn wait_for_port(program: &mut Supervised, port: u16, timeout: Duration) -> Result<()> {
    let started = Instant::now();
    loop {
        program.check()?;
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        if started.elapsed() > timeout {
            bail!(
                "wait for {} on port {port}: nothing listens after {timeout:?}; its last words were:\n{}",
                program.name,
                log_end(&program.log)
            );
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
