//! Go's reference layouts (`Mon Jan 2 15:04:05 2006`): the pieces of a layout, and formatting a time by them.

use super::clock::Time;

pub(crate) const LONG_DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
pub(crate) const LONG_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// One element of a layout (`time.std*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    /// A numeric zone: `Z` for UTC (`iso`), colons, and how many of its fields are written.
    Offset {
        iso: bool,
        colon: bool,
        fields: OffsetFields,
    },
    /// A fractional second: `.000` (`trim` false) or `.999`.
    Fraction {
        trim: bool,
        digits: usize,
        separator: u8,
    },
}

/// Which fields a numeric zone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OffsetFields {
    Hours,
    Minutes,
    Seconds,
}

/// The text before the first element, the element with its text, and what follows.
type Chunk<'a> = (&'a [u8], Option<(Element, &'a [u8])>, &'a [u8]);

/// `time.nextStdChunk`.
pub(crate) fn next_chunk(layout: &[u8]) -> Chunk<'_> {
    for at in 0..layout.len() {
        let rest = &layout[at..];
        if let Some((element, skip, width)) = element_at(rest) {
            let start = at + skip;
            return (
                &layout[..start],
                Some((element, &layout[start..start + width])),
                &layout[start + width..],
            );
        }
    }
    (layout, None, &[])
}

/// The element at the start of `rest`: it, how many bytes before it stay literal, and its width.
fn element_at(rest: &[u8]) -> Option<(Element, usize, usize)> {
    let found = |element, width| Some((element, 0, width));
    let lower_follows = |at: usize| rest.get(at).is_some_and(u8::is_ascii_lowercase);
    match rest.first()? {
        b'J' if rest.starts_with(b"January") => found(Element::LongMonth, 7),
        b'J' if rest.starts_with(b"Jan") && !lower_follows(3) => found(Element::Month, 3),
        b'M' if rest.starts_with(b"Monday") => found(Element::LongWeekDay, 6),
        b'M' if rest.starts_with(b"Mon") && !lower_follows(3) => found(Element::WeekDay, 3),
        b'M' if rest.starts_with(b"MST") => found(Element::ZoneName, 3),
        b'0' => match rest.get(1)? {
            b'1' => found(Element::ZeroMonth, 2),
            b'2' => found(Element::ZeroDay, 2),
            b'3' => found(Element::ZeroHour12, 2),
            b'4' => found(Element::ZeroMinute, 2),
            b'5' => found(Element::ZeroSecond, 2),
            b'6' => found(Element::Year, 2),
            b'0' if rest.get(2) == Some(&b'2') => found(Element::ZeroYearDay, 3),
            _ => None,
        },
        b'1' if rest.get(1) == Some(&b'5') => found(Element::Hour, 2),
        b'1' => found(Element::NumMonth, 1),
        b'2' if rest.starts_with(b"2006") => found(Element::LongYear, 4),
        b'2' => found(Element::Day, 1),
        // `_2006` is a literal underscore and a year.
        b'_' if rest.starts_with(b"_2006") => Some((Element::LongYear, 1, 4)),
        b'_' if rest.starts_with(b"_2") => found(Element::UnderDay, 2),
        b'_' if rest.starts_with(b"__2") => found(Element::UnderYearDay, 3),
        b'3' => found(Element::Hour12, 1),
        b'4' => found(Element::Minute, 1),
        b'5' => found(Element::Second, 1),
        b'P' if rest.get(1) == Some(&b'M') => found(Element::UpperPm, 2),
        b'p' if rest.get(1) == Some(&b'm') => found(Element::LowerPm, 2),
        sign @ (b'-' | b'Z') => {
            let (fields, colon, width) = offset_shape(&rest[1..])?;
            found(
                Element::Offset {
                    iso: *sign == b'Z',
                    colon,
                    fields,
                },
                width + 1,
            )
        }
        separator @ (b'.' | b',') => {
            let digit = *rest.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
            let digits = rest[1..].iter().take_while(|byte| **byte == digit).count();
            if rest.get(1 + digits).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            found(
                Element::Fraction {
                    trim: digit == b'9',
                    digits,
                    separator: *separator,
                },
                1 + digits,
            )
        }
        _ => None,
    }
}

fn offset_shape(rest: &[u8]) -> Option<(OffsetFields, bool, usize)> {
    let shapes: [(&[u8], OffsetFields, bool); 5] = [
        (b"070000", OffsetFields::Seconds, false),
        (b"07:00:00", OffsetFields::Seconds, true),
        (b"0700", OffsetFields::Minutes, false),
        (b"07:00", OffsetFields::Minutes, true),
        (b"07", OffsetFields::Hours, false),
    ];
    shapes
        .into_iter()
        .find(|(text, _, _)| rest.starts_with(text))
        .map(|(text, fields, colon)| (fields, colon, text.len()))
}

