//! `time.ParseInLocation`: reading a time by a Go layout, with Go's messages.

use super::clock::{Time, Wall, days_in, is_leap};
use super::duration::{leading_int, quote};
use super::layout::{Element, LONG_DAYS, LONG_MONTHS, OffsetFields, next_chunk};
use super::zone::Zone;

/// Why an element could not be read.
enum Trouble {
    /// `errBad`: the text does not fit.
    Bad,
    /// The text fits, its value does not.
    Range(&'static str),
}

type Step<T> = Result<T, Trouble>;

/// What has been read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i64>,
    zone_name: Option<String>,
}

/// `time.ParseInLocation`.
///
/// # Errors
/// The text of Go's `ParseError`.
pub(crate) fn parse(layout: &[u8], value: &[u8], zone: &Zone) -> Result<Time, String> {
    let is_rfc3339 =
        layout == b"2006-01-02T15:04:05Z07:00" || layout == b"2006-01-02T15:04:05.999999999Z07:00";
    if let Some(time) = parse_rfc3339(value, zone).filter(|_| is_rfc3339) {
        return Ok(time);
    }
    let (whole_layout, whole_value) = (layout, value);
    let cannot = |part: &[u8], rest: &[u8]| {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(whole_value),
            quote(whole_layout),
            quote(rest),
            quote(part)
        )
    };
    let message = |text: &str| format!("parsing time {}: {text}", quote(whole_value));
    let mut fields = Fields::default();
    let (mut layout, mut value) = (layout, value);
    loop {
        let (prefix, element, suffix) = next_chunk(layout);
        value = skip(value, prefix).map_err(|rest| cannot(prefix, rest))?;
        let Some((element, text)) = element else {
            if !value.is_empty() {
                return Err(message(&format!("extra text: {}", quote(value))));
            }
            break;
        };
        layout = suffix;
        let hold = value;
        match fields.read(element, &mut value, layout) {
            Ok(()) => {}
            Err(Trouble::Range(what)) => return Err(message(&format!("{what} out of range"))),
            Err(Trouble::Bad) => return Err(cannot(text, hold)),
        }
    }
    fields.finish(zone).map_err(message)
}

