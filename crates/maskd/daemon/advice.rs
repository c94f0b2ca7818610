//! What to do where the daemon does not start, or ended.

use maskd_config::ConfigErrors;
use maskd_daemon::DaemonError;
use maskd_web::WebError;

use crate::exit::{Advice, Code};

impl Advice for ConfigErrors {
    fn code(&self) -> Code {
        Code::Config
    }

    fn help(&self) -> String {
        match self {
            Self::Table(_) => "please report it with the configuration that led to it".into(),
            _ => "configs/reference.toml has every key; `maskd check FILE` tries a configuration".into(),
        }
    }
}

impl Advice for DaemonError {
    fn code(&self) -> Code {
        match self {
            Self::NoSuchSink { .. } | Self::Secrets(_) => Code::Config,
            _ => Code::RunTime,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Device(_) => {
                "a device does not heal within a process: let the service manager start it anew; tracks come back from [state]"
            }
            Self::Bug { .. } => "please report it with the configuration and the log",
            Self::Thread { .. } => "raise the limit of threads, or watch fewer streams",
            Self::Sink { .. } | Self::NoSuchSink { .. } => "correct that [[sink]], or take it out",
            Self::Secrets(_) => "set the variables that user_env and password_env name",
            Self::State { .. } => "let [state] directory name a directory that can be written",
            _ => "`maskd check FILE` tries everything that a configuration names",
        }
        .into()
    }
}

impl Advice for WebError {
    fn code(&self) -> Code {
        match self {
            Self::File { .. } | Self::Tls { .. } => Code::Config,
            _ => Code::RunTime,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Listen { .. } => "set [http] listen to a free port, or enabled = false",
            Self::File { .. } | Self::Tls { .. } => {
                "[http] tls_certificate and tls_key name PEM files: the certificate chain, and the key that belongs to it"
            }
            _ => "raise the limit of threads",
        }
        .into()
    }
}
