//! The flags of `pilothouse template`, parsed as Helm parses them.
//!
//! Mirrors `github.com/spf13/pflag`: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, flags between
//! arguments, `--`, and its error texts. A table says what each flag is; the help text is made from it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How the value of a flag is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// True or false; the value may be left out.
    Bool,
    /// One text; the last wins.
    Text,
    /// A text that may be left out; then it is this one.
    OptionalText(&'static str),
    /// Texts, each as it is.
    Array,
    /// Texts, each of which is split at its commas.
    List,
    /// A whole number; the last wins.
    Number,
}

/// What a flag does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// What it does in Helm.
    Works,
    /// Nothing: it changes nothing in the output of Helm either.
    Ignored,
    /// Helm would need something that is not here; the flag is refused.
    Refused,
    /// Nothing, as in Helm, which says this about it.
    Deprecated(&'static str),
    /// It is ours.
    Own,
}

struct Flag {
    name: &'static str,
    short: Option<char>,
    kind: Kind,
    used: Use,
    help: &'static str,
}

const fn flag(name: &'static str, kind: Kind, used: Use, help: &'static str) -> Flag {
    Flag {
        name,
        short: None,
        kind,
        used,
        help,
    }
}

const fn short(short: char, name: &'static str, kind: Kind, used: Use, help: &'static str) -> Flag {
    Flag {
        name,
        short: Some(short),
        kind,
        used,
        help,
    }
}