impl Fields {
    fn read(&mut self, element: Element, value: &mut &[u8], layout: &[u8]) -> Step<()> {
        match element {
            Element::Year => {
                let year = signed(take(value, 2)?).ok_or(Trouble::Bad)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
            }
            Element::LongYear => {
                if value.len() < 4 || !value[0].is_ascii_digit() {
                    return Err(Trouble::Bad);
                }
                self.year = signed(take(value, 4)?).ok_or(Trouble::Bad)?;
            }
            Element::Month => self.month = Some(lookup(&LONG_MONTHS, 3, value)? + 1),
            Element::LongMonth => self.month = Some(lookup(&LONG_MONTHS, usize::MAX, value)? + 1),
            Element::NumMonth | Element::ZeroMonth => {
                self.month = Some(ranged(
                    number(value, element == Element::ZeroMonth)?,
                    1,
                    12,
                    "month",
                )?);
            }
            Element::WeekDay => _ = lookup(&LONG_DAYS, 3, value)?,
            Element::LongWeekDay => _ = lookup(&LONG_DAYS, usize::MAX, value)?,
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                if element == Element::UnderDay {
                    skip_blank(value);
                }
                self.day = Some(number(value, element == Element::ZeroDay)?);
            }
            Element::UnderYearDay | Element::ZeroYearDay => {
                if element == Element::UnderYearDay {
                    skip_blank(value);
                    skip_blank(value);
                }
                self.year_day = Some(number3(value, element == Element::ZeroYearDay)?);
            }
            Element::Hour => self.hour = ranged(number(value, false)?, 0, 23, "hour")?,
            Element::Hour12 | Element::ZeroHour12 => {
                self.hour = ranged(number(value, element == Element::ZeroHour12)?, 0, 12, "hour")?;
            }
            Element::Minute | Element::ZeroMinute => {
                self.minute = ranged(number(value, element == Element::ZeroMinute)?, 0, 59, "minute")?;
            }
            Element::Second | Element::ZeroSecond => {
                self.second = ranged(number(value, element == Element::ZeroSecond)?, 0, 59, "second")?;
                self.read_unasked_fraction(value, layout)?;
            }
            Element::UpperPm => self.half_day(take(value, 2)?, b"AM", b"PM")?,
            Element::LowerPm => self.half_day(take(value, 2)?, b"am", b"pm")?,
            Element::Offset { iso: true, .. } if value.first() == Some(&b'Z') => {
                *value = &value[1..];
                self.utc = true;
            }
            Element::Offset { colon, fields, .. } => self.offset = Some(offset(value, colon, fields)?),
            Element::ZoneName if value.starts_with(b"UTC") => {
                *value = &value[3..];
                self.utc = true;
            }
            Element::ZoneName => {
                let length = zone_name_length(value).ok_or(Trouble::Bad)?;
                self.zone_name = Some(String::from_utf8_lossy(take(value, length)?).into_owned());
            }
            Element::Fraction {
                trim: false, digits, ..
            } => {
                let text = take(value, digits + 1)?;
                self.nanosecond = nanoseconds(text)?;
            }
            Element::Fraction { trim: true, .. } => {
                if is_fraction(value) {
                    let digits = value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                    self.nanosecond = nanoseconds(take(value, digits + 1)?)?;
                }
            }
        }
        Ok(())
    }

    /// A fraction in the input is read after the seconds even if the layout has none.
    fn read_unasked_fraction(&mut self, value: &mut &[u8], layout: &[u8]) -> Step<()> {
        if !is_fraction(value) || matches!(next_chunk(layout).1, Some((Element::Fraction { .. }, _))) {
            return Ok(());
        }
        let digits = value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.nanosecond = nanoseconds(take(value, digits + 1)?)?;
        Ok(())
    }

    fn half_day(&mut self, text: &[u8], am: &[u8], pm: &[u8]) -> Step<()> {
        if text == pm {
            self.pm = true;
        } else if text == am {
            self.am = true;
        } else {
            return Err(Trouble::Bad);
        }
        Ok(())
    }

    fn finish(mut self, zone: &Zone) -> Result<Time, &'static str> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        let (month, day) = self.month_and_day()?;
        if day < 1 || day > days_in(month, self.year) {
            return Err("day out of range");
        }
        let wall = Wall {
            year: self.year,
            month,
            day,
            hour: self.hour,
            minute: self.minute,
            second: self.second,
            nanosecond: self.nanosecond,
        };
        if self.utc {
            return Ok(Time::from_wall(wall, Zone::Utc));
        }
        if let Some(offset) = self.offset {
            let name = self.zone_name.unwrap_or_default();
            return Ok(with_offset(wall, offset, name, zone));
        }
        if let Some(name) = self.zone_name {
            let time = Time::from_wall(wall, Zone::Utc);
            if let Some(offset) = zone.offset_of(&name, time.unix()) {
                let unix = time.unix().wrapping_sub(i64::from(offset));
                return Ok(Time::from_unix(unix, time.nanosecond(), zone.clone()));
            }
            let hours = name
                .strip_prefix("GMT")
                .and_then(|hours| signed(hours.as_bytes()))
                .unwrap_or(0);
            let fixed = Zone::Fixed {
                name,
                offset: (hours * 3600) as i32,
            };
            return Ok(time.in_zone(fixed));
        }
        Ok(Time::from_wall(wall, zone.clone()))
    }

    fn month_and_day(&self) -> Result<(i64, i64), &'static str> {
        let Some(given) = self.year_day else {
            return Ok((self.month.unwrap_or(1), self.day.unwrap_or(1)));
        };
        let leap_day = is_leap(self.year) && given == 31 + 29;
        let of_common_year = if is_leap(self.year) && given > 31 + 29 {
            given - 1
        } else {
            given
        };
        if !(1..=365).contains(&of_common_year) {
            return Err("day-of-year out of range");
        }
        let (mut month, mut day) = (1, of_common_year);
        while day > days_in(month, 1) {
            day -= days_in(month, 1);
            month += 1;
        }
        if leap_day {
            (month, day) = (2, 29);
        }
        if self.month.is_some_and(|seen| seen != month) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|seen| seen != day) {
            return Err("day-of-year does not match day");
        }
        Ok((month, day))
    }
}

