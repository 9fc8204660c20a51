//! Decimal arithmetic as shopspring/decimal 1.4.0 does it, for `addf`, `subf`, `mulf` and `divf`.
//!
//! Only what those need: from a float, the four operations, and back to the nearest float.

use num_bigint::{BigInt, Sign};

/// Fractional digits of a quotient (`decimal.DivisionPrecision`).
const DIVISION_PRECISION: i64 = 16;

/// `value * 10^exponent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    value: BigInt,
    exponent: i64,
}

impl Decimal {
    /// `decimal.NewFromFloat`: the shortest digits that read back as the same float.
    ///
    /// # Errors
    /// Go's panic for infinities and NaN.
    pub(crate) fn from_f64(number: f64) -> Result<Decimal, String> {
        if number.is_nan() {
            return Err("Cannot create a Decimal from NaN".to_owned());
        }
        if number.is_infinite() {
            let sign = if number < 0.0 { '-' } else { '+' };
            return Err(format!("Cannot create a Decimal from {sign}Inf"));
        }
        if number == 0.0 {
            return Ok(Decimal {
                value: BigInt::ZERO,
                exponent: 0,
            });
        }
        // `{:e}` prints the shortest digits: `-1.25e-7`.
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let fraction = mantissa.split_once('.').map_or(0, |(_, digits)| digits.len());
        let digits: String = mantissa.chars().filter(|letter| *letter != '.').collect();
        let value = BigInt::parse_bytes(digits.as_bytes(), 10).unwrap_or(BigInt::ZERO);
        let exponent: i64 = exponent.parse().unwrap_or(0);
        Ok(Decimal {
            value,
            exponent: exponent - fraction as i64,
        })
    }

    /// How many bits the coefficient has: what an operation on it costs.
    pub(crate) fn bits(&self) -> u64 {
        self.value.bits()
    }

    pub(crate) fn add(&self, other: &Decimal) -> Decimal {
        let (left, right, exponent) = self.aligned(other);
        Decimal {
            value: left + right,
            exponent,
        }
    }

    pub(crate) fn sub(&self, other: &Decimal) -> Decimal {
        let (left, right, exponent) = self.aligned(other);
        Decimal {
            value: left - right,
            exponent,
        }
    }

    pub(crate) fn mul(&self, other: &Decimal) -> Decimal {
        Decimal {
            value: &self.value * &other.value,
            exponent: self.exponent + other.exponent,
        }
    }

    /// `Decimal.Div`: rounded half away from zero at [`DIVISION_PRECISION`].
    ///
    /// # Errors
    /// Go's panic on a zero divisor.
    pub(crate) fn div(&self, other: &Decimal) -> Result<Decimal, &'static str> {
        if other.value.sign() == Sign::NoSign {
            return Err("decimal division by 0");
        }
        let scale = -DIVISION_PRECISION;
        let shift = self.exponent - other.exponent - scale;
        let (dividend, divisor) = if shift < 0 {
            (self.value.clone(), &other.value * power_of_ten(-shift))
        } else {
            (&self.value * power_of_ten(shift), other.value.clone())
        };
        let quotient = &dividend / &divisor;
        let remainder = &dividend % &divisor;
        let twice = BigInt::from_biguint(Sign::Plus, remainder.magnitude().clone()) * 2;
        let away = if twice < BigInt::from_biguint(Sign::Plus, divisor.magnitude().clone()) {
            0
        } else if (self.value.sign() == Sign::Minus) == (other.value.sign() == Sign::Minus) {
            1
        } else {
            -1
        };
        Ok(Decimal {
            value: quotient + away,
            exponent: scale,
        })
    }

    /// `Decimal.Float64`: the nearest float, ties to even.
    pub(crate) fn to_f64(&self) -> f64 {
        format!("{}e{}", self.value, self.exponent).parse().unwrap_or(0.0)
    }

    fn aligned(&self, other: &Decimal) -> (BigInt, BigInt, i64) {
        let exponent = self.exponent.min(other.exponent);
        let scale = |decimal: &Decimal| &decimal.value * power_of_ten(decimal.exponent - exponent);
        (scale(self), scale(other), exponent)
    }
}

fn power_of_ten(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(number: f64) -> Decimal {
        Decimal::from_f64(number).expect("finite")
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "exact results are the point")]
    fn tenths_add_up() {
        assert_eq!(decimal(0.1).add(&decimal(0.2)).to_f64(), 0.3);
        assert_eq!(
            decimal(10.0).div(&decimal(3.0)).expect("not zero").to_f64(),
            3.333_333_333_333_333_3
        );
        assert_eq!(
            decimal(-2.0).div(&decimal(3.0)).expect("not zero").to_f64(),
            -0.666_666_666_666_666_7
        );
        assert_eq!(decimal(1e308).mul(&decimal(1e308)).to_f64(), f64::INFINITY);
        assert!(decimal(1.0).div(&decimal(0.0)).is_err());
    }
}
