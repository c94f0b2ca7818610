use std::future::Future;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, MouseActions, PointerAction, TouchActions};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// No wait is longer: the machine may be busy with others.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keeps what the page asked and what it was answered, for the test to see. The requests are real.
const LISTEN: &str = "
    window.__replies = [];
    window.__sent = [];
    const real = window.fetch;
    window.fetch = async (...asked) => {
        if (typeof asked[1]?.body === 'string') window.__sent.push(asked[1].body);
        const answer = await real(...asked);
        const copy = answer.clone();
        const method = asked[1]?.method ?? 'GET';
        copy.json().then((body) => window.__replies.push({ method, url: String(asked[0]?.url ?? asked[0]), status: answer.status, body }), () => {});
        return answer;
    };";

/// A browser and what drives it, until it is dropped.
pub struct Browser {
    pub client: Client,
    driver: Child,
    profile: TempDir,
}

/// Runs a test of the page.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

impl Browser {
    /// Opens the page at `address` in a window of that size; a `phone` has touch and no mouse.
    pub async fn open(address: &str, size: [u32; 2], phone: bool) -> Self {
        let (driver, port) = start_driver();
        let profile = tempfile::tempdir().unwrap();
        let size_argument = format!("--window-size={},{}", size[0], size[1]);
        let data = format!("--user-data-dir={}", profile.path().display());
        let mut options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-quic", "--hide-scrollbars", size_argument, data,
        ]});
        if phone {
            let metrics = json!({ "width": size[0], "height": size[1], "pixelRatio": 2.0, "touch": true });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let Value::Object(wanted) = wanted else { unreachable!() };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        client.goto(address).await.unwrap();
        client.execute(LISTEN, Vec::new()).await.unwrap();
        Self { client, driver, profile }
    }

    pub async fn close(mut self) {
        self.client.clone().close().await.unwrap();
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: &str) {
        self.client.active_element().await.unwrap().send_keys(key).await.unwrap();
    }

    /// The value of an expression in the page.
    pub async fn js(&self, expression: &str) -> Value {
        self.client.execute(&format!("return {expression};"), Vec::new()).await.unwrap()
    }

    /// Waits until an expression is neither false nor null. One that looks into what is not there yet is null.
    pub async fn wait(&self, expression: &str) -> Value {
        let tried = format!("(() => {{ try {{ return {expression}; }} catch {{ return null; }} }})()");
        let start = Instant::now();
        loop {
            let value = self.js(&tried).await;
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            assert!(start.elapsed() < PATIENCE, "never: {expression}\n{}", self.js("document.body.innerText").await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    pub async fn find(&self, test_id: &str) -> Element {
        let selector = format!("[data-testid=\"{test_id}\"]");
        self.client.wait().at_most(PATIENCE).for_element(Locator::Css(&selector)).await.unwrap()
    }

    /// A control in the line of an object.
    pub async fn of_object(&self, object: u32, test_id: &str) -> Element {
        let selector = format!("[data-testid=\"object-{object}\"] [data-testid=\"{test_id}\"]");
        self.client.wait().at_most(PATIENCE).for_element(Locator::Css(&selector)).await.unwrap()
    }

    /// Number of the frame that is shown of a stream.
    pub async fn frame(&self, stream: &str) -> u64 {
        let number = format!("Number(document.querySelector('.picture[data-stream={stream}]')?.dataset.frame ?? NaN)");
        self.wait(&format!("(({number}) >= 0) && {{ number: {number} }}")).await["number"].as_u64().unwrap()
    }

    /// Waits for a new frame of a stream, which is then fresh on the screen.
    pub async fn next_frame(&self, stream: &str) -> u64 {
        let before = self.frame(stream).await;
        loop {
            let now = self.frame(stream).await;
            if now != before {
                return now;
            }
        }
    }

    /// Where a place of a stream's frames, `size` pixels large, is on the screen.
    pub async fn place(&self, stream: &str, size: [f64; 2], [x, y]: [f64; 2]) -> [f64; 2] {
        let rect =
            format!("document.querySelector('.picture[data-stream={stream}] .video').getBoundingClientRect().toJSON()");
        let rect = self.js(&rect).await;
        let [left, top, width, height] = ["left", "top", "width", "height"].map(|key| rect[key].as_f64().unwrap());
        let scale = (width / size[0]).min(height / size[1]);
        let (free_x, free_y) = (width - size[0] * scale, height - size[1] * scale);
        [left + free_x / 2.0 + x * scale, top + free_y / 2.0 + y * scale]
    }

    /// Presses the mouse in one place and lets it go in the other.
    pub async fn drag(&self, from: [f64; 2], to: [f64; 2]) {
        let at =
            |[x, y]: [f64; 2], millis| PointerAction::MoveTo { duration: Some(Duration::from_millis(millis)), x, y };
        let mut mouse = MouseActions::new("mouse".into()).then(at(from, 0)).then(PointerAction::Down { button: 0 });
        if from != to {
            mouse = mouse.then(at([(from[0] + to[0]) / 2.0, (from[1] + to[1]) / 2.0], 40)).then(at(to, 40));
        }
        self.client.perform_actions(mouse.then(PointerAction::Up { button: 0 })).await.unwrap();
    }

    pub async fn click(&self, at: [f64; 2]) {
        self.drag(at, at).await;
    }

    pub async fn tap(&self, [x, y]: [f64; 2]) {
        let to = PointerAction::MoveTo { duration: None, x, y };
        let finger = TouchActions::new("finger".into()).then(to).then(PointerAction::Down { button: 0 });
        self.client.perform_actions(finger.then(PointerAction::Up { button: 0 })).await.unwrap();
    }

    /// The `count`th answer to a POST whose address ends so.
    pub async fn reply(&self, address_ends: &str, count: usize) -> Value {
        let all = format!(
            "window.__replies.filter((reply) => reply.method === 'POST' && reply.url.endsWith('{address_ends}'))"
        );
        self.wait(&format!("({all}.length > {count}) && {all}[{count}]")).await
    }

    /// The whole window, kept where `MASKD_SCREENSHOTS` says.
    pub async fn photograph(&self, name: &str) {
        let bytes = self.client.screenshot().await.unwrap();
        if let Some(folder) = std::env::var_os("MASKD_SCREENSHOTS") {
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
        }
    }
}

/// Starts what drives a browser on any free port, which it tells.
fn start_driver() -> (Child, u16) {
    let mut driver =
        Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines().map(Result::unwrap);
    let port = lines.filter_map(|line| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse().ok());
    let port = port.take(1).next().unwrap();
    (driver, port)
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        // The browser would outlive what drives it.
        let _ = Command::new("pkill").args(["-9", "-f", "--"]).arg(self.profile.path()).status();
    }
}
