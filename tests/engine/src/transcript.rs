//! Case files: small charts with commands and what the real Helm printed for them.
//!
//! ```text
//! # What the case shows.
//! -- chart/Chart.yaml --
//! apiVersion: v2
//! ...
//! == helm v4.2.4
//! $ template demo chart --set a=1
//! > a line of standard output
//! ! a line of standard error
//! ? 1
//! ```
//! Files come first, each under a line with its path. A word in parentheses after the path says what the text is:
//! `base64`, `bare` (without the last line break), `link` (the text is where a link leads to) or `packed` (the text names
//! the folder that is packed into an archive).
//!
//! Commands run one after the other in the folder of the files. `template` is the command under test; `cat FILE...` prints
//! files that it wrote. Words may be quoted as in a shell, and `< FILE` is standard input. Below each stands what was
//! recorded; a text that does not end with a line break is followed by `\`, an exit code that is not zero by `?`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use data_encoding::BASE64;

/// A case file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// Everything before the commands, as it stands in the file.
    pub head: String,
    /// The files.
    pub files: Vec<CaseFile>,
    /// What recorded the outcomes: `helm v4.2.4`. Empty when nothing is recorded yet.
    pub recorder: String,
    /// The commands.
    pub steps: Vec<Step>,
}

/// A file that is there when the commands run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// Its path below the folder of the case.
    pub path: String,
    /// What it is.
    pub content: Content,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A file with these bytes.
    Bytes(Vec<u8>),
    /// A symbolic link to this path.
    Link(String),
    /// A gzipped tar archive of this folder.
    Packed(String),
}

/// A command and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The command as it stands in the file.
    pub line: String,
    /// What was recorded.
    pub outcome: StepOutcome,
}

/// What a command did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepOutcome {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code.
    pub code: i32,
}

impl Transcript {
    /// Reads a case file.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let at = if text.starts_with("== ") {
            0
        } else {
            text.find("\n== ").context("there is no line `== helm`")? + 1
        };
        let (head, body) = text.split_at(at);
        let (first, body) = body.split_once('\n').unwrap_or((body, ""));
        let recorder = first.trim_start_matches("== ").trim().to_owned();
        Ok(Self {
            head: head.to_owned(),
            files: parse_files(head)?,
            recorder,
            steps: parse_steps(body)?,
        })
    }

    /// Writes it as [`Transcript::parse`] reads it.
    pub fn write(&self) -> String {
        let mut out = format!("{}== {}\n", self.head, self.recorder);
        for step in &self.steps {
            out.push_str("$ ");
            out.push_str(&step.line);
            out.push('\n');
            write_lines(&mut out, '>', &step.outcome.stdout);
            write_lines(&mut out, '!', &step.outcome.stderr);
            if step.outcome.code != 0 {
                out.push_str(&format!("? {}\n", step.outcome.code));
            }
        }
        out
    }
}

fn parse_files(head: &str) -> anyhow::Result<Vec<CaseFile>> {
    let mut files: Vec<(String, String, String)> = Vec::new();
    for line in head.split_inclusive('\n') {
        let title = line
            .trim_end_matches('\n')
            .strip_prefix("-- ")
            .and_then(|line| line.strip_suffix(" --"));
        if let Some(title) = title {
            let (path, word) = match title.rsplit_once(" (") {
                Some((path, word)) => (path, word.trim_end_matches(')')),
                None => (title, ""),
            };
            files.push((path.to_owned(), word.to_owned(), String::new()));
        } else if let Some((_, _, text)) = files.last_mut() {
            text.push_str(line);
        } else {
            ensure!(
                line.starts_with('#') || line.trim().is_empty(),
                "a line before the first file: {line}"
            );
        }
    }
    files
        .into_iter()
        .map(|(path, word, text)| {
            Ok(CaseFile {
                path,
                content: content(&word, text)?,
            })
        })
        .collect()
}

fn content(word: &str, text: String) -> anyhow::Result<Content> {
    Ok(match word {
        "" => Content::Bytes(text.into_bytes()),
        "bare" => Content::Bytes(text.strip_suffix('\n').unwrap_or(&text).as_bytes().to_vec()),
        "base64" => {
            let letters: String = text.split_whitespace().collect();
            Content::Bytes(BASE64.decode(letters.as_bytes()).context("decode base64")?)
        }
        "link" => Content::Link(text.trim().to_owned()),
        "packed" => Content::Packed(text.trim().to_owned()),
        other => bail!("unknown kind of file `{other}`"),
    })
}

fn parse_steps(body: &str) -> anyhow::Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    let mut last = ' ';
    // Carriage returns belong to the lines.
    for line in body.strip_suffix('\n').unwrap_or(body).split('\n') {
        if let Some(line) = line.strip_prefix("$ ") {
            steps.push(Step {
                line: line.to_owned(),
                outcome: StepOutcome::default(),
            });
            continue;
        }
        let step = steps
            .last_mut()
            .with_context(|| format!("a line before the first command: {line}"))?;
        let mark = line.chars().next().unwrap_or(' ');
        let rest = line.get(2..).unwrap_or_default();
        let text = match if mark == '\\' { last } else { mark } {
            '>' => &mut step.outcome.stdout,
            '!' => &mut step.outcome.stderr,
            '?' => {
                step.outcome.code = rest.parse().context("an exit code")?;
                continue;
            }
            _ => bail!("neither `$`, `>`, `!`, `?` nor `\\`: {line}"),
        };
        if mark == '\\' {
            text.pop();
        } else {
            last = mark;
            text.push_str(rest);
            text.push('\n');
        }
    }
    ensure!(!steps.is_empty(), "there is no command");
    Ok(steps)
}

