use std::path::PathBuf;
use std::time::Duration;

use maskd_config::*;
use maskd_types::{ObjectId, Point};

use crate::support::{SMALL, good};

#[test]
fn what_is_left_out_has_its_default() {
    let Loaded { config, secrets, warnings } = good(SMALL, &[]);
    assert_eq!((secrets, warnings), (Secrets::default(), vec![]));
    let model = ModelConfig {
        checkpoint: CheckpointSpec::Named("nano".into()),
        device: DeviceSpec::Auto,
        precision: Precision::Auto,
        image_size: None,
        threads: 0,
    };
    assert_eq!(config.model, model);
    let tracking = TrackingConfig {
        keep_tracks: Duration::from_secs(10),
        lost_after_frames: 30,
        fill_holes_area: 0,
        no_overlap: false,
        max_objects: 64,
        prompt_ring_frames: 30,
    };
    assert_eq!(config.tracking, tracking);
    assert_eq!(config.http, http());
    assert_eq!(config.state, StateConfig { directory: None });
    assert_eq!(config.log, LogConfig { level: LogLevel::Info, format: LogFormat::Text });
    assert_eq!(config.shutdown, ShutdownConfig { drain: Duration::from_secs(5) });
}

fn http() -> HttpConfig {
    HttpConfig {
        enabled: true,
        listen: "127.0.0.1:8710".parse().unwrap(),
        token_env: None,
        token_file: None,
        tls_certificate: None,
        tls_key: None,
        allow_plain_http: false,
        origins: vec![],
        source_schemes: vec![SourceScheme::Rtsp, SourceScheme::Rtsps, SourceScheme::Scene],
        source_roots: vec![],
        max_streams: 16,
        max_viewers: 16,
        prompts_per_second: 20.0,
        max_body_bytes: 16 << 20,
        max_connections: 256,
        header_timeout: Duration::from_secs(10),
    }
}

#[test]
fn a_stream_is_complete() {
    let stream = StreamConfig {
        name: "yard".into(),
        source: Source::Path("/etc/maskd/yard.mp4".into()),
        user_env: None,
        password_env: None,
        transport: Transport::Tcp,
        tls_certificate: None,
        latency: Duration::from_millis(200),
        repeat: false,
        realtime: false,
        max_pixels: 8192 * 4320,
        stall: None,
        prompts: vec![PromptConfig {
            object: ObjectId::FIRST,
            name: None,
            frame: 0,
            points: vec![],
            bbox: Some([1.0, 2.0, 3.0, 4.0]),
            mask: None,
        }],
    };
    assert_eq!(good(SMALL, &[]).config.streams, [stream]);
}