/// A time whose offset is known: in the zone if that offset is in force there, else in a fixed one.
fn with_offset(wall: Wall, offset: i64, name: String, zone: &Zone) -> Time {
    let utc = Time::from_wall(wall, Zone::Utc);
    let unix = utc.unix().wrapping_sub(offset);
    let info = zone.lookup(unix);
    let matches = i64::from(info.offset) == offset && (name.is_empty() || info.name == name);
    let zone = if matches {
        zone.clone()
    } else {
        Zone::Fixed {
            name,
            offset: offset as i32,
        }
    };
    Time::from_unix(unix, utc.nanosecond(), zone)
}

/// `time.parseRFC3339`.
fn parse_rfc3339(text: &[u8], zone: &Zone) -> Option<Time> {
    let field = |range: std::ops::Range<usize>, low: i64, high: i64| {
        let digits = text.get(range)?;
        let value = digits.iter().try_fold(0, |value, digit| {
            digit
                .is_ascii_digit()
                .then(|| value * 10 + i64::from(digit - b'0'))
        })?;
        (low..=high).contains(&value).then_some(value)
    };
    let (year, month) = (field(0..4, 0, 9999)?, field(5..7, 1, 12)?);
    let day = field(8..10, 1, days_in(month, year))?;
    let (hour, minute, second) = (
        field(11..13, 0, 23)?,
        field(14..16, 0, 59)?,
        field(17..19, 0, 59)?,
    );
    if text[4] != b'-' || text[7] != b'-' || text[10] != b'T' || text[13] != b':' || text[16] != b':' {
        return None;
    }
    let mut rest = &text[19..];
    let mut nanosecond = 0;
    if rest.first() == Some(&b'.') && is_fraction(rest) {
        let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        nanosecond = nanoseconds(&rest[..=digits]).ok()?;
        rest = &rest[digits + 1..];
    }
    let wall = Wall {
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanosecond,
    };
    if rest == b"Z" {
        return Some(Time::from_wall(wall, Zone::Utc));
    }
    let at = text.len() - rest.len();
    if rest.len() != 6 || !matches!(rest[0], b'-' | b'+') || rest[3] != b':' {
        return None;
    }
    let seconds = (field(at + 1..at + 3, 0, 23)? * 60 + field(at + 4..at + 6, 0, 59)?) * 60;
    Some(with_offset(
        wall,
        if rest[0] == b'-' { -seconds } else { seconds },
        String::new(),
        zone,
    ))
}

fn take<'a>(value: &mut &'a [u8], length: usize) -> Step<&'a [u8]> {
    let (head, tail) = value.split_at_checked(length).ok_or(Trouble::Bad)?;
    *value = tail;
    Ok(head)
}

fn skip_blank(value: &mut &[u8]) {
    if let [b' ', rest @ ..] = value {
        *value = rest;
    }
}

/// `time.skip`: runs of blanks count as one; the error is what was left of the value.
fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    let cut = |text: &mut &[u8]| {
        while let [b' ', rest @ ..] = *text {
            *text = rest;
        }
    };
    while let Some(&first) = prefix.first() {
        if first == b' ' {
            if value.first().is_some_and(|byte| *byte != b' ') {
                return Err(value);
            }
            cut(&mut prefix);
            while let [b' ', rest @ ..] = value {
                value = rest;
            }
            continue;
        }
        if value.first() != Some(&first) {
            return Err(value);
        }
        prefix = &prefix[1..];
        value = &value[1..];
    }
    Ok(value)
}

/// `time.lookup`: the index of a name, of which the first `length` bytes count, without regard to case.
fn lookup(names: &[&str], length: usize, value: &mut &[u8]) -> Step<i64> {
    for (index, name) in names.iter().enumerate() {
        let name = &name.as_bytes()[..length.min(name.len())];
        if value
            .get(..name.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(name))
        {
            *value = &value[name.len()..];
            return Ok(index as i64);
        }
    }
    Err(Trouble::Bad)
}

