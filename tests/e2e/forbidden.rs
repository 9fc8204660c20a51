//! Is a refusal by RBAC told as what it is?

use anyhow::{Context, Result};
use integration_tests::{Operator, Stage, charts, release};

#[tokio::test]
async fn an_operator_without_the_rights_of_the_chart_says_so_and_goes_on_when_it_gets_them() -> Result<()> {
    let mut stage = Stage::new("forbidden", &[charts::tiny("1.0.0")]).await?;
    stage
        .operator
        .take()
        .context("an operator runs")?
        .terminate()
        .await?;
    let namespace = stage.namespace.name().to_owned();
    stage.kubectl(&["create", "serviceaccount", "limited"]).await?;
    let binding = format!("limited-{namespace}");
    let account = format!("--serviceaccount={namespace}:limited");
    // Everything but ConfigMaps may be written.
    stage
        .kubectl(&["create", "clusterrole", &binding, "--verb=*", "--resource=secrets,helmreleases.pilothouse.dev,helmreleases.pilothouse.dev/status,events.events.k8s.io"])
        .await?;
    stage
        .kubectl(&[
            "create",
            "clusterrolebinding",
            &binding,
            "--clusterrole",
            &binding,
            &account,
        ])
        .await?;
    stage
        .kubectl(&[
            "create",
            "clusterrolebinding",
            &format!("{binding}-view"),
            "--clusterrole=view",
            &account,
        ])
        .await?;
    let kubeconfig = stage.folder.path().join("limited.kubeconfig");
    std::fs::write(
        &kubeconfig,
        stage
            .control_plane
            .service_account_kubeconfig(&namespace, "limited")
            .await?,
    )?;
    stage.operator = Some(Operator::start(&kubeconfig, &[&namespace], stage.folder.path()).await?);

    stage
        .apply(&stage.release("tiny", "tiny", "1.0.0").set("/interval", "2s"))
        .await?;
    let object = stage
        .until("tiny", "refused", |object| {
            release::state(object, "Ready") == "False/Forbidden"
        })
        .await?;
    assert!(
        release::message(&object, "Ready").contains("configmaps"),
        "{}",
        release::message(&object, "Ready")
    );

    let admin = format!("{binding}-admin");
    stage
        .kubectl(&[
            "create",
            "clusterrolebinding",
            &admin,
            "--clusterrole=cluster-admin",
            &account,
        ])
        .await?;
    stage
        .patch(
            "tiny",
            serde_json::json!({"metadata": {"annotations": {"pilothouse.dev/retry": "1"}}}),
        )
        .await?;
    stage.until_ready("tiny").await?;
    for name in [&binding, &format!("{binding}-view"), &admin] {
        stage.kubectl(&["delete", "clusterrolebinding", name]).await?;
    }
    stage.kubectl(&["delete", "clusterrole", &binding]).await?;
    Ok(())
}