#[test]
fn every_kind_of_sink_is_complete() {
    let text = format!(
        "{SMALL}
        [[sink]]\nkind = 'rtsp'\nname = 'tv'
        [[sink]]\nkind = 'file'\nname = 'disk'\ndirectory = 'rec'
        [[sink]]\nkind = 'mqtt'\nname = 'broker'\nbroker = 'mqtt://b'
        [[sink]]\nkind = 'zenoh'\nname = 'robot'
        [[sink]]\nkind = 'rerun'\nname = 'view'\nto = 'x.rrd'\n"
    );
    let config = good(&text, &[]).config;
    let target = |name: &str| config.sink(name).unwrap().target.clone();
    assert_eq!(target("lines"), SinkTarget::Ndjson(NdjsonSink { to: NdjsonTarget::Stdout }));
    let SinkTarget::Rtsp(rtsp) = target("tv") else { panic!() };
    assert_eq!(rtsp.listen, "127.0.0.1:8554".parse().unwrap());
    assert_eq!((rtsp.key_frame_interval, rtsp.masks), (Duration::from_secs(2), false));
    assert_eq!((rtsp.quality, rtsp.max_bitrate_kbps, rtsp.max_players), (23, 8000, 16));
    let file = FileSink {
        directory: "/etc/maskd/rec".into(),
        container: Container::Mkv,
        segment: Duration::from_secs(60),
        quota_bytes: 20_000_000_000,
        reserve_bytes: 1_000_000_000,
        masks: false,
        ndjson: false,
    };
    assert_eq!(target("disk"), SinkTarget::File(file));
    let mqtt = MqttSink {
        broker: BrokerAddress { tls: false, at: HostPort { host: "b".into(), port: 1883 } },
        client_id: None,
        user_env: None,
        password_env: None,
        topic: "maskd".into(),
        qos: 0,
        masks: true,
        keep_alive: Duration::from_secs(10),
    };
    assert_eq!(target("broker"), SinkTarget::Mqtt(mqtt));
    let zenoh = ZenohSink { connect: vec![], listen: vec![], key: "maskd".into(), format: ZenohFormat::Both };
    assert_eq!(target("robot"), SinkTarget::Zenoh(zenoh));
    let (to, quota_bytes) = (RerunTarget::File("/etc/maskd/x.rrd".into()), 20_000_000_000);
    assert_eq!(target("view"), SinkTarget::Rerun(RerunSink { to, quota_bytes }));
    let queues: Vec<_> = config.sinks.iter().map(|sink| (sink.queue, sink.policy)).collect();
    let dropping = |queue| (queue, QueuePolicy::DropOldest);
    let latest = |queue| (queue, QueuePolicy::Latest);
    assert_eq!(queues, [dropping(256), latest(1), dropping(64), dropping(64), latest(64), dropping(64)]);
}

#[test]
fn values_arrive() {
    let text = r#"
        model = { checkpoint = "w/x.pt", device = "cuda:1", image_size = 512 }
        state.directory = "/var/lib/maskd"
        [[stream]]
        name = "a"
        source = "rtsps://cam/live"
        tls_certificate = "cam.pem"
        stall_s = 0.5
        [[stream.prompt]]
        object = 2
        name = "cup"
        frame = 7
        points = [[1.5, 2, 1], [3, 4, 0]]
        [[stream.prompt]]
        object = 3
        mask = "m.png"
        [[stream]]
        name = "b"
        source = "scene://?seed=3"
        [[sink]]
        kind = "rtsp"
        name = "tv"
        streams = ["b"]
        max_bitrate_kbps = 900
        [[sink]]
        kind = "file"
        name = "disk"
        directory = "/srv/rec"
        quota_bytes = "1.5 GiB"
        streams = ["b"]
        policy = "block"
    "#;
    let config = good(text, &[]).config;
    assert_eq!(config.model.checkpoint, CheckpointSpec::File("/etc/maskd/w/x.pt".into()));
    assert_eq!((config.model.device, config.model.image_size), (DeviceSpec::Cuda(1), Some(512)));
    assert_eq!(config.state.directory, Some(PathBuf::from("/var/lib/maskd")));
    let [first, second] = config.stream("a").unwrap().prompts.as_slice() else { panic!() };
    assert_eq!((first.object.get(), first.name.as_deref(), first.frame), (2, Some("cup"), 7));
    assert_eq!(first.points[1], Point { x: 3.0, y: 4.0, positive: false });
    assert!(first.points[0].positive);
    assert_eq!(second.mask, Some("/etc/maskd/m.png".into()));
    assert_eq!(config.stream("a").unwrap().stall, Some(Duration::from_millis(500)));
    assert_eq!(config.stream("a").unwrap().tls_certificate, Some("/etc/maskd/cam.pem".into()));
    let tv = config.sink("tv").unwrap();
    assert!(tv.takes("b") && !tv.takes("a"));
    let SinkTarget::Rtsp(rtsp) = &tv.target else { panic!() };
    assert_eq!(rtsp.max_bitrate_kbps, 900);
    let disk = config.sink("disk").unwrap();
    assert_eq!(disk.policy, QueuePolicy::Block);
    assert!(matches!(&disk.target, SinkTarget::File(file) if file.quota_bytes == 3 << 29));
}
