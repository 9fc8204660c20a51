//! [`Host`]: what the functions of one render share: the facts, the options, the include counts, compiled expressions.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use gotemplate::{Frame, FuncError};
use jiff::Timestamp;

use super::regex::Program;
use crate::facts::Facts;

/// How often one name may be active in nested `include`s (Helm's `recursionMaxNums`).
pub const MAX_INCLUDES: u32 = 1000;

/// Compiled expressions kept for one render, in bytes. Beyond it they are compiled again each time.
const MAX_CACHED_PROGRAMS: usize = 64 << 20;

/// Choices of the caller that change what functions do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostOptions {
    /// Helm's lint mode: `required` and `fail` let the render go on, `lookup` finds nothing.
    pub lint: bool,
    /// Helm's `--enable-dns`: `getHostByName` asks the facts.
    pub dns: bool,
}

/// State of one render. The executor is given it as its host; functions find it through [`Frame::host`].
pub struct Host {
    facts: Rc<dyn Facts>,
    options: HostOptions,
    started: Timestamp,
    includes: RefCell<BTreeMap<String, u32>>,
    programs: RefCell<HashMap<Vec<u8>, Rc<Program>>>,
    program_bytes: Cell<usize>,
    warnings: RefCell<Vec<String>>,
}

impl Host {
    /// State for one render.
    pub fn new(facts: Rc<dyn Facts>, options: HostOptions) -> Host {
        let started = facts.now().timestamp();
        Host {
            facts,
            options,
            started,
            includes: RefCell::default(),
            programs: RefCell::default(),
            program_bytes: Cell::new(0),
            warnings: RefCell::default(),
        }
    }

    /// The outside world.
    pub fn facts(&self) -> &Rc<dyn Facts> {
        &self.facts
    }

    /// The choices.
    pub fn options(&self) -> HostOptions {
        self.options
    }

    /// What `required` and `fail` would have failed with in lint mode, in the order of their calls.
    pub fn take_warnings(&self) -> Vec<String> {
        self.warnings.take()
    }

    pub(crate) fn warn(&self, message: String) {
        self.warnings.borrow_mut().push(message);
    }

    /// Nanoseconds since the render began: the monotonic clock of `now`.
    pub(crate) fn elapsed(&self, now: Timestamp) -> i64 {
        i64::try_from(now.as_nanosecond() - self.started.as_nanosecond()).unwrap_or(i64::MAX)
    }

    /// Marks a name as included once more. False if it is already too deep in itself.
    pub(crate) fn enter_include(&self, name: &str) -> bool {
        let mut includes = self.includes.borrow_mut();
        let count = includes.entry(name.to_owned()).or_default();
        // Helm compares before it counts, so 1001 is the deepest.
        if *count > MAX_INCLUDES {
            return false;
        }
        *count += 1;
        true
    }

    /// Undoes [`Host::enter_include`].
    pub(crate) fn leave_include(&self, name: &str) {
        if let Some(count) = self.includes.borrow_mut().get_mut(name) {
            *count = count.saturating_sub(1);
        }
    }

    /// A compiled expression from the cache.
    pub(crate) fn program(&self, pattern: &[u8]) -> Option<Rc<Program>> {
        self.programs.borrow().get(pattern).cloned()
    }

    /// Keeps a compiled expression while there is room.
    pub(crate) fn keep_program(&self, pattern: &[u8], program: &Rc<Program>) {
        let bytes = self
            .program_bytes
            .get()
            .saturating_add(program.memory())
            .saturating_add(pattern.len());
        if bytes <= MAX_CACHED_PROGRAMS {
            self.program_bytes.set(bytes);
            self.programs
                .borrow_mut()
                .insert(pattern.to_vec(), Rc::clone(program));
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// The host of a frame.
pub(crate) fn host<'f>(frame: &'f Frame<'_>) -> Result<&'f Host, FuncError> {
    frame
        .host::<Host>()
        .ok_or_else(|| FuncError::new("the execution has no Helm host"))
}

/// The facts of a frame.
pub(crate) fn facts(frame: &Frame<'_>) -> Result<Rc<dyn Facts>, FuncError> {
    host(frame).map(|host| Rc::clone(host.facts()))
}

/// Fills a buffer from the facts.
pub(crate) fn random_bytes(frame: &Frame<'_>, buffer: &mut [u8]) -> Result<(), FuncError> {
    host(frame)?.facts().random_bytes(buffer);
    Ok(())
}
