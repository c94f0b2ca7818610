use std::sync::Arc;

use maskd_config::policy::SourcePolicy;
use maskd_config::{HttpConfig, Secret};
use maskd_daemon::Handle;
use tokio::sync::Semaphore;

use crate::guard::{Bucket, Token};
use crate::live::Pictures;
use crate::painters::Painters;

/// Logins are for people.
const LOGINS_PER_SECOND: f64 = 5.0;

/// What all routes work with.
pub(crate) struct App {
    pub(crate) daemon: Handle,
    pub(crate) config: HttpConfig,
    pub(crate) token: Option<Token>,
    pub(crate) policy: SourcePolicy,
    pub(crate) prompts: Bucket,
    pub(crate) logins: Bucket,
    /// A permit for everyone who watches live.
    pub(crate) viewers: Arc<Semaphore>,
    pub(crate) painters: Painters,
    pub(crate) pictures: Pictures,
}

pub(crate) type Shared = Arc<App>;

impl App {
    pub(crate) fn new(daemon: Handle, config: HttpConfig, token: Option<&Secret>) -> Self {
        Self {
            token: token.map(Token::new),
            policy: SourcePolicy::new(&config),
            prompts: Bucket::new(config.prompts_per_second),
            logins: Bucket::new(LOGINS_PER_SECOND),
            viewers: Arc::new(Semaphore::new(config.max_viewers)),
            painters: Painters::new(),
            pictures: Pictures::default(),
            daemon,
            config,
        }
    }

    /// Whether connections are encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.config.tls().is_some()
    }
}