/// All flags, by name.
#[rustfmt::skip]
const FLAGS: &[Flag] = &[
    short('a', "api-versions", Kind::List, Use::Works, "API versions for .Capabilities.APIVersions, besides the built-in ones"),
    flag("atomic", Kind::Bool, Use::Deprecated("use --rollback-on-failure instead"), ""),
    flag("burst-limit", Kind::Number, Use::Ignored, ""),
    flag("ca-file", Kind::Text, Use::Ignored, ""),
    flag("cert-file", Kind::Text, Use::Ignored, ""),
    flag("color", Kind::Text, Use::Ignored, ""),
    flag("colour", Kind::Text, Use::Ignored, ""),
    flag("content-cache", Kind::Text, Use::Ignored, ""),
    flag("create-namespace", Kind::Bool, Use::Ignored, ""),
    flag("debug", Kind::Bool, Use::Works, "print what was rendered even if it is not YAML"),
    flag("dependency-update", Kind::Bool, Use::Works, "take dependencies that are missing in charts/ from file:// repositories"),
    flag("description", Kind::Text, Use::Ignored, ""),
    flag("devel", Kind::Bool, Use::Ignored, ""),
    flag("disable-openapi-validation", Kind::Bool, Use::Ignored, ""),
    flag("dry-run", Kind::OptionalText("unset"), Use::Works, "\"client\", as it always is here"),
    flag("enable-dns", Kind::Bool, Use::Works, "let templates ask DNS"),
    flag("force", Kind::Bool, Use::Deprecated("use --force-replace instead"), ""),
    flag("force-conflicts", Kind::Bool, Use::Ignored, ""),
    flag("force-replace", Kind::Bool, Use::Ignored, ""),
    short('g', "generate-name", Kind::Bool, Use::Works, "leave the NAME out; it is release-name then"),
    short('h', "help", Kind::Bool, Use::Works, "help for template"),
    flag("hide-notes", Kind::Bool, Use::Deprecated("this flag has no effect for 'helm template' and will be removed in Helm 5"), ""),
    flag("include-crds", Kind::Bool, Use::Works, "print CRDs too"),
    flag("insecure-skip-tls-verify", Kind::Bool, Use::Ignored, ""),
    flag("is-upgrade", Kind::Bool, Use::Works, "set .Release.IsUpgrade instead of .Release.IsInstall"),
    flag("key-file", Kind::Text, Use::Ignored, ""),
    flag("keyring", Kind::Text, Use::Ignored, ""),
    flag("kube-apiserver", Kind::Text, Use::Ignored, ""),
    flag("kube-as-group", Kind::Array, Use::Ignored, ""),
    flag("kube-as-user", Kind::Text, Use::Ignored, ""),
    flag("kube-ca-file", Kind::Text, Use::Ignored, ""),
    flag("kube-context", Kind::Text, Use::Ignored, ""),
    flag("kube-insecure-skip-tls-verify", Kind::Bool, Use::Ignored, ""),
    flag("kube-tls-server-name", Kind::Text, Use::Ignored, ""),
    flag("kube-token", Kind::Text, Use::Ignored, ""),
    flag("kube-version", Kind::Text, Use::Works, "Kubernetes version for .Capabilities.KubeVersion"),
    flag("kubeconfig", Kind::Text, Use::Ignored, ""),
    short('l', "labels", Kind::List, Use::Ignored, ""),
    flag("limit-bytes", Kind::Number, Use::Own, "most bytes that templates may produce in all"),
    flag("limit-depth", Kind::Number, Use::Own, "deepest nesting of templates"),
    flag("limit-parse-depth", Kind::Number, Use::Own, "deepest nesting of control structures and parentheses in one file"),
    flag("limit-parse-nodes", Kind::Number, Use::Own, "most nodes of the parsed templates"),
    flag("limit-steps", Kind::Number, Use::Own, "most nodes that may be executed"),
    flag("name-template", Kind::Text, Use::Works, "make the release name from a template"),
    short('n', "namespace", Kind::Text, Use::Works, "namespace of the release (environment: HELM_NAMESPACE)"),
    flag("no-hooks", Kind::Bool, Use::Works, "leave hooks out"),
    flag("output-dir", Kind::Text, Use::Works, "write files to this directory instead of printing"),
    flag("pass-credentials", Kind::Bool, Use::Ignored, ""),
    flag("password", Kind::Text, Use::Ignored, ""),
    flag("plain-http", Kind::Bool, Use::Ignored, ""),
    flag("post-renderer", Kind::Text, Use::Refused, ""),
    flag("post-renderer-args", Kind::Array, Use::Refused, ""),
    flag("qps", Kind::Text, Use::Ignored, ""),
    flag("registry-config", Kind::Text, Use::Ignored, ""),
    flag("release-name", Kind::Bool, Use::Works, "with --output-dir: put files into a directory named after the release"),
    flag("render-subchart-notes", Kind::Bool, Use::Deprecated("this flag has no effect for 'helm template' and will be removed in Helm 5"), ""),
    flag("replace", Kind::Bool, Use::Ignored, ""),
    flag("repo", Kind::Text, Use::Refused, ""),
    flag("repository-cache", Kind::Text, Use::Ignored, ""),
    flag("repository-config", Kind::Text, Use::Ignored, ""),
    flag("rollback-on-failure", Kind::Bool, Use::Ignored, ""),
    flag("server-side", Kind::Bool, Use::Ignored, ""),
    flag("set", Kind::Array, Use::Works, "set values: a.b=1,c[0]=x"),
    flag("set-file", Kind::Array, Use::Works, "set values to the contents of files: key=file"),
    flag("set-json", Kind::Array, Use::Works, "set JSON values: key=<json>, or one JSON object"),
    flag("set-literal", Kind::Array, Use::Works, "set one value verbatim: key=value"),
    flag("set-string", Kind::Array, Use::Works, "set values that stay strings"),
    short('s', "show-only", Kind::Array, Use::Works, "print only the manifests of these templates"),
    flag("skip-crds", Kind::Bool, Use::Ignored, ""),
    flag("skip-schema-validation", Kind::Bool, Use::Works, "do not check values against schemas"),
    flag("skip-tests", Kind::Bool, Use::Works, "leave tests out"),
    flag("take-ownership", Kind::Bool, Use::Ignored, ""),
    flag("timeout", Kind::Text, Use::Ignored, ""),
    flag("username", Kind::Text, Use::Ignored, ""),
    short('f', "values", Kind::List, Use::Works, "values in a YAML file, the last wins; - is standard input"),
    flag("verify", Kind::Bool, Use::Refused, ""),
    flag("version", Kind::Text, Use::Ignored, ""),
    flag("wait", Kind::OptionalText("watcher"), Use::Ignored, ""),
    flag("wait-for-jobs", Kind::Bool, Use::Ignored, ""),
];

/// Parsed flags and arguments.
#[derive(Debug, Default)]
pub(super) struct Flags {
    values: BTreeMap<&'static str, Vec<String>>,
    /// What is no flag.
    pub(super) arguments: Vec<String>,
    /// What is said about deprecated flags, in the order of the flags.
    pub(super) notes: Vec<String>,
}

