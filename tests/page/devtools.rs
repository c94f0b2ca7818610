//! What WebDriver has no word for.

use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use ureq::http::Method;
use url::{ParseError, Url};

use super::browser::Browser;

/// A command of the DevTools protocol, which chromedriver passes on.
#[derive(Debug)]
struct DevTools(&'static str, Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

impl Browser {
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        self.client.issue_cmd(DevTools(command, parameters)).await.unwrap()
    }

    /// What a screen reader is told of everything that can be used: role and name.
    pub async fn controls(&self) -> Vec<(String, String)> {
        let tree = self.devtools("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false);
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        let usable = |role: &String| {
            ["button", "link", "textbox", "checkbox", "combobox", "application", "menuitem", "dialog", "spinbutton"]
                .contains(&&**role)
        };
        nodes.map(|node| (text(&node["role"]), text(&node["name"]))).filter(|(role, _)| usable(role)).collect()
    }
}
