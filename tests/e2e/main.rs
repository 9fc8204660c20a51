//! End-to-end tests: a real API server, a real chart repository, the operator as a process, and the
//! real `helm` as referee. One file a question; every test has a namespace and an operator of its own.

mod bad_input;
mod chart_change;
mod crash;
mod delete;
mod deploy;
mod failing_install;
mod failing_upgrade;
mod fix_while_waiting;
mod forbidden;
mod install;
mod no_op;
mod oci;
mod repository_down;
mod shutdown;
mod unsupported;
mod values_change;
mod values_from;