/// `Time.Format`.
pub(crate) fn format(time: &Time, layout: &[u8]) -> Vec<u8> {
    let info = time.zone().lookup(time.unix());
    let offset = i64::from(info.offset);
    let (date, (hour, minute, second)) = time.date_clock();
    let mut out = Vec::with_capacity(layout.len() + 10);
    let mut rest = layout;
    loop {
        let (prefix, element, suffix) = next_chunk(rest);
        out.extend_from_slice(prefix);
        let Some((element, _)) = element else { break };
        rest = suffix;
        match element {
            Element::Year => push_int(&mut out, date.year.abs() % 100, 2),
            Element::LongYear => push_int(&mut out, date.year, 4),
            Element::Month => out.extend_from_slice(&month_name(date.month).as_bytes()[..3]),
            Element::LongMonth => out.extend_from_slice(month_name(date.month).as_bytes()),
            Element::NumMonth => push_int(&mut out, date.month, 0),
            Element::ZeroMonth => push_int(&mut out, date.month, 2),
            Element::WeekDay => out.extend_from_slice(&day_name(time.weekday()).as_bytes()[..3]),
            Element::LongWeekDay => out.extend_from_slice(day_name(time.weekday()).as_bytes()),
            Element::Day => push_int(&mut out, date.day, 0),
            Element::UnderDay => push_padded(&mut out, date.day, 2),
            Element::ZeroDay => push_int(&mut out, date.day, 2),
            Element::UnderYearDay => push_padded(&mut out, time.year_day(), 3),
            Element::ZeroYearDay => push_int(&mut out, time.year_day(), 3),
            Element::Hour => push_int(&mut out, hour, 2),
            Element::Hour12 => push_int(&mut out, twelve(hour), 0),
            Element::ZeroHour12 => push_int(&mut out, twelve(hour), 2),
            Element::Minute => push_int(&mut out, minute, 0),
            Element::ZeroMinute => push_int(&mut out, minute, 2),
            Element::Second => push_int(&mut out, second, 0),
            Element::ZeroSecond => push_int(&mut out, second, 2),
            Element::UpperPm => out.extend_from_slice(if hour >= 12 { b"PM" } else { b"AM" }),
            Element::LowerPm => out.extend_from_slice(if hour >= 12 { b"pm" } else { b"am" }),
            Element::ZoneName if info.name.is_empty() => {
                push_offset(&mut out, offset, false, OffsetFields::Minutes);
            }
            Element::ZoneName => out.extend_from_slice(info.name.as_bytes()),
            Element::Offset { iso: true, .. } if offset == 0 => out.push(b'Z'),
            Element::Offset { colon, fields, .. } => push_offset(&mut out, offset, colon, fields),
            Element::Fraction {
                trim,
                digits,
                separator,
            } => {
                push_fraction(&mut out, time.nanosecond(), trim, digits, separator);
            }
        }
    }
    out
}

/// `Month.String`.
pub(crate) fn month_name(month: i64) -> &'static str {
    usize::try_from(month - 1)
        .ok()
        .and_then(|index| LONG_MONTHS.get(index))
        .copied()
        .unwrap_or("%!Month(0)")
}

/// `Weekday.String`.
pub(crate) fn day_name(day: i64) -> &'static str {
    usize::try_from(day)
        .ok()
        .and_then(|index| LONG_DAYS.get(index))
        .copied()
        .unwrap_or("%!Weekday(7)")
}

fn twelve(hour: i64) -> i64 {
    if hour % 12 == 0 { 12 } else { hour % 12 }
}

/// `time.appendInt`: zero-padded, the sign before the padding and not counted.
fn push_int(out: &mut Vec<u8>, value: i64, width: usize) {
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(format!("{:0width$}", value.unsigned_abs()).as_bytes());
}

fn push_padded(out: &mut Vec<u8>, value: i64, width: usize) {
    out.extend_from_slice(format!("{value:width$}").as_bytes());
}

fn push_offset(out: &mut Vec<u8>, offset: i64, colon: bool, fields: OffsetFields) {
    let minutes = offset / 60;
    // Go looks at the minutes for the sign, so a negative offset below one minute prints a plus.
    out.push(if minutes < 0 { b'-' } else { b'+' });
    let absolute = if minutes < 0 { -offset } else { offset };
    push_int(out, minutes.abs() / 60, 2);
    if fields == OffsetFields::Hours {
        return;
    }
    if colon {
        out.push(b':');
    }
    push_int(out, minutes.abs() % 60, 2);
    if fields == OffsetFields::Seconds {
        if colon {
            out.push(b':');
        }
        push_int(out, absolute % 60, 2);
    }
}

fn push_fraction(out: &mut Vec<u8>, nanosecond: u32, trim: bool, digits: usize, separator: u8) {
    if trim && (digits == 0 || nanosecond == 0) {
        return;
    }
    let text = format!("{nanosecond:09}");
    let mut shown = &text.as_bytes()[..digits.min(9)];
    if trim {
        while let [head @ .., b'0'] = shown {
            shown = head;
        }
        if shown.is_empty() {
            return;
        }
    }
    out.push(separator);
    out.extend_from_slice(shown);
}

/// `Time.String`, with the monotonic reading when there is one.
pub(crate) fn to_text(time: &Time) -> Vec<u8> {
    let mut out = format(time, b"2006-01-02 15:04:05.999999999 -0700 MST");
    if let Some(reading) = time.monotonic() {
        let sign = if reading < 0 { '-' } else { '+' };
        let unsigned = reading.unsigned_abs();
        let text = format!(
            " m={sign}{}.{:09}",
            unsigned / 1_000_000_000,
            unsigned % 1_000_000_000
        );
        out.extend_from_slice(text.as_bytes());
    }
    out
}
