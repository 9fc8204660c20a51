//! Cases of the project's own, recorded from Helm 4.2.4.

fn main() {}
