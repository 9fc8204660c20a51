//! Date functions (`date.go` of sprig): Go's layouts, zones and durations, and times as objects.

mod clock;
mod duration;
mod layout;
mod object;
mod parse;
mod zone;

use gotemplate::{Frame, FuncError, Function, IntKind, Str, Typed, Value, strconv};
use jiff::tz::TimeZone;

pub(crate) use clock::Time;
pub(crate) use layout::format;
pub(crate) use object::TimeObject;
pub(crate) use parse::parse;
pub(crate) use zone::Zone;

use object::TimeArg;

use super::charge;
use super::host::{facts, host};

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let mut all = vec![
        Function::new("now", |frame: &mut Frame<'_>| -> Result<Typed, FuncError> {
            let (time, local) = now(frame)?;
            Ok(Typed::object(TimeObject {
                time,
                local: Zone::Local(local),
            }))
        }),
        Function::new("date", |frame: &mut Frame<'_>, layout: Str, date: Value| {
            in_zone(frame, &layout, &date, b"Local")
        }),
        Function::new("htmlDate", |frame: &mut Frame<'_>, date: Value| {
            in_zone(frame, b"2006-01-02", &date, b"Local")
        }),
        Function::new(
            "htmlDateInZone",
            |frame: &mut Frame<'_>, date: Value, zone: Str| in_zone(frame, b"2006-01-02", &date, &zone),
        ),
        Function::new("ago", ago),
        Function::new("duration", |value: Value| {
            duration::format(seconds(&value).wrapping_mul(duration::NANOS_PER_SECOND))
        }),
        Function::new("durationRound", duration_round),
        Function::new("unixEpoch", |time: TimeArg| time.0.time.unix().to_string()),
        Function::new(
            "toDate",
            |frame: &mut Frame<'_>, layout: Str, text: Str| -> Result<Typed, FuncError> {
                let (_, local) = now(frame)?;
                let local = Zone::Local(local);
                let time = parse::parse(&layout, &text, &local).unwrap_or_else(|_| Time::zero());
                Ok(Typed::object(TimeObject { time, local }))
            },
        ),
        Function::new(
            "mustToDate",
            |frame: &mut Frame<'_>, layout: Str, text: Str| -> Result<Typed, FuncError> {
                let (_, local) = now(frame)?;
                let local = Zone::Local(local);
                let time = parse::parse(&layout, &text, &local).map_err(FuncError::new)?;
                Ok(Typed::object(TimeObject { time, local }))
            },
        ),
    ];
    let date_in_zone = Function::new(
        "dateInZone",
        |frame: &mut Frame<'_>, layout: Str, date: Value, zone: Str| in_zone(frame, &layout, &date, &zone),
    );
    super::push_aliases(&mut all, &["dateInZone", "date_in_zone"], date_in_zone);
    let date_modify = Function::new("dateModify", |by: Str, time: TimeArg| {
        let moved = duration::parse(&by).map(|by| moved(&time, by));
        Typed::object(moved.unwrap_or_else(|_| (*time.0).clone()))
    });
    super::push_aliases(&mut all, &["dateModify", "date_modify"], date_modify);
    let must_date_modify = Function::new(
        "mustDateModify",
        |by: Str, time: TimeArg| -> Result<Typed, FuncError> {
            let by = duration::parse(&by).map_err(FuncError::new)?;
            Ok(Typed::object(moved(&time, by)))
        },
    );
    super::push_aliases(
        &mut all,
        &["mustDateModify", "must_date_modify"],
        must_date_modify,
    );
    all
}

fn moved(time: &TimeArg, nanoseconds: i64) -> TimeObject {
    TimeObject {
        time: time.0.time.add(nanoseconds),
        local: time.0.local.clone(),
    }
}

/// `time.Now` and the local zone.
fn now(frame: &Frame<'_>) -> Result<(Time, TimeZone), FuncError> {
    let now = facts(frame)?.now();
    let (timestamp, rules) = (now.timestamp(), now.time_zone().clone());
    let elapsed = host(frame)?.elapsed(timestamp);
    let nanoseconds = timestamp.as_nanosecond();
    let second = i128::from(duration::NANOS_PER_SECOND);
    let time = Time::now(
        nanoseconds.div_euclid(second) as i64,
        nanoseconds.rem_euclid(second) as u32,
        Zone::Local(rules.clone()),
        elapsed,
    );
    Ok((time, rules))
}

/// What the date functions take for a date: a time, or seconds in some of Go's integer types. All else is now.
fn instant(frame: &Frame<'_>, date: &Value, kinds: &[IntKind]) -> Result<Time, FuncError> {
    let (now, local) = now(frame)?;
    Ok(match date {
        Value::Int(kind, seconds) if kinds.contains(kind) => Time::from_unix(*seconds, 0, Zone::Local(local)),
        _ => date
            .downcast::<TimeObject>()
            .map_or(now, |object| object.time.clone()),
    })
}

/// sprig's `dateInZone`; an unknown zone is UTC.
fn in_zone(frame: &mut Frame<'_>, layout: &[u8], date: &Value, zone: &[u8]) -> Result<Str, FuncError> {
    let time = instant(frame, date, &[IntKind::Int64, IntKind::Int, IntKind::Int32])?;
    // An element of a layout is at most nine times as long when written out.
    charge::text(frame, layout.len().saturating_mul(9))?;
    let (_, local) = now(frame)?;
    let zone = Zone::load(zone, &local).unwrap_or(Zone::Utc);
    Ok(Str::from(layout::format(&time.in_zone(zone), layout)))
}

fn ago(frame: &mut Frame<'_>, date: Value) -> Result<String, FuncError> {
    let time = instant(frame, &date, &[IntKind::Int64, IntKind::Int])?;
    let (now, _) = now(frame)?;
    Ok(duration::format(duration::round(
        now.sub(&time),
        duration::NANOS_PER_SECOND,
    )))
}

/// Seconds as `duration` reads them: only text and `int64`.
fn seconds(value: &Value) -> i64 {
    match value {
        Value::Str(text) => match strconv::parse_int(text, 10) {
            Ok(number) | Err(strconv::NumberError::Range(number)) => number,
            Err(strconv::NumberError::Syntax) => 0,
        },
        Value::Int(IntKind::Int64, number) => *number,
        _ => 0,
    }
}

const HOUR: u64 = 3_600_000_000_000;

fn duration_round(frame: &mut Frame<'_>, value: Value) -> Result<String, FuncError> {
    let nanoseconds = match &value {
        Value::Str(text) => duration::parse(text).unwrap_or(0),
        Value::Int(IntKind::Int64, number) => *number,
        other => match other.downcast::<TimeObject>() {
            Some(object) => now(frame)?.0.sub(&object.time),
            None => 0,
        },
    };
    let units = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
    ];
    let length = nanoseconds.unsigned_abs();
    // Upstream compares with `>`, so exactly one unit is shown in the next smaller one.
    let unit = units.into_iter().find(|(unit, _)| length > *unit);
    Ok(unit.map_or_else(
        || "0s".to_owned(),
        |(unit, name)| format!("{}{name}", length / unit),
    ))
}
