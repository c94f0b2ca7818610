//! Debian's mosquitto on a port of its own, and its clients.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::common::live::{PATIENCE, wait_for};

/// A broker, killed when dropped.
pub struct Broker {
    pub port: u16,
    folder: TempDir,
    process: Child,
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Broker {
    /// `None`, and a loud line, where mosquitto is not installed; a failure in CI.
    pub fn start() -> Option<Self> {
        Self::configured(|_| "allow_anonymous true\n".into())
    }

    pub fn with_password(user: &str, password: &str) -> Option<Self> {
        Self::configured(|folder| {
            let file = folder.join("passwords");
            let mut make = Command::new("mosquitto_passwd");
            assert!(make.arg("-b").arg("-c").arg(&file).args([user, password]).status().unwrap().success());
            format!("allow_anonymous false\npassword_file {}\n", file.display())
        })
    }

    /// Encrypted, with a certificate for `localhost` signed by `ca.pem`; `other.pem` is another authority.
    pub fn with_tls() -> Option<Self> {
        Self::configured(|folder| {
            certificates(folder);
            let [ca, cert, key] = ["ca.pem", "server.pem", "server.key"].map(|name| folder.join(name));
            format!(
                "allow_anonymous true\ncafile {}\ncertfile {}\nkeyfile {}\n",
                ca.display(),
                cert.display(),
                key.display()
            )
        })
    }

    fn configured(settings: impl Fn(&Path) -> String) -> Option<Self> {
        if program("mosquitto").arg("-h").stdout(Stdio::null()).status().is_err() {
            let ci = std::env::var_os("CI").is_some();
            assert!(!ci, "mosquitto is not installed: apt-get install mosquitto mosquitto-clients");
            eprintln!("SKIPPED: mosquitto is not installed: apt-get install mosquitto mosquitto-clients");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let port = free_port();
        let text = format!("listener {port} 127.0.0.1\nuser root\n{}", settings(folder.path()));
        std::fs::write(folder.path().join("mosquitto.conf"), text).unwrap();
        let process = launch(folder.path());
        let broker = Self { port, folder, process };
        broker.wait();
        Some(broker)
    }

    fn wait(&self) {
        wait_for("the broker listens", || TcpStream::connect(("127.0.0.1", self.port)).is_ok());
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn start_again(&mut self) {
        self.process = launch(self.folder.path());
        self.wait();
    }

    pub fn freeze(&self) {
        kill_process(Pid::from_child(&self.process), Signal::STOP).unwrap();
    }

    pub fn thaw(&self) {
        kill_process(Pid::from_child(&self.process), Signal::CONT).unwrap();
    }

    /// What is retained under a topic; empty for nothing.
    pub fn retained(&self, topic: &str) -> String {
        let mut client = Command::new("mosquitto_sub");
        client.args(["-h", "127.0.0.1", "-C", "1", "-W", "1", "--retained-only", "-t", topic]);
        let output = client.arg("-p").arg(self.port.to_string()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Debian keeps it where only administrators look.
fn program(name: &str) -> Command {
    let absolute = Path::new("/usr/sbin").join(name);
    Command::new(if absolute.exists() { absolute } else { name.into() })
}

fn launch(folder: &Path) -> Child {
    let mut command = program("mosquitto");
    command.arg("-c").arg(folder.join("mosquitto.conf"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn certificates(folder: &Path) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let authority = |name: &str| {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        std::fs::write(folder.join(name), params.self_signed(&key).unwrap().pem()).unwrap();
        Issuer::new(params, key)
    };
    authority("other.pem");
    let issuer = authority("ca.pem");
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("server.pem"), server.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

/// What mosquitto_sub prints.
pub struct Message {
    pub topic: String,
    pub retained: bool,
    pub qos: u8,
    pub payload: String,
}

impl Message {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.payload).unwrap()
    }
}

/// A mosquitto_sub that runs beside the test.
pub struct Subscriber {
    process: Child,
    messages: Receiver<Message>,
}

impl Subscriber {
    /// Subscribes; returns when the broker has confirmed.
    pub fn to(broker: &Broker, topic: &str) -> Self {
        // Otherwise it keeps lines to itself until there are many.
        let mut client = Command::new("stdbuf");
        client.args([
            "-oL",
            "mosquitto_sub",
            "-d",
            "-h",
            "127.0.0.1",
            "-q",
            "2",
            "-F",
            "%r\x1f%q\x1f%t\x1f%p",
            "-t",
            topic,
        ]);
        let port = broker.port.to_string();
        let mut process = client.args(["-p", &port]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, messages) = sync_channel(1000);
        let (ready, confirmed) = sync_channel(1);
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                match line.split('\x1f').collect::<Vec<_>>()[..] {
                    [retained, qos, topic, payload] => {
                        let message = Message {
                            topic: topic.into(),
                            retained: retained == "1",
                            qos: qos.parse().unwrap(),
                            payload: payload.into(),
                        };
                        let _ = sender.send(message);
                    }
                    _ if line.contains("Subscribed") => drop(ready.try_send(())),
                    _ => {}
                }
            }
        });
        confirmed.recv_timeout(PATIENCE).unwrap();
        Self { process, messages }
    }

    pub fn next(&mut self) -> Message {
        self.messages.recv_timeout(PATIENCE).unwrap()
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
