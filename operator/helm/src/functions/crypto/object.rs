//! sprig's `certificate`: the PEM texts that the certificate functions return.

use std::borrow::Cow;
use std::rc::Rc;

use gotemplate::{ArgumentKind, FromArg, Object, Param, Str, Value};

/// A `sprig.certificate`.
#[derive(Clone)]
pub(super) struct Certificate {
    pub(super) cert: Str,
    pub(super) key: Str,
}

impl std::fmt::Debug for Certificate {
    /// Hides the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate")
            .field("cert", &self.cert)
            .finish_non_exhaustive()
    }
}

impl Object for Certificate {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("sprig.certificate")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(Value::Str(self.cert.clone())),
            "Key" => Some(Value::Str(self.key.clone())),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Cert", Value::Str(self.cert.clone())),
            ("Key", Value::Str(self.key.clone())),
        ]
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<Certificate>()
            .map(|other| self.cert == other.cert && self.key == other.key)
    }
}

/// A parameter of type `sprig.certificate`.
pub(super) struct CertificateArg(pub(super) Rc<Certificate>);

impl FromArg for CertificateArg {
    const PARAM: Param = Param {
        type_name: "sprig.certificate",
        kind: ArgumentKind::Struct,
        accepts: |value| value.downcast::<Certificate>().is_some(),
    };

    fn from_arg(value: Value) -> Option<Self> {
        value.downcast().map(CertificateArg)
    }
}
