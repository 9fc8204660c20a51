//! Numbers that the API server writes in another form: `1000m` for `1`, `1Gi` for `1024Mi`.

use serde_json::Value;

/// Where a bare number in quotes is a quantity. Elsewhere `"1.10"` and `"1.1"` are two texts.
const PLACES: [&str; 6] = [
    "limits",
    "requests",
    "capacity",
    "hard",
    "default",
    "defaultRequest",
];

/// Whether two values at a path are the same quantity.
pub(super) fn are_equal(wanted: &Value, live: &Value, path: &str) -> bool {
    let (Some(a), Some(b)) = (parse(wanted), parse(live)) else {
        return false;
    };
    let marked = a.marked || b.marked || path.split('.').any(|part| PLACES.contains(&part));
    marked && (a.number - b.number).abs() <= f64::EPSILON * a.number.abs().max(b.number.abs())
}

struct Quantity {
    number: f64,
    /// Whether it cannot be mistaken for a text.
    marked: bool,
}

fn parse(value: &Value) -> Option<Quantity> {
    let text = match value {
        Value::Number(number) => {
            return Some(Quantity {
                number: number.as_f64()?,
                marked: true,
            });
        }
        Value::String(text) => text.as_str(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let end = text.find(|character: char| !character.is_ascii_digit() && !"+-.".contains(character));
    let (digits, suffix) = text.split_at(end.unwrap_or(text.len()));
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        _ => return None,
    };
    let number = digits.parse::<f64>().ok()? * factor;
    Some(Quantity {
        number,
        marked: !suffix.is_empty(),
    })
}