fn write_lines(out: &mut String, mark: char, text: &str) {
    for line in text.split_inclusive('\n') {
        out.push(mark);
        let bare = line.strip_suffix('\n').unwrap_or(line);
        if !bare.is_empty() {
            out.push(' ');
            out.push_str(bare);
        }
        out.push('\n');
    }
    if !text.is_empty() && !text.ends_with('\n') {
        out.push_str("\\\n");
    }
}

/// Writes the files of a case into an empty folder.
pub fn lay_out(files: &[CaseFile], folder: &Path) -> anyhow::Result<()> {
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match &file.content {
            Content::Bytes(bytes) => fs::write(&path, bytes)?,
            Content::Link(target) => std::os::unix::fs::symlink(target, &path)?,
            Content::Packed(source) => {
                let bytes = pack(&folder.join(source)).with_context(|| format!("pack {source}"))?;
                fs::write(&path, bytes)?;
                fs::remove_dir_all(folder.join(source))?;
            }
        }
    }
    Ok(())
}

/// A gzipped archive of a folder, which gives its name to the paths in it.
fn pack(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let name = folder.file_name().context("the folder has no name")?;
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::default(),
    ));
    archive.mode(tar::HeaderMode::Deterministic);
    archive.append_dir_all(name, folder)?;
    Ok(archive.into_inner()?.finish()?)
}

/// What runs `template`: the program and what stands before its arguments.
#[derive(Debug, Clone)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Its name in messages, which becomes `helm`.
    pub name: String,
}

/// Runs a command of a case in the folder of its files.
pub fn run(line: &str, folder: &Path, program: &Program) -> anyhow::Result<StepOutcome> {
    let words = words(line)?;
    match words.first().map(String::as_str) {
        Some("template") => run_template(&words, folder, program),
        Some("cat") => {
            let mut stdout = String::new();
            for name in &words[1..] {
                stdout.push_str(
                    &fs::read_to_string(folder.join(name)).with_context(|| format!("read {name}"))?,
                );
            }
            Ok(StepOutcome {
                stdout,
                ..StepOutcome::default()
            })
        }
        _ => bail!("unknown command: {line}"),
    }
}

fn run_template(words: &[String], folder: &Path, program: &Program) -> anyhow::Result<StepOutcome> {
    let (arguments, input) = match words {
        [arguments @ .., redirect, name] if redirect == "<" => (arguments, fs::read(folder.join(name))?),
        arguments => (arguments, Vec::new()),
    };
    let home = folder.join(".home");
    let mut child = Command::new(&program.path)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", &home)
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {}", program.path.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // Who does not read its input closes it.
        let _ = stdin.write_all(&input);
    }
    let output = child.wait_with_output()?;
    let place = folder.display().to_string();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace(&place, "$DIR");
    Ok(StepOutcome {
        stdout: text(output.stdout),
        stderr: text(output.stderr).replace(&program.name, "helm"),
        code: output.status.code().context("ended by a signal")?,
    })
}

/// Splits a command into words: blanks separate, single quotes keep everything, double quotes and `\` keep blanks and
/// quotes. `\n` in double quotes is a line break.
fn words(line: &str) -> anyhow::Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next().context("a quote is not closed")? {
                        '\'' => break,
                        letter => word.push(letter),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next().context("a quote is not closed")? {
                        '"' => break,
                        '\\' => match letters.next().context("a quote is not closed")? {
                            'n' => word.push('\n'),
                            letter => word.push(letter),
                        },
                        letter => word.push(letter),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(letters.next()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_written_as_it_was_read() {
        let text = "# Words.\n-- a/b --\nx\n-- c (bare) --\ny\n== helm v1\n$ template a 'b c'\n> 1\n>\n\\\n! e\n? 1\n$ cat a\n";
        let case = Transcript::parse(text).unwrap();
        assert_eq!(case.files[0].content, Content::Bytes(b"x\n".to_vec()));
        assert_eq!(case.files[1].content, Content::Bytes(b"y".to_vec()));
        assert_eq!(
            case.steps[0].outcome,
            StepOutcome {
                stdout: "1\n".to_owned(),
                stderr: "e\n".to_owned(),
                code: 1
            }
        );
        assert_eq!(case.recorder, "helm v1");
        let again = Transcript::parse(&case.write()).unwrap();
        assert_eq!(again, case);
    }

    #[test]
    fn words_are_quoted_as_in_a_shell() {
        assert_eq!(
            words(r#"a  'b "c' d\ e "f\n\"g""#).unwrap(),
            ["a", "b \"c", "d e", "f\n\"g"]
        );
        assert!(words("'a").is_err());
    }

    #[test]
    fn what_is_no_case_is_refused() {
        assert!(Transcript::parse("-- a --\nx\n").is_err());
        assert!(Transcript::parse("-- a --\nx\n== helm\n").is_err());
        assert!(Transcript::parse("x\n== helm\n$ template\n").is_err());
        assert!(Transcript::parse("-- a (zip) --\nx\n== helm\n$ template\n").is_err());
    }
}