impl Flags {
    /// Parses the words after `template`.
    ///
    /// # Errors
    /// A text of pflag.
    pub(super) fn parse(words: &[String]) -> Result<Self, String> {
        let mut flags = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                flags.arguments.extend(words.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                flags.long(word, long, &mut words)?;
            } else if let Some(group) = word.strip_prefix('-').filter(|group| !group.is_empty()) {
                flags.shorts(group, &mut words)?;
            } else {
                flags.arguments.push(word.clone());
            }
        }
        Ok(flags)
    }

    fn long<'w>(
        &mut self,
        word: &str,
        text: &str,
        words: &mut impl Iterator<Item = &'w String>,
    ) -> Result<(), String> {
        if text.starts_with(['-', '=']) {
            return Err(format!("bad flag syntax: {word}"));
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let Some(flag) = FLAGS.iter().find(|flag| flag.name == name) else {
            return Err(format!("unknown flag: --{name}"));
        };
        let value = match (value, flag.kind) {
            (Some(value), _) => value,
            (None, Kind::Bool) => "true",
            (None, Kind::OptionalText(text)) => text,
            (None, Kind::Text | Kind::Array | Kind::List | Kind::Number) => words
                .next()
                .ok_or_else(|| format!("flag needs an argument: --{name}"))?,
        };
        self.set(flag, value)
    }

    fn shorts<'w>(
        &mut self,
        group: &str,
        words: &mut impl Iterator<Item = &'w String>,
    ) -> Result<(), String> {
        let mut rest = group;
        while let Some(letter) = rest.chars().next() {
            let after = &rest[letter.len_utf8()..];
            let Some(flag) = FLAGS.iter().find(|flag| flag.short == Some(letter)) else {
                return Err(format!("unknown shorthand flag: '{letter}' in -{rest}"));
            };
            if let Some(value) = after.strip_prefix('=') {
                return self.set(flag, value);
            }
            match flag.kind {
                Kind::Bool => {
                    self.set(flag, "true")?;
                    rest = after;
                }
                Kind::OptionalText(_) | Kind::Text | Kind::Array | Kind::List | Kind::Number => {
                    if !after.is_empty() {
                        return self.set(flag, after);
                    }
                    let Some(value) = words.next() else {
                        return Err(format!("flag needs an argument: '{letter}' in -{rest}"));
                    };
                    return self.set(flag, value);
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, flag: &Flag, value: &str) -> Result<(), String> {
        if let Use::Deprecated(why) = flag.used {
            self.notes
                .push(format!("Flag --{} has been deprecated, {why}", flag.name));
        }
        let invalid = |why: String| {
            let name = match flag.short {
                Some(short) => format!("-{short}, --{}", flag.name),
                None => format!("--{}", flag.name),
            };
            format!("invalid argument {value:?} for \"{name}\" flag: {why}")
        };
        let values = self.values.entry(flag.name).or_default();
        match flag.kind {
            Kind::Bool => {
                let value = parse_bool(value).ok_or_else(|| {
                    invalid(format!("strconv.ParseBool: parsing {value:?}: invalid syntax"))
                })?;
                *values = vec![value.to_string()];
            }
            Kind::Number => {
                if value.parse::<u64>().is_err() {
                    return Err(invalid(format!(
                        "strconv.ParseInt: parsing {value:?}: invalid syntax"
                    )));
                }
                *values = vec![value.to_owned()];
            }
            Kind::Text | Kind::OptionalText(_) => *values = vec![value.to_owned()],
            Kind::Array => values.push(value.to_owned()),
            Kind::List => values.extend(split_commas(value).map_err(invalid)?),
        }
        if flag.name == "labels"
            && let Some(pair) = values.iter().find(|pair| !pair.contains('='))
        {
            return Err(invalid(format!("{pair} must be formatted as key=value")));
        }
        Ok(())
    }

    /// Whether a flag is true.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// The value of a flag that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)?
            .last()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// All values of a flag.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.values.get(name).cloned().unwrap_or_default()
    }

    /// The value of a flag that is a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// A flag that was given, but cannot be followed.
    pub(super) fn refused(&self) -> Option<&'static str> {
        let given = |flag: &&Flag| {
            let value = self.text(flag.name);
            value.is_some() && !(flag.kind == Kind::Bool && value == Some("false"))
        };
        FLAGS
            .iter()
            .filter(|flag| flag.used == Use::Refused)
            .find(given)
            .map(|flag| flag.name)
    }
}

