//! Which documents are indexes, and what is read from them.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;

use super::*;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// `version url digest created` of every entry of `web`, newest first.
fn check(text: &str, expected: &[&str]) {
    let entries = scan(&gzip(text), "web", 1 << 24)
        .unwrap()
        .expect("the chart is there");
    let shown: Vec<String> = entries
        .iter()
        .map(|entry| {
            let field = |field: &Option<String>| field.clone().unwrap_or_else(|| "-".to_owned());
            let version = entry.version.original();
            format!(
                "{version} {} {} {}",
                field(&entry.url),
                field(&entry.digest),
                field(&entry.created)
            )
        })
        .collect();
    assert_eq!(shown, expected);
}

fn error(text: &str) -> IndexError {
    scan(&gzip(text), "web", 1 << 24).unwrap_err()
}

#[test]
fn entries_are_sorted_newest_first() {
    check(
        "
apiVersion: v1
generated: \"2020-01-01T00:00:00Z\"
entries:
  db:
  - {name: db, version: 9.9.9, urls: [db.tgz]}
  web:
  - apiVersion: v2
    created: \"2020-01-01T00:00:00.5Z\"
    description: |
      a: b
      - c
    digest: abc
    name: web
    type: application
    urls:
    - https://example.com/web-1.2.0.tgz
    - https://mirror.example.com/web-1.2.0.tgz
    version: 1.2.0
  - name: web
    version: 1.10.0-rc.1
    urls: []
  - name: web
    version: v1.10.0
",
        &[
            "v1.10.0 - - -",
            "1.10.0-rc.1 - - -",
            "1.2.0 https://example.com/web-1.2.0.tgz abc 2020-01-01T00:00:00.5Z",
        ],
    );
}

#[test]
fn json_is_an_index_too() {
    check(
        r#"{"apiVersion":"v1","entries":{"db":[{"name":"db","version":"1.0.0","deep":[[{"a":null}]]}],
           "web":[null,{"name":"web","version":"1.0.0","urls":["a\/b.tgz"],"digest":"sha256:00"}]}}"#,
        &["1.0.0 a/b.tgz sha256:00 -"],
    );
}

#[test]
fn yaml_in_braces_is_an_index_too() {
    check(
        "{apiVersion: v1, entries: {web: [{name: web, version: 1.0.0}]}}",
        &["1.0.0 - - -"],
    );
}

#[test]
fn anchors_and_merge_keys_are_followed_even_from_other_charts() {
    check(
        "
apiVersion: v1
entries:
  db:
  - &base
    name: web
    maintainers: &people [{name: me}]
    digest: abc
    version: 1.0.0
  web:
  - *base
  - <<: *base
    version: 2.0.0
    maintainers: *people
",
        &["2.0.0 - abc -", "1.0.0 - abc -"],
    );
}

#[rstest]
#[case::null("null")]
#[case::without_name("{version: 1.0.0}")]
#[case::empty_name("{name: '', version: 1.0.0}")]
#[case::path_as_name("{name: a/b, version: 1.0.0}")]
#[case::parent_as_name("{name: .., version: 1.0.0}")]
#[case::without_version("{name: web}")]
#[case::null_version("{name: web, version: ~}")]
#[case::no_version("{name: web, version: latest}")]
#[case::other_type("{name: web, version: 1.0.0, type: Application}")]
#[case::null_maintainer("{name: web, version: 1.0.0, maintainers: [null]}")]
#[case::null_dependency("{name: web, version: 1.0.0, dependencies: [null]}")]
#[case::bad_alias("{name: web, version: 1.0.0, dependencies: [{name: a, alias: a.b}]}")]
fn invalid_entries_are_skipped(#[case] entry: &str) {
    let good = "{name: web, version: 0.1.0, dependencies: [{name: a, alias: b}], maintainers: [{name: me}]}";
    check(
        &format!("apiVersion: v1\nentries:\n  web:\n  - {entry}\n  - {good}\n"),
        &["0.1.0 - - -"],
    );
}

#[test]
fn an_unquoted_number_loses_its_spelling_as_it_does_in_helm() {
    check(
        "apiVersion: v1\nentries: {web: [{name: web, version: 1.10}]}",
        &["1.1 - - -"],
    );
}

