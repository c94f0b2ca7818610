//! Debian's broker, brokers that misbehave, and what readers of the topics see.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is a failed test")]

#[path = "mqtt/broker.rs"]
mod broker;
mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use broker::{Broker, Subscriber, free_port};
use common::live::{PATIENCE, event, resident, shot, shot_of, status, wait_for};
use maskd_output::mqtt::{Credentials, MqttConfig, MqttSink, MqttTopics, Qos, maker};
use maskd_output::outlet::{Outlet, OutletConfig, OutletState, Policy, Retry, Stopped};
use maskd_output::{OutputError, Sink};
use maskd_types::{ObjectEventKind, SourceState};

fn config(port: u16) -> MqttConfig {
    let mut config = MqttConfig::new(format!("mqtt://127.0.0.1:{port}").parse().unwrap());
    config.keep_alive = Duration::from_secs(1);
    config.patience = Duration::from_secs(2);
    config
}

fn outlet(config: MqttConfig) -> Outlet {
    let retry = Retry { first: Duration::from_millis(50), longest: Duration::from_millis(200) };
    let outlet = OutletConfig { retry, ..OutletConfig::new("mqtt", Policy::Latest) };
    Outlet::start(outlet, maker(config), |_| {}).unwrap()
}

#[test]
fn readers_see_states_frames_and_events() {
    let Some(broker) = Broker::start() else { return };
    let mut sink = MqttSink::connect(config(broker.port)).unwrap();
    sink.notice(&status("front/door", SourceState::Connecting)).unwrap();
    sink.notice(&status("front/door", SourceState::Live)).unwrap();
    // A retained message waits for whoever comes.
    wait_for("the states are retained", || broker.retained("maskd/front_door/status").contains("live"));
    let mut reader = Subscriber::to(&broker, "#");
    let first = [reader.next(), reader.next()];
    let online = first.iter().find(|message| message.topic == "maskd/status").unwrap();
    assert_eq!((online.retained, online.payload.as_str()), (true, "online"));
    let live = first.iter().find(|message| message.topic == "maskd/front_door/status").unwrap();
    assert!(live.retained && live.json()["state"] == "live" && live.json()["stream"] == "front/door");
    for number in 0..20 {
        sink.write(&shot("front/door", number)).unwrap();
    }
    for number in 0..20 {
        let message = reader.next();
        assert_eq!((message.topic.as_str(), message.retained), ("maskd/front_door/objects", false));
        let json = message.json();
        assert_eq!((&json["frame"], &json["objects"][0]["id"]), (&number.into(), &1.into()));
        assert!(json["objects"][0].get("mask").is_none() && json["latency_ms"]["end_to_end"].is_f64());
        assert!(json["capture_unix_ns"].is_u64() && json["capture_clock"] == "arrival" && json["pts_ns"].is_u64());
        assert_eq!(json["intact"], true);
    }
    let kinds = ["new", "update", "occluded", "lost", "reacquired", "end"];
    use ObjectEventKind::{End, Lost, New, Occluded, Reacquired, Update};
    for (number, kind) in [New, Update, Occluded, Lost, Reacquired, End].into_iter().enumerate() {
        sink.notice(&event("front/door", kind, number as u64)).unwrap();
    }
    for kind in kinds {
        let message = reader.next();
        assert_eq!(message.topic, "maskd/front_door/events");
        assert_eq!((&message.json()["kind"], &message.json()["object"]), (&kind.into(), &1.into()));
    }
    sink.finish().unwrap();
    let last = reader.next();
    assert_eq!((last.topic.as_str(), last.payload.as_str()), ("maskd/status", "offline"));
    assert!(matches!(sink.write(&shot("front/door", 9)), Err(OutputError::Closed { .. })));
}