/// The help text.
pub(super) fn help() -> String {
    let mut text = "\
Render chart templates locally and print the result, as helm template does.

Charts are read from disk: a directory or a packaged chart. Nothing is downloaded and no cluster is asked.

Usage:
  pilothouse template [NAME] [CHART] [flags]

Flags:
"
    .to_owned();
    for flag in FLAGS
        .iter()
        .filter(|flag| matches!(flag.used, Use::Works | Use::Own))
    {
        let short = flag
            .short
            .map_or_else(|| "   ".to_owned(), |short| format!("-{short},"));
        let kind = match flag.kind {
            Kind::Bool => "",
            Kind::Text | Kind::OptionalText(_) => " string",
            Kind::Array => " stringArray",
            Kind::List => " strings",
            Kind::Number => " int",
        };
        let name = format!("{}{kind}", flag.name);
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {short} --{name:<30} {}", flag.help);
    }
    text.push_str(
        "\nOther flags of helm template are accepted and change nothing, as long as they need no network.\n",
    );
    text
}

/// Go's `strconv.ParseBool`.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// One line of comma-separated values: fields in double quotes may contain commas, `""` is a quote in them.
fn split_commas(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, after) = rest
                .split_once(',')
                .map_or((rest, None), |(field, after)| (field, Some(after)));
            if let Some(at) = field.find('"') {
                let column = text.len() - rest.len() + at + 1;
                return Err(format!(
                    "parse error on line 1, column {column}: bare \" in non-quoted-field"
                ));
            }
            fields.push(field.to_owned());
            match after {
                Some(after) => rest = after,
                None => return Ok(fields),
            }
            continue;
        };
        let mut field = String::new();
        let mut inside = quoted;
        loop {
            let Some((part, after)) = inside.split_once('"') else {
                let column = text.len() + 1;
                return Err(format!(
                    "parse error on line 1, column {column}: extraneous or missing \" in quoted-field"
                ));
            };
            field.push_str(part);
            match after.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    inside = after;
                }
                None => {
                    inside = after;
                    break;
                }
            }
        }
        fields.push(field);
        match inside.strip_prefix(',') {
            Some(after) => rest = after,
            None if inside.is_empty() => return Ok(fields),
            None => {
                let column = text.len() - inside.len();
                return Err(format!(
                    "parse error on line 1, column {column}: extraneous or missing \" in quoted-field"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Flags, String> {
        Flags::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn flags_stand_anywhere() {
        let flags = parse(&[
            "a",
            "--set",
            "x=1",
            "-nfoo",
            "b",
            "-f=v",
            "--include-crds",
            "--",
            "-c",
        ])
        .unwrap();
        assert_eq!(flags.arguments, ["a", "b", "-c"]);
        assert_eq!(flags.texts("set"), ["x=1"]);
        assert_eq!(flags.text("namespace"), Some("foo"));
        assert_eq!(flags.texts("values"), ["v"]);
        assert!(flags.is_set("include-crds"));
    }

    #[test]
    fn a_list_is_split_at_commas_outside_quotes() {
        assert_eq!(
            parse(&["-a", "x,\"b,\"\"c\",d", "-a", "e"])
                .unwrap()
                .texts("api-versions"),
            ["x", "b,\"c", "d", "e"]
        );
        assert_eq!(parse(&["--set", "a,b"]).unwrap().texts("set"), ["a,b"]);
    }

    #[test]
    fn errors_are_those_of_pflag() {
        let error = |words| parse(words).unwrap_err();
        assert_eq!(error(&["--foo=1"]), "unknown flag: --foo");
        assert_eq!(error(&["-gz"]), "unknown shorthand flag: 'z' in -z");
        assert_eq!(error(&["--set"]), "flag needs an argument: --set");
        assert_eq!(error(&["-f"]), "flag needs an argument: 'f' in -f");
        assert_eq!(error(&["---"]), "bad flag syntax: ---");
        assert_eq!(
            error(&["--no-hooks=2"]),
            "invalid argument \"2\" for \"--no-hooks\" flag: strconv.ParseBool: parsing \"2\": invalid syntax"
        );
    }

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(FLAGS.is_sorted_by(|left, right| left.name < right.name));
    }

    #[test]
    fn flags_that_need_the_network_are_refused() {
        assert_eq!(parse(&["--repo", "x"]).unwrap().refused(), Some("repo"));
        assert_eq!(parse(&["--verify=false", "--repo="]).unwrap().refused(), None);
    }
}