#[rstest]
#[case::other_chart("apiVersion: v1\nentries: {db: []}")]
#[case::null_entries("apiVersion: v1\nentries: ~")]
#[case::no_entries("apiVersion: v1")]
#[case::no_entries_in_json(r#"{"apiVersion": "v1", "entries": null}"#)]
fn a_chart_may_be_missing(#[case] text: &str) {
    assert!(scan(&gzip(text), "web", 1 << 24).unwrap().is_none());
}

#[test]
fn a_chart_may_have_no_version() {
    check("apiVersion: v1\nentries: {web: }", &[]);
    check("apiVersion: v1\nentries: {web: []}", &[]);
}

#[test]
fn helm_words_for_what_is_no_index() {
    assert_eq!(error("").to_string(), "empty index.yaml file");
    assert_eq!(error("entries: {}").to_string(), "no API version specified");
    assert_eq!(error("apiVersion: ''").to_string(), "no API version specified");
}

#[rstest]
#[case::html("<!DOCTYPE html>\n<html><body>Sign in</body></html>")]
#[case::list("- a\n- b\n")]
#[case::broken_yaml("apiVersion: v1\nentries:\n  web: [}\n")]
#[case::tab("apiVersion: v1\nentries:\n\tweb: []\n")]
#[case::broken_json(r#"{"apiVersion": "v1", "entries": {"web": ["#)]
#[case::wrong_shape("apiVersion: v1\nentries:\n  web:\n    name: web\n")]
#[case::duplicate_chart("apiVersion: v1\nentries:\n  web: []\n  web: []\n")]
#[case::duplicate_field("apiVersion: v1\nentries:\n  web: [{name: web, name: web}]\n")]
#[case::unknown_alias("apiVersion: v1\nentries: {web: *nowhere}\n")]
fn broken_documents_are_refused(#[case] text: &str) {
    let error = error(text);
    assert!(matches!(error, IndexError::Syntax(_)), "{error:?}");
    assert!(!error.to_string().contains('\n'), "{error}");
}

#[test]
fn a_billion_laughs_are_stopped() {
    let mut text = "apiVersion: v1\nannotations:\n  a0: &a0 [x]\n".to_owned();
    for level in 1..40 {
        writeln!(text, "  a{level}: &a{level} [*a{0}, *a{0}]", level - 1).unwrap();
    }
    text.push_str("entries:\n  web: *a39\n");
    assert!(matches!(error(&text), IndexError::Syntax(_)));
}

