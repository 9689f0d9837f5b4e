//! TLS: a certificate from files, replaced on the running door when they change.

use std::{
    fmt, fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::SystemTime,
};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;

/// What a TLS connection may hold back in either direction before it pushes back.
pub(super) const BUFFER_BYTES: usize = 16 * 1024;

/// A certificate chain and its key, in PEM files. Cheap to clone; all clones change together.
#[derive(Clone)]
pub struct Certificate {
    inner: Arc<Inner>,
    acceptor: TlsAcceptor,
}

struct Inner {
    chain: PathBuf,
    key: PathBuf,
    read: Mutex<Stamp>,
    current: RwLock<Arc<CertifiedKey>>,
}

/// When the files were written, as far as the system tells.
type Stamp = [Option<SystemTime>; 2];

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadCertificate {
    #[error("cannot read {0}: {1}")]
    Unreadable(PathBuf, #[source] pem::Error),
    #[error("{0} holds no certificate")]
    NoCertificate(PathBuf),
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

impl Certificate {
    /// Reads a PEM chain, the server's own certificate first, and its PEM key.
    ///
    /// # Errors
    /// When a file cannot be read or the key does not fit the certificate.
    pub fn from_files(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, BadCertificate> {
        let (chain, key) = (chain.into(), key.into());
        let stamp = stamp(&chain, &key);
        let current = RwLock::new(Arc::new(read(&chain, &key)?));
        let inner = Arc::new(Inner { chain, key, read: Mutex::new(stamp), current });
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&inner) as Arc<dyn ResolvesServerCert>);
        // Badges come back all at once: a ticket spares them, and us, the signature. Nothing is kept per client.
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        config.send_tls13_tickets = 1;
        Ok(Self { inner, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Reads the files again if they were written since; answers whether the certificate changed. On an error the
    /// old one stays.
    ///
    /// # Errors
    /// As [`Certificate::from_files`].
    pub fn reload(&self) -> Result<bool, BadCertificate> {
        let inner = &self.inner;
        let stamp = stamp(&inner.chain, &inner.key);
        if *inner.read.lock().unwrap_or_else(PoisonError::into_inner) == stamp {
            return Ok(false);
        }
        let fresh = Arc::new(read(&inner.chain, &inner.key)?);
        *inner.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        *inner.read.lock().unwrap_or_else(PoisonError::into_inner) = stamp;
        Ok(true)
    }

    /// The same certificate for another server of this process; it follows [`Certificate::reload`] too.
    #[must_use]
    pub fn server_config(&self) -> ServerConfig {
        ServerConfig::clone(self.acceptor.config())
    }

    pub(super) const fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain", &self.inner.chain).finish_non_exhaustive()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Inner {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn stamp(chain: &PathBuf, key: &PathBuf) -> Stamp {
    let written = |path: &PathBuf| -> io::Result<SystemTime> { fs::metadata(path)?.modified() };
    [written(chain).ok(), written(key).ok()]
}

fn read(chain: &PathBuf, key: &PathBuf) -> Result<CertifiedKey, BadCertificate> {
    let unreadable = |path: &PathBuf| {
        let path = path.clone();
        move |error| BadCertificate::Unreadable(path, error)
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(chain))?;
    if certificates.is_empty() {
        return Err(BadCertificate::NoCertificate(chain.clone()));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    Ok(CertifiedKey::from_der(certificates, private, &aws_lc_rs::default_provider())?)
}
