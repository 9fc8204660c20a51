//! The byte form against texts that Helm writes.

use serde_json::json;

use super::*;
