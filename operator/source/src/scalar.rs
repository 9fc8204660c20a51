//! A YAML or JSON scalar where a text is expected: `version: 1.10` is the text `1.1`, as for Helm.
//!
//! Helm turns YAML into JSON before it reads it, so that an unquoted number loses its spelling.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// The text of a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar(String);

impl Scalar {
    /// The text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Scalar, E> {
        Ok(Scalar(text))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar(value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1.10", "1.1")]
    #[case("\"1.10\"", "1.10")]
    #[case("1.2.3", "1.2.3")]
    #[case("7", "7")]
    #[case("-7", "-7")]
    #[case("true", "true")]
    fn unquoted_scalars_become_texts(#[case] yaml: &str, #[case] text: &str) {
        assert_eq!(serde_saphyr::from_str::<Scalar>(yaml).unwrap().text(), text);
    }
}
