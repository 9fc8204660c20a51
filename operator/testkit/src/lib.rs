//! Everything the tests of this project stand on: a real control plane, real chart sources, the
//! real `helm`, and golden files.
//!
//! This crate is for development only. Nothing here is mocked: [`ControlPlane`] runs etcd,
//! kube-apiserver, kube-controller-manager and kube-scheduler, and KWOK plays the nodes, so that
//! objects live through the same API, admission, garbage collection and scheduling as in a
//! cluster. Only containers do not run: what a pod does is told by the name of its image (see
//! [`simulation`]).
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use testkit::{ChartBuilder, ControlPlane, Helm};
//!
//! let control_plane = ControlPlane::shared().await?;
//! let namespace = control_plane.namespace("install").await?;
//! let charts = tempfile::tempdir()?;
//! let chart = ChartBuilder::new("demo", "1.0.0")
//!     .template("configmap.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n")
//!     .package(charts.path())?;
//! Helm::v4(control_plane)?
//!     .run(["install", "demo", &chart.path.display().to_string(), "-n", namespace.name(), "--wait"])
//!     .await?
//!     .success()?;
//! # Ok(())
//! # }
//! ```
//!
//! | need | type |
//! |---|---|
//! | an API server, a client, an unprivileged client | [`ControlPlane`] |
//! | a namespace of one's own | [`TestNamespace`] |
//! | `helm` 4, `helm` 3, `kubectl` | [`Helm`], [`Kubectl`] |
//! | a chart, an archive, an `index.yaml` | [`ChartBuilder`], [`index_yaml`] |
//! | an HTTP chart repository that can fail on demand | [`ChartRepository`] |
//! | an OCI registry | [`Registry`] |
//! | expected text in a file | [`golden`] |
//! | waiting with a deadline | [`eventually`] |

pub mod chart_builder;
pub mod chart_repository;
pub mod control_plane;
pub mod golden;
pub mod namespace;
pub mod programs;
pub mod registry;
pub mod simulation;
pub mod supervisor;
pub mod tls;
pub mod tool;
pub mod wait;

pub use chart_builder::{ChartBuilder, PackagedChart, index_yaml};
pub use chart_repository::{ChartRepository, Fault};
pub use control_plane::ControlPlane;
pub use namespace::TestNamespace;
pub use registry::Registry;
pub use tool::{Helm, Kubectl, Output};
pub use wait::eventually;
