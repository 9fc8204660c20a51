//! Certificates, of the server and of the client.

use std::sync::Arc;

use anyhow::Result;
use source::{ChartLocation, ChartRequest, ClientCertificate, ErrorClass, TlsOptions, TlsVerify};
use testkit::tls::Authority;
use testkit::{ChartRepository, index_yaml};

use super::{eager, failure, package};

#[tokio::test]
async fn certificates_are_checked_by_the_given_authority() -> Result<()> {
    let authority = Authority::generate("test")?;
    let folder = tempfile::tempdir()?;
    let charts = package(folder.path(), &["1.0.0"])?;
    let server = ChartRepository::start_tls(folder.path(), authority.server(&["127.0.0.1"])?).await?;
    server.publish(&charts)?;
    let source = eager();
    let mut request = ChartRequest::new(ChartLocation::in_repository(&server.url(), "web"));

    let error = failure(&source, &request, &server).await;
    assert!(
        error.starts_with("Transient RepositoryUnreachable") && error.contains("certificate"),
        "{error}"
    );
    let stranger = Authority::generate("stranger")?.certificate();
    request.tls = TlsOptions {
        ca: Some(stranger.into_bytes()),
        ..TlsOptions::default()
    };
    let error = failure(&source, &request, &server).await;
    assert!(
        error.starts_with("Transient RepositoryUnreachable") && error.contains("certificate"),
        "{error}"
    );

    request.tls = TlsOptions {
        ca: Some(authority.certificate().into_bytes()),
        ..TlsOptions::default()
    };
    source.fetch(&request).await?;
    request.tls = TlsOptions {
        verify: TlsVerify::Skip,
        ..TlsOptions::default()
    };
    source.fetch(&request).await?;
    // What was fetched without checking is not given to somebody who checks.
    assert_eq!(server.count(".tgz"), 2);
    Ok(())
}

#[tokio::test]
async fn a_client_certificate_opens_a_server_that_wants_one() -> Result<()> {
    let authority = Authority::generate("test")?;
    let folder = tempfile::tempdir()?;
    package(folder.path(), &["1.0.0"])?;
    let index = index_yaml(&package(folder.path(), &["1.0.0"])?)?;
    let url = mutual_tls_server(&authority, index).await?;
    let source = eager();
    let mut request = ChartRequest::new(ChartLocation::in_repository(&url, "web"));
    request.tls.ca = Some(authority.certificate().into_bytes());
    let error = source.resolve(&request).await.unwrap_err();
    assert_eq!(
        (error.class(), error.category()),
        (ErrorClass::Transient, "RepositoryUnreachable"),
        "{error}"
    );

    let client = authority.client("pilothouse", None)?;
    let client = ClientCertificate {
        certificate: client.certificate.into(),
        key: client.key.into(),
    };
    request.tls.client = Some(client);
    assert_eq!(source.resolve(&request).await?.version, "1.0.0");
    Ok(())
}

/// Answers everything with `body`, to clients that have a certificate of the authority.
async fn mutual_tls_server(authority: &Authority, body: String) -> Result<String> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio_rustls::rustls::server::WebPkiClientVerifier;
    use tokio_rustls::rustls::{RootCertStore, ServerConfig};

    let identity = authority.server(&["127.0.0.1"])?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(
        authority.certificate().as_bytes(),
    )?)?;
    let config = ServerConfig::builder()
        .with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build()?)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(identity.certificate.as_bytes())?],
            PrivateKeyDer::from_pem_slice(identity.key.as_bytes())?,
        )?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("https://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    Ok(url)
}
