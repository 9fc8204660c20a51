//! `time.Time`, `time.Duration`, `time.Month`, `time.Weekday` and `*time.Location` as template objects with the methods
//! that charts call.
//!
//! Methods with several results (`Date`, `Clock`, `Zone`, `ISOWeek`) are left out: templates cannot call them.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use gotemplate::value::JsonForm;
use gotemplate::{
    ArgumentKind, FromArg, FuncError, GoInt, IntKind, Method, Object, Param, Shape, Str, Typed, Value,
};

use super::clock::Time;
use super::duration;
use super::layout::{self, day_name, month_name};
use super::zone::Zone;

/// A `time.Time`.
#[derive(Debug, Clone)]
pub(crate) struct TimeObject {
    /// The instant.
    pub(crate) time: Time,
    /// What `Local` converts to: the zone of the clock of this render.
    pub(crate) local: Zone,
}

impl TimeObject {
    fn with(&self, time: Time) -> Typed {
        Typed::object(TimeObject {
            time,
            local: self.local.clone(),
        })
    }

    /// `Time.appendStrictRFC3339`.
    fn rfc3339(&self) -> Result<Vec<u8>, &'static str> {
        let text = layout::format(&self.time, b"2006-01-02T15:04:05.999999999Z07:00");
        if text.get(4) != Some(&b'-') {
            return Err("year outside of range [0,9999]");
        }
        if self.time.zone().lookup(self.time.unix()).offset.abs() >= 24 * 3600 {
            return Err("timezone hour outside of range [0,23]");
        }
        Ok(text)
    }
}

/// A parameter of type `time.Time`.
pub(crate) struct TimeArg(pub(crate) Rc<TimeObject>);

impl FromArg for TimeArg {
    const PARAM: Param = Param {
        type_name: "time.Time",
        kind: ArgumentKind::Struct,
        accepts: |value| value.downcast::<TimeObject>().is_some(),
    };

    fn from_arg(value: Value) -> Option<Self> {
        value.downcast().map(TimeArg)
    }
}

impl Object for TimeObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("time.Time")
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        let this = Rc::clone(&self);
        let time = self.time.clone();
        let (date, clock) = time.date_clock();
        Some(match name {
            "String" => Method::new(move || Str::from(layout::to_text(&time))),
            "GoString" => Method::new(move || this.go_string().unwrap_or_default()),
            "Format" => Method::new(move |layout: Str| Str::from(layout::format(&time, &layout))),
            "Unix" => Method::new(move || time.unix()),
            "UnixMilli" => Method::new(move || scaled(&time, 1_000)),
            "UnixMicro" => Method::new(move || scaled(&time, 1_000_000)),
            "UnixNano" => Method::new(move || scaled(&time, 1_000_000_000)),
            "Year" => Method::new(move || GoInt(date.year)),
            "Month" => Method::new(move || Typed::object(Named::Month(date.month))),
            "Day" => Method::new(move || GoInt(date.day)),
            "Hour" => Method::new(move || GoInt(clock.0)),
            "Minute" => Method::new(move || GoInt(clock.1)),
            "Second" => Method::new(move || GoInt(clock.2)),
            "Nanosecond" => Method::new(move || GoInt(i64::from(time.nanosecond()))),
            "Weekday" => Method::new(move || Typed::object(Named::Weekday(time.weekday()))),
            "YearDay" => Method::new(move || GoInt(time.year_day())),
            "Add" => Method::new(move |by: DurationArg| this.with(time.add(by.0))),
            "AddDate" => Method::new(move |years: GoInt, months: GoInt, days: GoInt| {
                this.with(time.add_date(years.0, months.0, days.0))
            }),
            "Sub" => {
                Method::new(move |other: TimeArg| Typed::object(Named::Duration(time.sub(&other.0.time))))
            }
            "Round" => Method::new(move |to: DurationArg| this.with(time.round_to(to.0, true))),
            "Truncate" => Method::new(move |to: DurationArg| this.with(time.round_to(to.0, false))),
            "After" => Method::new(move |other: TimeArg| time.compare(&other.0.time).is_gt()),
            "Before" => Method::new(move |other: TimeArg| time.compare(&other.0.time).is_lt()),
            "Equal" => Method::new(move |other: TimeArg| time.compare(&other.0.time).is_eq()),
            "Compare" => Method::new(move |other: TimeArg| GoInt(time.compare(&other.0.time) as i64)),
            "IsZero" => Method::new(move || time.is_zero()),
            "IsDST" => Method::new(move || time.zone().lookup(time.unix()).dst),
            "UTC" => Method::new(move || this.with(time.in_zone(Zone::Utc))),
            "Local" => Method::new(move || this.with(time.in_zone(this.local.clone()))),
            "In" => Method::new(move |zone: LocationArg| {
                let zone = zone
                    .0
                    .ok_or_else(|| FuncError::panic("time: missing Location in call to Time.In"))?;
                Ok::<_, FuncError>(this.with(time.in_zone(zone)))
            }),
            "Location" => Method::new(move || Typed::object(Location(time.zone().clone()))),
            "MarshalText" => Method::new(move || {
                this.rfc3339()
                    .map(Arc::<[u8]>::from)
                    .map_err(|error| FuncError::new(format!("Time.MarshalText: {error}")))
            }),
            "MarshalJSON" => Method::new(move || {
                let quoted = this
                    .rfc3339()
                    .map(|text| Arc::<[u8]>::from([b"\"", text.as_slice(), b"\""].concat()));
                quoted.map_err(|error| FuncError::new(format!("Time.MarshalJSON: {error}")))
            }),
            _ => return None,
        })
    }

    fn stringer(&self) -> Option<Str> {
        Some(Str::from(layout::to_text(&self.time)))
    }

    fn go_string(&self) -> Option<Str> {
        let (date, (hour, minute, second)) = self.time.date_clock();
        let zone = match self.time.zone() {
            Zone::Utc => "time.UTC".to_owned(),
            Zone::Local(_) => "time.Local".to_owned(),
            Zone::Named { name, .. } | Zone::Fixed { name, .. } => {
                format!("time.Location({})", duration::quote(name.as_bytes()))
            }
        };
        let (month, nanosecond) = (month_name(date.month), self.time.nanosecond());
        let (year, day) = (date.year, date.day);
        Some(Str::from(format!(
            "time.Date({year}, time.{month}, {day}, {hour}, {minute}, {second}, {nanosecond}, {zone})"
        )))
    }

    fn json(&self) -> JsonForm {
        match self.rfc3339() {
            Ok(text) => JsonForm::Value(Value::Str(Str::from(text))),
            Err(error) => JsonForm::Error(format!(
                "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: {error}"
            )),
        }
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<TimeObject>()
            .map(|other| self.time.identical(&other.time))
    }
}