/// `time.getnum`: one or two digits, exactly two when `fixed`.
fn number(value: &mut &[u8], fixed: bool) -> Step<i64> {
    let digit = |at: usize| {
        value
            .get(at)
            .filter(|byte| byte.is_ascii_digit())
            .map(|byte| i64::from(byte - b'0'))
    };
    match (digit(0), digit(1)) {
        (Some(tens), Some(ones)) => {
            *value = &value[2..];
            Ok(tens * 10 + ones)
        }
        (Some(ones), None) if !fixed => {
            *value = &value[1..];
            Ok(ones)
        }
        (_, _) => Err(Trouble::Bad),
    }
}

/// `time.getnum3`: up to three digits, exactly three when `fixed`.
fn number3(value: &mut &[u8], fixed: bool) -> Step<i64> {
    let digits = value
        .iter()
        .take(3)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits == 0 || fixed && digits != 3 {
        return Err(Trouble::Bad);
    }
    Ok(take(value, digits)?
        .iter()
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

fn ranged(value: i64, low: i64, high: i64, what: &'static str) -> Step<i64> {
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(Trouble::Range(what))
    }
}

/// `time.atoi`.
fn signed(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    let (value, rest) = leading_int(digits)?;
    let value = value as i64;
    rest.is_empty()
        .then_some(if negative { value.wrapping_neg() } else { value })
}

fn is_fraction(value: &[u8]) -> bool {
    matches!(value, [b'.' | b',', digit, ..] if digit.is_ascii_digit())
}

/// `time.parseNanoseconds`: a separator and digits, of which nine count.
fn nanoseconds(text: &[u8]) -> Step<i64> {
    if !matches!(text.first(), Some(b'.' | b',')) {
        return Err(Trouble::Bad);
    }
    let digits = &text[1..text.len().min(10)];
    let value = signed(digits).ok_or(Trouble::Bad)?;
    if value < 0 {
        return Err(Trouble::Range("fractional second"));
    }
    Ok(value * 10_i64.pow(9 - digits.len() as u32))
}

/// A numeric zone such as `-07:00`.
fn offset(value: &mut &[u8], colon: bool, fields: OffsetFields) -> Step<i64> {
    let count = match fields {
        OffsetFields::Hours => 1,
        OffsetFields::Minutes => 2,
        OffsetFields::Seconds => 3,
    };
    let gap = usize::from(colon);
    let text = take(value, 1 + count * 2 + gap * (count - 1))?;
    let mut parts = [0; 3];
    for (index, part) in parts.iter_mut().enumerate().take(count) {
        let at = 1 + index * (2 + gap);
        if colon && index > 0 && text[at - 1] != b':' {
            return Err(Trouble::Bad);
        }
        let mut digits = &text[at..at + 2];
        *part = number(&mut digits, true)?;
    }
    let [hour, minute, second] = parts;
    // Go accepts 24 hours and 60 minutes, as some people write them.
    ranged(hour, 0, 24, "time zone offset hour")?;
    ranged(minute, 0, 60, "time zone offset minute")?;
    ranged(second, 0, 60, "time zone offset second")?;
    let seconds = (hour * 60 + minute) * 60 + second;
    match text[0] {
        b'+' => Ok(seconds),
        b'-' => Ok(-seconds),
        _ => Err(Trouble::Bad),
    }
}

/// `time.parseTimeZone`: how many bytes look like an abbreviation.
fn zone_name_length(value: &[u8]) -> Option<usize> {
    if value.len() < 3 {
        return None;
    }
    if value.starts_with(b"ChST") || value.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = value.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(rest));
    }
    if matches!(value[0], b'+' | b'-') {
        return Some(signed_offset_length(value)).filter(|length| *length > 0);
    }
    match value
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_uppercase())
        .count()
    {
        5 if value[4] == b'T' => Some(5),
        4 if value[3] == b'T' || value.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

fn signed_offset_length(value: &[u8]) -> usize {
    let Some((b'+' | b'-', digits)) = value.split_first() else {
        return 0;
    };
    match leading_int(digits) {
        Some((hours, rest)) if rest.len() != digits.len() && hours <= 23 => value.len() - rest.len(),
        _ => 0,
    }
}
