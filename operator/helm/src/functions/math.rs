//! Arithmetic (`numeric.go` of sprig): 64-bit integers that wrap, floats, and decimals for `addf` and friends.

use gotemplate::{Frame, FuncError, Function, GoInt, List, Rest, Str, Value, strconv};

use super::cast::{to_f64, to_i64};
use super::decimal::Decimal;
use super::text::display;
use super::{charge, push_aliases};

const DIVIDE_BY_ZERO: &str = "runtime error: integer divide by zero";

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let mut all = vec![
        Function::new("atoi", |text: Str| match strconv::parse_int(&text, 10) {
            Ok(number) | Err(strconv::NumberError::Range(number)) => GoInt(number),
            Err(strconv::NumberError::Syntax) => GoInt(0),
        }),
        Function::new("int", |value: Value| GoInt(to_i64(&value))),
        Function::new("int64", |value: Value| to_i64(&value)),
        Function::new("float64", |value: Value| to_f64(&value)),
        Function::new("toDecimal", |value: Value| -> Result<i64, FuncError> {
            Ok(strconv::parse_int(&display(&value)?, 8).unwrap_or(0))
        }),
        Function::new("add1", |value: Value| to_i64(&value).wrapping_add(1)),
        Function::new("add", |values: Rest<Value>| {
            values.iter().map(to_i64).fold(0, i64::wrapping_add)
        }),
        Function::new("sub", |left: Value, right: Value| {
            to_i64(&left).wrapping_sub(to_i64(&right))
        }),
        Function::new("mul", |first: Value, rest: Rest<Value>| {
            rest.iter().map(to_i64).fold(to_i64(&first), i64::wrapping_mul)
        }),
        Function::new("div", |left: Value, right: Value| match to_i64(&right) {
            0 => Err(FuncError::panic(DIVIDE_BY_ZERO)),
            divisor => Ok(to_i64(&left).wrapping_div(divisor)),
        }),
        Function::new("mod", |left: Value, right: Value| match to_i64(&right) {
            0 => Err(FuncError::panic(DIVIDE_BY_ZERO)),
            divisor => Ok(to_i64(&left).wrapping_rem(divisor)),
        }),
        Function::new("min", |first: Value, rest: Rest<Value>| {
            rest.iter().map(to_i64).fold(to_i64(&first), i64::min)
        }),
        Function::new("maxf", |first: Value, rest: Rest<Value>| {
            rest.iter().map(to_f64).fold(to_f64(&first), max_float)
        }),
        Function::new("minf", |first: Value, rest: Rest<Value>| {
            rest.iter().map(to_f64).fold(to_f64(&first), min_float)
        }),
        Function::new("ceil", |value: Value| to_f64(&value).ceil()),
        Function::new("floor", |value: Value| to_f64(&value).floor()),
        Function::new("round", |value: Value, places: GoInt, on: Rest<f64>| {
            round(to_f64(&value), places.0, on.first().copied().unwrap_or(0.5))
        }),
        Function::new("until", |frame: &mut Frame<'_>, count: GoInt| {
            let step = if count.0 < 0 { -1 } else { 1 };
            until_step(frame, 0, count.0, step).map(List::ints)
        }),
        Function::new(
            "untilStep",
            |frame: &mut Frame<'_>, start: GoInt, stop: GoInt, step: GoInt| {
                until_step(frame, start.0, stop.0, step.0).map(List::ints)
            },
        ),
        Function::new("seq", seq),
        Function::new("add1f", |frame: &mut Frame<'_>, value: Value| {
            decimals(frame, &value, &[Value::int(1)], |left, right| Ok(left.add(right)))
        }),
        Function::new("addf", |frame: &mut Frame<'_>, values: Rest<Value>| {
            decimals(frame, &Value::Float(0.0), &values, |left, right| {
                Ok(left.add(right))
            })
        }),
        Function::new(
            "subf",
            |frame: &mut Frame<'_>, first: Value, rest: Rest<Value>| {
                decimals(frame, &first, &rest, |left, right| Ok(left.sub(right)))
            },
        ),
        Function::new(
            "mulf",
            |frame: &mut Frame<'_>, first: Value, rest: Rest<Value>| {
                decimals(frame, &first, &rest, |left, right| Ok(left.mul(right)))
            },
        ),
        Function::new(
            "divf",
            |frame: &mut Frame<'_>, first: Value, rest: Rest<Value>| {
                decimals(frame, &first, &rest, Decimal::div)
            },
        ),
    ];
    let max = Function::new("max", |first: Value, rest: Rest<Value>| {
        rest.iter().map(to_i64).fold(to_i64(&first), i64::max)
    });
    push_aliases(&mut all, &["max", "biggest"], max);
    all
}

