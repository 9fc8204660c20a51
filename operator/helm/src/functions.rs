//! The functions that charts call: sprig 3.3.0 as Helm has it, and Helm's own (`pkg/engine/funcs.go`).
//!
//! Each family is one file of plain typed functions; [`table`] has them all. Go's builtins (`eq`, `printf`, ...) are
//! the template engine's. `env` and `expandenv` are left out, as Helm removes them.
//!
//! What they share during a render (the outside world, options, include counts) is in [`Host`].

#![expect(
    clippy::needless_pass_by_value,
    reason = "arguments of template functions are owned values: their types are what gives a function its Go signature"
)]

mod case;
mod cast;
mod charge;
mod crypto;
pub(crate) mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encoding;
mod formats;
mod hashes;
mod host;
mod lists;
mod math;
mod merge;
pub(crate) mod network;
mod paths;
mod random;
mod reflect;
pub(crate) mod regex;
mod semver;
mod strings;
pub mod template;
mod text;
mod unicode;
mod wrap;

use gotemplate::{FuncError, Function, FunctionTable, Str};

pub use host::{Host, HostOptions, MAX_INCLUDES};

/// All functions, sorted by name.
///
/// The executor must be given a [`Host`] as its host; without one the functions that need it fail.
pub fn table() -> FunctionTable {
    let families = [
        crypto::functions(),
        dates::functions(),
        defaults::functions(),
        dicts::functions(),
        encoding::functions(),
        formats::functions(),
        hashes::functions(),
        lists::functions(),
        math::functions(),
        network::functions(),
        paths::functions(),
        random::functions(),
        reflect::functions(),
        regex::functions(),
        semver::functions(),
        strings::functions(),
        template::functions(),
    ];
    families.into_iter().flatten().collect()
}

/// The functions of `--name-template`: sprig's own, without those that Helm adds.
pub(crate) fn name_table() -> FunctionTable {
    const HELM_ONLY: [&str; 14] = [
        "fail",
        "fromJsonArray",
        "fromToml",
        "fromYaml",
        "fromYamlArray",
        "include",
        "lookup",
        "mustToToml",
        "mustToYaml",
        "required",
        "toToml",
        "toYaml",
        "toYamlPretty",
        "tpl",
    ];
    let plain_fail = Function::new("fail", |message: Str| -> Result<Str, FuncError> {
        Err(FuncError::new(message.to_str_lossy()))
    });
    let sprig = table();
    let kept = sprig
        .iter()
        .filter(|function| !HELM_ONLY.contains(&function.name()));
    kept.cloned().chain([plain_fail]).collect()
}

/// Adds one function under several names.
fn push_aliases(all: &mut Vec<Function>, names: &[&str], function: Function) {
    all.extend(names.iter().map(|name| function.alias(*name)));
}