#[test]
fn topics_masks_and_quality_are_the_users_choice() {
    let Some(broker) = Broker::start() else { return };
    let mut config = config(broker.port);
    config.topics = MqttTopics { events: None, ..MqttTopics::with_prefix("home/cameras") };
    config.form.masks = true;
    config.qos.objects = Qos::ExactlyOnce;
    let mut sink = MqttSink::connect(config).unwrap();
    let mut reader = Subscriber::to(&broker, "home/cameras/+/+");
    sink.notice(&event("door", ObjectEventKind::New, 0)).unwrap();
    let frame = shot_of("door", 3, [320, 240]);
    sink.write(&frame).unwrap();
    let message = reader.next();
    assert_eq!((message.topic.as_str(), message.qos), ("home/cameras/door/objects", 2));
    let mask: maskd_types::Rle = serde_json::from_value(message.json()["objects"][0]["mask"].clone()).unwrap();
    assert_eq!(mask, frame.objects[0].mask, "as long as {} bytes", message.payload.len());
    assert!(message.payload.len() > 30_000);
}

/// Holds a sink until it is killed; see the test below.
#[test]
#[ignore = "the_last_will_is_seen_after_a_kill runs it in a process of its own"]
fn holder() {
    let port = std::env::var("MASKD_TEST_BROKER_PORT").unwrap().parse().unwrap();
    let _sink = MqttSink::connect(config(port)).unwrap();
    thread::sleep(PATIENCE);
}

#[test]
fn the_last_will_is_seen_after_a_kill() {
    let Some(broker) = Broker::start() else { return };
    let mut reader = Subscriber::to(&broker, "maskd/status");
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "holder", "--ignored"])
        .env("MASKD_TEST_BROKER_PORT", broker.port.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(reader.next().payload, "online");
    // SIGKILL: the process has no moment left to say anything.
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(reader.next().payload, "offline");
    assert_eq!(broker.retained("maskd/status"), "offline");
}

#[test]
fn a_sink_that_is_dropped_leaves_its_will() {
    let Some(broker) = Broker::start() else { return };
    let mut reader = Subscriber::to(&broker, "maskd/status");
    let sink = MqttSink::connect(config(broker.port)).unwrap();
    assert_eq!(reader.next().payload, "online");
    drop(sink);
    assert_eq!(reader.next().payload, "offline");
}

#[test]
fn after_a_broker_returns_it_is_told_the_present() {
    let Some(mut broker) = Broker::start() else { return };
    let outlet = outlet(config(broker.port));
    outlet.notice(status("door", SourceState::Live));
    outlet.offer(shot("door", 0));
    wait_for("the first frame is out", || outlet.stats().frames_written == 1);
    broker.stop();
    wait_for("the loss is noticed without a frame", || matches!(outlet.stats().state, OutletState::Failed(_)));
    (1..500).for_each(|number| outlet.offer(shot("door", number)));
    outlet.notice(event("door", ObjectEventKind::Lost, 400));
    outlet.notice(status("door", SourceState::Stalled));
    assert_eq!(outlet.stats().dropped_sink_down, 499);
    broker.start_again();
    let mut reader = Subscriber::to(&broker, "#");
    wait_for("it is connected again", || outlet.stats().state == OutletState::Running);
    outlet.offer(shot("door", 500));
    let messages: Vec<_> = (0..4).map(|_| reader.next()).collect();
    let topics: Vec<_> = messages.iter().map(|message| message.topic.as_str()).collect();
    assert_eq!(topics, ["maskd/status", "maskd/door/status", "maskd/door/events", "maskd/door/objects"]);
    assert_eq!((messages[0].payload.as_str(), &messages[1].json()["state"]), ("online", &"stalled".into()));
    assert_eq!(messages[3].json()["frame"], 500, "nothing of the past");
    assert_eq!(outlet.stop(Instant::now() + PATIENCE), Stopped::Drained);
    assert_eq!(reader.next().payload, "offline");
}

#[test]
fn a_broker_that_stops_answering_is_given_up() {
    let Some(broker) = Broker::start() else { return };
    let outlet = outlet(config(broker.port));
    wait_for("it runs", || outlet.stats().state == OutletState::Running);
    broker.freeze();
    let (start, mut number) = (Instant::now(), 0);
    wait_for("its silence is noticed, though the system still takes what is sent", || {
        outlet.offer(shot("door", number));
        number += 1;
        matches!(outlet.stats().state, OutletState::Failed(_))
    });
    println!("noticed after {:?}", start.elapsed());
    broker.thaw();
    wait_for("it runs again", || outlet.stats().state == OutletState::Running);
}