/// `math.Max`: NaN wins over everything but infinity, and +0 over -0.
fn max_float(left: f64, right: f64) -> f64 {
    if left == f64::INFINITY || right == f64::INFINITY {
        f64::INFINITY
    } else if left.is_nan() || right.is_nan() {
        f64::NAN
    } else if left == 0.0 && right == 0.0 {
        if left.is_sign_negative() { right } else { left }
    } else {
        left.max(right)
    }
}

/// `math.Min`.
fn min_float(left: f64, right: f64) -> f64 {
    -max_float(-left, -right)
}

/// sprig's `round`. Its test looks at the signed fraction, so that negative numbers are always rounded down.
fn round(value: f64, places: i64, on: f64) -> f64 {
    let power = power_of_ten(places);
    let digit = power * value;
    let fraction = if digit.is_infinite() {
        f64::NAN
    } else {
        digit.fract()
    };
    let rounded = if fraction >= on {
        digit.ceil()
    } else {
        digit.floor()
    };
    rounded / power
}

/// `math.Pow(10, places)` by Go's algorithm, whose last bit differs from other libraries for large exponents.
fn power_of_ten(places: i64) -> f64 {
    let mut left = places.unsigned_abs();
    let (mut factor, mut exponent) = (1.0_f64, 0_i64);
    // 10 = 0.625 * 2^4
    let (mut base, mut base_exponent) = (0.625_f64, 4_i64);
    while left != 0 {
        if base_exponent.abs() > 1 << 12 {
            exponent += base_exponent;
            break;
        }
        if left & 1 == 1 {
            factor *= base;
            exponent += base_exponent;
        }
        base *= base;
        base_exponent <<= 1;
        if base < 0.5 {
            base += base;
            base_exponent -= 1;
        }
        left >>= 1;
    }
    if places < 0 {
        factor = 1.0 / factor;
        exponent = -exponent;
    }
    // `math.Ldexp`, in two steps so that neither power of two is out of range before the product is.
    let half = exponent.clamp(-2000, 2000) / 2;
    let rest = exponent.clamp(-2000, 2000) - half;
    factor * 2.0_f64.powi(half as i32) * 2.0_f64.powi(rest as i32)
}

/// sprig's `untilStep`; the length is charged before the list is made.
fn until_step(frame: &mut Frame<'_>, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, FuncError> {
    let (distance, stride) = if stop < start {
        if step >= 0 {
            return Ok(Vec::new());
        }
        (i128::from(start) - i128::from(stop), -i128::from(step))
    } else {
        if step <= 0 {
            return Ok(Vec::new());
        }
        (i128::from(stop) - i128::from(start), i128::from(step))
    };
    let count = usize::try_from((distance + stride - 1) / stride).unwrap_or(usize::MAX);
    charge::items(frame, count)?;
    Ok((0..count as i64)
        .map(|index| start.wrapping_add(index.wrapping_mul(step)))
        .collect())
}

fn seq(frame: &mut Frame<'_>, params: Rest<GoInt>) -> Result<Str, FuncError> {
    let params: Vec<i64> = params.iter().map(|number| number.0).collect();
    let numbers = match params.as_slice() {
        [end] => {
            let step = if *end < 1 { -1 } else { 1 };
            until_step(frame, 1, end.wrapping_add(step), step)?
        }
        [start, end] => {
            let step = if end < start { -1 } else { 1 };
            until_step(frame, *start, end.wrapping_add(step), step)?
        }
        [start, step, end] => {
            if end < start && *step > 0 {
                return Ok(Str::default());
            }
            let past = if end < start { -1 } else { 1 };
            until_step(frame, *start, end.wrapping_add(past), *step)?
        }
        _ => return Ok(Str::default()),
    };
    charge::text(frame, numbers.len().saturating_mul(8))?;
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Ok(Str::from(texts.join(" ")))
}

/// sprig's `execDecimalOp`.
fn decimals(
    frame: &mut Frame<'_>,
    first: &Value,
    rest: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal, &'static str>,
) -> Result<f64, FuncError> {
    let mut result = Decimal::from_f64(to_f64(first)).map_err(FuncError::panic)?;
    for value in rest {
        // Coefficients grow with every operation, and what an operation costs with them.
        frame.charge_steps(1 + result.bits() / 64)?;
        let operand = Decimal::from_f64(to_f64(value)).map_err(FuncError::panic)?;
        result = operation(&result, &operand).map_err(FuncError::panic)?;
    }
    Ok(result.to_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "exact results are the point")]
    fn rounding_looks_at_the_signed_fraction() {
        assert_eq!(round(3.55, 1, 0.5), 3.6);
        assert_eq!(round(-2.4, 0, 0.5), -3.0);
        assert_eq!(round(123.456, -2, 0.5), 100.0);
        assert_eq!(power_of_ten(22), 1e22);
        assert_eq!(power_of_ten(-3), 0.001);
        assert_eq!(power_of_ten(400), f64::INFINITY);
    }
}
