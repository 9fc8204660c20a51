//! End-to-end tests: a real API server, a real chart repository, the operator as a process, and the
//! real `helm` as referee. One file a question; every test has a namespace and an operator of its own.

mod bad_input;
mod budgets;
mod chart_change;
mod crash;
mod crds;
mod delete;
mod depends_on;
mod deploy;
mod drift;
mod failing_install;
mod failing_upgrade;
mod fix_while_waiting;
mod forbidden;
mod foreign;
mod install;
mod no_op;
mod oci;
mod own_chart;
mod repository_down;
mod requests;
mod schema;
mod shutdown;
mod target_change;
mod test_gate;
mod unsupported;
mod values_change;
mod values_from;