#[test]
fn deep_nesting_is_stopped() {
    let flow = format!(
        "apiVersion: v1\nentries: {{db: {}{}}}\n",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert!(matches!(error(&flow), IndexError::Syntax(_)));
    let block = format!("apiVersion: v1\nentries:\n  web:\n  {}x\n", "- ".repeat(5000));
    assert!(matches!(error(&block), IndexError::Syntax(_)));
    let wanted = format!(
        "apiVersion: v1\nentries: {{web: [{{urls: {}}}]}}\n",
        "[".repeat(5000)
    );
    assert!(matches!(error(&wanted), IndexError::Syntax(_)));
    // What JSON skips it skips without recursion.
    let json = format!(
        r#"{{"apiVersion": "v1", "a": {}{}}}"#,
        "[".repeat(500_000),
        "]".repeat(500_000)
    );
    assert!(scan(&gzip(&json), "web", 1 << 24).unwrap().is_none());
}

/// An entry as Helm writes them.
const ENTRY: &str = r#"  - annotations:
      category: Infrastructure
      images: |
        - name: a
          image: docker.io/a:VERSION
    apiVersion: v2
    created: "2024-01-01T00:00:00Z"
    dependencies:
    - name: common
      repository: oci://registry-1.docker.io/charts
      version: 2.x.x
    description: A chart that is described at some length
    digest: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
    keywords: [a, b, c]
    name: NAME
    urls:
    - https://example.com/NAME-1.0.VERSION.tgz
    version: 1.0.VERSION
"#;

/// 30 charts of `versions` versions, `web` among them.
fn large(versions: usize) -> String {
    let mut text = "apiVersion: v1\nentries:\n".to_owned();
    for chart in 0..30 {
        let name = if chart == 17 {
            "web".to_owned()
        } else {
            format!("chart-{chart}")
        };
        writeln!(text, "  {name}:").unwrap();
        for version in 0..versions {
            text.push_str(
                &ENTRY
                    .replace("NAME", &name)
                    .replace("VERSION", &version.to_string()),
            );
        }
    }
    text.push_str("generated: \"2024-01-01T00:00:00Z\"\n");
    text
}

#[test]
fn a_large_index_is_read_by_its_lines() {
    let text = large(800);
    assert!(text.len() > 11_000_000, "{}", text.len());
    let entries = scan(&gzip(&text), "web", 1 << 26).unwrap().unwrap();
    assert_eq!(entries.len(), 800);
    assert_eq!(entries[0].version.to_string(), "1.0.799");
    assert_eq!(
        entries[0].url.as_deref(),
        Some("https://example.com/web-1.0.799.tgz")
    );
    let excerpt = excerpt::excerpt(text.as_bytes(), "web")
        .unwrap()
        .expect("the layout is usual");
    assert!(excerpt.len() < text.len() / 29);
}

#[test]
fn lines_and_parser_agree() {
    let usual = [
        large(3).as_str(),
        "---\napiVersion: v1\n# comment\nentries:\n    web:\n      - name: web\n        version: 1.0.0\n\n    'db':\n    - name: db\n",
        "\u{feff}entries:\n web:\n - description: |\n    web:\n   # not a comment\n   name: web\n   version: 1.0.0\nserverInfo: {}\napiVersion: v1\r\n",
        "publicKeys:\n- a\napiVersion: \"v1\"\nentries:\n  db: []\n  web:\n  - name: web\n    version: \"1.0.0\"",
        "apiVersion: v1\nentries:\n  a.b_c-d:\n  - name: x\n",
    ]
    .map(str::to_owned);
    for text in &usual {
        let by_lines = read_excerpt(text.as_bytes(), "web").expect(text);
        let parsed = read_yaml(text.as_bytes(), "web").unwrap();
        assert_eq!(format!("{by_lines:?}"), format!("{parsed:?}"), "{text}");
    }
}

#[test]
fn lines_are_not_trusted_when_the_layout_is_unusual() {
    let unusual = [
        "{apiVersion: v1, entries: {web: []}}",
        "apiVersion: v1\nentries: {web: []}\n",
        "apiVersion: v1\nentries:\n  web: [\n  ]\n",
        "apiVersion: v1\nentries:\n  ? web\n  : []\n",
        "apiVersion: v1\nentries:\n  web: &a\n  - name: web\n",
        "apiVersion: v1\nentries:\n  \"w\\x65b\":\n  - name: web\n",
        "apiVersion: v1\nentries:\n  web:\n  db:\n  web:\n",
        "apiVersion: v1\nentries:\n   web:\n  db:\n",
        "apiVersion: v1\nentries:\n- web\n",
        "apiVersion: v1\n--- \nentries:\n",
        "apiVersion: v1\n...\n",
        "%YAML 1.1\n---\napiVersion: v1\n",
        "entries:\n  web:\nentries:\n  web:\n",
        "<!DOCTYPE html>\n",
        "- a\n",
        " apiVersion: v1\n",
    ];
    for text in unusual {
        assert!(
            excerpt::excerpt(text.as_bytes(), "web").unwrap().is_none(),
            "{text}"
        );
    }
}

/// Flow style, which the lines say nothing about.
#[test]
fn an_index_of_an_unusual_layout_is_read_as_a_stream() {
    let mut text = "{apiVersion: v1, entries: {".to_owned();
    for chart in 0..50 {
        write!(text, "chart-{chart}: [").unwrap();
        for version in 0..20 {
            writeln!(
                text,
                "{{name: chart-{chart}, version: 1.0.{version}, urls: [x.tgz]}},"
            )
            .unwrap();
        }
        text.push_str("],");
    }
    text.push_str("web: [{name: web, version: 1.0.0}]}}");
    check(&text, &["1.0.0 - - -"]);
}