/// Units since the Unix epoch, wrapping as Go does; `per_second` of them make a second.
fn scaled(time: &Time, per_second: i64) -> i64 {
    let fraction = i64::from(time.nanosecond()) / (duration::NANOS_PER_SECOND / per_second);
    time.unix().wrapping_mul(per_second).wrapping_add(fraction)
}

/// The named integer types of package `time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// `time.Duration`, in nanoseconds.
    Duration(i64),
    /// `time.Month`, from 1.
    Month(i64),
    /// `time.Weekday`, 0 is Sunday.
    Weekday(i64),
}

/// A parameter of type `time.Duration`; constants are nanoseconds.
pub(crate) struct DurationArg(pub(crate) i64);

impl FromArg for DurationArg {
    const PARAM: Param = Param {
        type_name: "time.Duration",
        kind: ArgumentKind::Int,
        accepts: |value| {
            value
                .downcast::<Named>()
                .is_some_and(|named| matches!(*named, Named::Duration(_)))
        },
    };

    fn from_arg(value: Value) -> Option<Self> {
        match value.underlying().as_ref() {
            Value::Int(_, nanoseconds) => Some(DurationArg(*nanoseconds)),
            _ => None,
        }
    }
}

impl Object for Named {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Named::Duration(_) => "time.Duration",
            Named::Month(_) => "time.Month",
            Named::Weekday(_) => "time.Weekday",
        })
    }

    fn shape(&self) -> Shape {
        Shape::Named(match self {
            Named::Duration(nanoseconds) => Value::Int(IntKind::Int64, *nanoseconds),
            Named::Month(number) | Named::Weekday(number) => Value::int(*number),
        })
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        if name == "String" {
            return Some(Method::new(move || self.stringer().unwrap_or_default()));
        }
        let Named::Duration(nanoseconds) = *self else {
            return None;
        };
        let fraction = |unit: i64| (nanoseconds / unit) as f64 + (nanoseconds % unit) as f64 / unit as f64;
        Some(match name {
            "Nanoseconds" => Method::new(move || nanoseconds),
            "Microseconds" => Method::new(move || nanoseconds / 1_000),
            "Milliseconds" => Method::new(move || nanoseconds / 1_000_000),
            "Seconds" => {
                let seconds = fraction(1_000_000_000);
                Method::new(move || seconds)
            }
            "Minutes" => {
                let minutes = fraction(60_000_000_000);
                Method::new(move || minutes)
            }
            "Hours" => {
                let hours = fraction(3_600_000_000_000);
                Method::new(move || hours)
            }
            "Abs" => Method::new(move || {
                Typed::object(Named::Duration(nanoseconds.checked_abs().unwrap_or(i64::MAX)))
            }),
            "Round" => Method::new(move |to: DurationArg| {
                Typed::object(Named::Duration(duration::round(nanoseconds, to.0)))
            }),
            "Truncate" => Method::new(move |to: DurationArg| {
                Typed::object(Named::Duration(duration::truncate(nanoseconds, to.0)))
            }),
            _ => return None,
        })
    }

    fn stringer(&self) -> Option<Str> {
        Some(match self {
            Named::Duration(nanoseconds) => Str::from(duration::format(*nanoseconds)),
            Named::Month(month) => Str::from(month_name(*month)),
            Named::Weekday(day) => Str::from(day_name(*day)),
        })
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<Named>().map(|other| self == other)
    }
}

/// A `*time.Location`.
#[derive(Debug, Clone)]
pub(crate) struct Location(pub(crate) Zone);

/// A parameter of type `*time.Location`; nil is `None`.
pub(crate) struct LocationArg(Option<Zone>);

impl FromArg for LocationArg {
    const PARAM: Param = Param {
        type_name: "*time.Location",
        kind: ArgumentKind::Nilable,
        accepts: |value| value.downcast::<Location>().is_some(),
    };

    fn from_arg(value: Value) -> Option<Self> {
        Some(LocationArg(
            value.downcast::<Location>().map(|location| location.0.clone()),
        ))
    }
}

impl Object for Location {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*time.Location")
    }

    fn shape(&self) -> Shape {
        Shape::Pointer
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        (name == "String").then(|| Method::new(move || Str::from(self.0.name())))
    }

    fn stringer(&self) -> Option<Str> {
        Some(Str::from(self.0.name()))
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<Location>()
            .map(|other| self.0.same(&other.0))
    }
}