#[test]
fn a_broker_that_accepts_and_hangs_costs_nothing_but_frames() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let outlet = outlet(config(listener.local_addr().unwrap().port()));
    // The system accepts the connection; nobody ever reads from it.
    wait_for("the silence is noticed", || outlet.stats().errors > 0);
    let OutletState::Failed(reason) = outlet.stats().state else { panic!("{:?}", outlet.stats()) };
    assert!(reason.contains("has not answered for 2 seconds") || reason.contains("timeout"), "{reason}");
    let slowest = flood(&outlet);
    println!("the slowest of 2000 offers took {slowest:?}");
    let start = Instant::now();
    outlet.stop(Instant::now() + Duration::from_millis(200));
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// Offers many large frames and returns how long the slowest offer took; memory must not grow.
fn flood(outlet: &Outlet) -> Duration {
    let before = resident();
    let mut slowest = Duration::ZERO;
    for number in 0..2000 {
        let frame = shot_of("door", number, [160, 120]);
        let start = Instant::now();
        outlet.offer(frame);
        slowest = slowest.max(start.elapsed());
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more after 2000 frames of 70 kB");
    slowest
}

#[test]
fn a_broker_that_never_acknowledges_neither_blocks_nor_fills_memory() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(listener.local_addr().unwrap().port());
    config.qos.objects = Qos::AtLeastOnce;
    config.form.masks = true;
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The connection is accepted as MQTT 3.1.1 has it, everything after it read and never answered.
            thread::spawn(move || {
                let mut bytes = [0; 4096];
                if stream.read(&mut bytes).is_ok() && stream.write_all(&[0x20, 2, 0, 0]).is_ok() {
                    while stream.read(&mut bytes).is_ok_and(|read| read > 0) {}
                }
            });
        }
    });
    let outlet = outlet(config);
    wait_for("it runs", || outlet.stats().state == OutletState::Running);
    let slowest = flood(&outlet);
    println!("the slowest of 2000 offers took {slowest:?}");
    wait_for("its silence is noticed", || outlet.stats().errors > 0);
    let stats = outlet.stats();
    assert!(stats.frames_written < 100 && stats.dropped_queue_full + stats.dropped_sink_down > 1800, "{stats:?}");
}

#[test]
fn a_broker_that_is_not_there_is_told_so() {
    let error = MqttSink::connect(config(free_port())).err().unwrap();
    assert!(matches!(error, OutputError::Broker { .. }) && error.to_string().contains("refused"), "{error}");
}

#[test]
fn who_gives_the_wrong_password_is_refused() {
    let Some(broker) = Broker::with_password("robin", "right") else { return };
    let mut config = config(broker.port);
    for password in [None, Some("wrong"), Some("right")] {
        config.credentials = password.map(|password| Credentials { user: "robin".into(), password: password.into() });
        let result = MqttSink::connect(config.clone());
        match password {
            Some("right") => assert!(result.is_ok(), "{:?}", result.err()),
            _ => {
                let error = result.err().unwrap().to_string();
                assert!(error.contains("refused") && !error.contains("wrong"), "{error}");
            }
        }
    }
}

#[test]
fn a_connection_can_be_encrypted_and_the_broker_checked() {
    let Some(broker) = Broker::with_tls() else { return };
    let mut config = config(broker.port);
    config.broker = format!("mqtts://localhost:{}", broker.port).parse().unwrap();
    config.broker.ca = Some(broker.file("ca.pem"));
    let mut sink = MqttSink::connect(config.clone()).unwrap();
    sink.finish().unwrap();
    for stranger in ["other.pem", "absent.pem"] {
        config.broker.ca = Some(broker.file(stranger));
        assert!(MqttSink::connect(config.clone()).is_err(), "{stranger}");
    }
    config.broker.ca = None;
    let error = MqttSink::connect(config).err().unwrap();
    assert!(error.to_string().contains("certificate"), "not signed by anyone the system trusts: {error}");
}
