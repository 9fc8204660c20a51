//! Which texts go-yaml takes for a timestamp (`parseTimestamp` in `resolve.go`, which tries four layouts of Go's `time.Parse`).
//!
//! Only the answer yes or no matters: as a value a timestamp stays text, but the emitter has to quote it.

/// True when the text has one of the forms `2006-1-2T15:4:5.999999999Z07:00` (also with `t`), `2006-1-2 15:4:5.999999999`, `2006-1-2`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let mut rest = text.as_bytes();
    let year = number(&mut rest, 4, 4);
    let Some(year) = year.filter(|_| eat(&mut rest, b'-')) else {
        return false;
    };
    let Some(month @ 1..=12) = number(&mut rest, 1, 2) else {
        return false;
    };
    if !eat(&mut rest, b'-') {
        return false;
    }
    let Some(day) = number(&mut rest, 1, 2) else {
        return false;
    };
    if day < 1 || day > days_in(month, year) {
        return false;
    }
    match rest {
        [] => true,
        [b'T' | b't', tail @ ..] => {
            let mut rest = tail;
            is_clock(&mut rest) && is_zone(rest)
        }
        [b' ', ..] => {
            // A blank in a layout matches any number of them.
            let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
            let mut rest = rest.get(blanks..).unwrap_or_default();
            is_clock(&mut rest) && rest.is_empty()
        }
        _ => false,
    }
}

/// `15:4:5.999999999`, where the fraction may be absent and may begin with a comma.
fn is_clock(rest: &mut &[u8]) -> bool {
    let in_range = |value: Option<u32>, end: u32| value.is_some_and(|value| value < end);
    let well_formed = in_range(number(rest, 1, 2), 24)
        && eat(rest, b':')
        && in_range(number(rest, 1, 2), 60)
        && eat(rest, b':')
        && in_range(number(rest, 1, 2), 60);
    if let [b'.' | b',', b'0'..=b'9', tail @ ..] = *rest {
        let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
        *rest = tail.get(digits..).unwrap_or_default();
    }
    well_formed
}

/// `Z`, or a sign, two digits, `:` and two digits. Go lets offsets of 24 hours and 60 minutes pass.
fn is_zone(rest: &[u8]) -> bool {
    let [sign, tail @ ..] = rest else { return false };
    if *sign == b'Z' {
        return tail.is_empty();
    }
    let mut tail = tail;
    matches!(sign, b'+' | b'-')
        && number(&mut tail, 2, 2).is_some_and(|hours| hours <= 24)
        && eat(&mut tail, b':')
        && number(&mut tail, 2, 2).is_some_and(|minutes| minutes <= 60)
        && tail.is_empty()
}

fn eat(rest: &mut &[u8], wanted: u8) -> bool {
    match *rest {
        [first, tail @ ..] if *first == wanted => {
            *rest = tail;
            true
        }
        _ => false,
    }
}

/// Takes up to `most` digits; at least `least` have to be there.
fn number(rest: &mut &[u8], least: usize, most: usize) -> Option<u32> {
    let count = rest
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if count < least {
        return None;
    }
    let (digits, tail) = rest.split_at(count);
    *rest = tail;
    Some(
        digits
            .iter()
            .fold(0, |value, digit| value * 10 + u32::from(digit - b'0')),
    )
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}
