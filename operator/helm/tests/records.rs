//! Release records as Helm writes them: the goldens of `record/` come from Helm's own types (`record/*.go`).

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use helm::hooks::{HookDeletePolicy, HookEvent};
use helm::record::{
    ApplyMethod, DecodeError, HookPhase, MAX_PAYLOAD_BYTES, Release, Revision, Status, decode, encode,
};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};

const HELM4: &str = include_str!("record/helm4.json");
const HELM4_EMPTY: &str = include_str!("record/helm4-empty.json");
const HELM3: &str = include_str!("record/helm3.json");

/// A payload as it lies in a Secret.
fn packed(json: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(json).unwrap();
    STANDARD.encode(gzip.finish().unwrap()).into_bytes()
}

/// The JSON inside a payload.
fn unpacked(payload: &[u8]) -> String {
    let packed = STANDARD.decode(payload).unwrap();
    let mut json = String::new();
    GzDecoder::new(packed.as_slice())
        .read_to_string(&mut json)
        .unwrap();
    json
}

fn read(json: &str) -> Release {
    decode(&packed(json.as_bytes())).unwrap()
}

/// Reads a text and writes it again.
#[track_caller]
fn check(json: &str, expected: &str) {
    assert_eq!(unpacked(&encode(&read(json)).unwrap()), expected);
}

#[test]
fn what_helm_4_wrote_is_written_again_byte_by_byte() {
    check(HELM4, HELM4);
    check(HELM4_EMPTY, HELM4_EMPTY);
}

#[test]
fn a_record_of_helm_4_is_understood() {
    let release = read(HELM4);
    assert_eq!(
        (release.name.as_str(), release.namespace.as_str(), release.version),
        ("web", "apps", Revision(12))
    );
    assert_eq!(release.info.status, Status::Deployed);
    assert_eq!(
        release.info.first_deployed.unwrap().to_string(),
        "2026-01-02T03:04:05.123456789+02:00"
    );
    assert_eq!(release.info.deleted, None);
    assert_eq!(release.apply_method, Some(ApplyMethod::ServerSide));
    let chart = release.chart.unwrap();
    assert_eq!(
        (chart.name(), chart.version(), chart.app_version()),
        ("web", "1.2.3", "9")
    );
    assert_eq!(chart.templates[0].data, b"a: {{ .Values.a }}\n");
    assert_eq!(chart.schema.unwrap(), br#"{"type":"object"}"#);
    let hook = &release.hooks[0];
    assert_eq!(hook.hook.events, [HookEvent::PreInstall, HookEvent::Test]);
    assert_eq!(hook.hook.delete_policies, [HookDeletePolicy::BeforeHookCreation]);
    assert_eq!(
        (hook.hook.weight, &hook.last_run.phase),
        (-5, &HookPhase::Succeeded)
    );
    assert_eq!(release.hooks[1].last_run.phase, HookPhase::Never);
}

#[test]
fn a_record_of_helm_3_is_read_and_written_as_helm_4_writes_it() {
    let release = read(HELM3);
    assert_eq!(release.info.status, Status::Superseded);
    assert_eq!(release.info.deleted, None);
    assert_eq!(release.apply_method, None);
    assert_eq!(release.method(), ApplyMethod::ClientSide);
    // Helm 3 writes zero times as empty texts and no time of the schema.
    let expected = HELM3
        .replace(r#","deleted":"""#, "")
        .replace(
            r#""last_run":{"started_at":"","completed_at":"","phase":""}"#,
            r#""last_run":{"phase":""}"#,
        )
        .replace(
            r#""schema":null,"#,
            r#""schema":null,"schemamodtime":"0001-01-01T00:00:00Z","#,
        );
    assert_ne!(expected, HELM3);
    check(HELM3, &expected);
}

#[test]
fn fields_nobody_here_knows_are_kept() {
    let json = r#"{"name":"w","info":{"status":"deployed","rollback_revision":3},"chart":{"metadata":{"name":"w","zeta":1},"lock":null,"templates":[{"name":"t","data":"","mode":7}],"values":null,"schema":null,"schemamodtime":"0001-01-01T00:00:00Z","files":null,"more":[1]},"hooks":[{"name":"h","events":["pre-install","post-moon"],"last_run":{"phase":"","tries":2},"sticky":true}],"version":1,"future":{"a":null}}"#;
    check(json, json);
}

#[test]
fn payloads_from_before_compression_are_read() {
    let release = decode(&STANDARD.encode(HELM4_EMPTY).into_bytes()).unwrap();
    assert_eq!(release.info.status, Status::PendingInstall);
}

#[test]
fn a_payload_that_unfolds_without_end_is_refused() {
    let bomb = packed(&vec![b' '; MAX_PAYLOAD_BYTES + 1]);
    assert!(bomb.len() < 100_000);
    assert!(matches!(decode(&bomb), Err(DecodeError::TooLarge)));
}

#[test]
fn what_is_no_record_is_an_error_and_not_a_crash() {
    let text = |payload: &[u8]| decode(payload).unwrap_err().to_string();
    assert_eq!(text(b"***"), "decode release: not base64");
    assert_eq!(
        text(&STANDARD.encode([0x1f, 0x8b, 0x08, 0x00, 0x01]).into_bytes()),
        "decompress release"
    );
    assert_eq!(text(&packed(b"[")), "parse release");
    assert_eq!(text(&packed(b"[]")), "parse release");
    for json in [
        r#"{"version":-1}"#,
        r#"{"version":1.5}"#,
        r#"{"info":3}"#,
        r#"{"info":{"first_deployed":"soon"}}"#,
        r#"{"hooks":{}}"#,
        r#"{"chart":{"templates":[{"data":"***"}]}}"#,
        r#"{"apply_method":"psa"}"#,
    ] {
        assert!(
            matches!(decode(&packed(json.as_bytes())), Err(DecodeError::Shape(_))),
            "{json}"
        );
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(
        decode(&packed(deep.as_bytes())),
        Err(DecodeError::Json(_))
    ));
}
