//! Without a mouse, and without a screen.

use serde_json::json;

use super::browser::Browser;
use super::{DESK, Opened, SIZE, best, mask, opened};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const HOME: &str = "\u{e011}";
const LEFT: &str = "\u{e012}";
const UP: &str = "\u{e013}";
const RIGHT: &str = "\u{e014}";
const DOWN: &str = "\u{e015}";
const DELETE: &str = "\u{e017}";
const ESCAPE: &str = "\u{e00c}";

/// Part of the picture's width by which an arrow key moves the cross.
const STEP: f64 = 0.02;

/// Goes from control to control until the picture has the focus; what was passed.
async fn tab_to_picture(page: &Browser) -> Vec<String> {
    let mut passed = Vec::new();
    loop {
        page.press(TAB).await;
        let id = page.js("document.activeElement.dataset.testid ?? document.activeElement.tagName").await;
        let id = id.as_str().unwrap().to_owned();
        if id == "picture" {
            return passed;
        }
        passed.push(id);
        assert!(passed.len() < 40, "the picture is never reached: {passed:?}");
    }
}

async fn announced(page: &Browser, words: &str) {
    page.wait(&format!("window.__said.some((text) => text.includes({}))", json!(words))).await;
}

#[test]
fn an_object_is_outlined_named_removed_and_brought_back_with_keys_alone() {
    opened(DESK, false, async |Opened { truths, daemon, api, page, .. }| {
        let listen = "window.__said = []; new MutationObserver(() => window.__said.push(document.getElementById('live').textContent)) \
                      .observe(document.getElementById('live'), { childList: true, characterData: true, subtree: true });";
        page.client.execute(listen, Vec::new()).await.unwrap();
        let passed = tab_to_picture(page).await;
        assert!(passed.contains(&"add-stream".to_owned()), "{passed:?}");
        let number = page.next_frame("a").await;
        let (object, [x, y]) = best(truths, number);
        page.press(HOME).await;
        let steps = |from: f64, to: f64| ((to - from) / (SIZE[0] * STEP)).round() as i32;
        let (across, down) = (steps(SIZE[0] / 2.0, x), steps(SIZE[1] / 2.0, y));
        page.press(&if across > 0 { RIGHT } else { LEFT }.repeat(across.unsigned_abs() as usize)).await;
        page.press(&if down > 0 { DOWN } else { UP }.repeat(down.unsigned_abs() as usize)).await;
        announced(page, "percent across").await;
        page.press(ENTER).await;
        let reply = page.reply("/objects", 0).await;
        assert_eq!(reply["status"], 201, "{reply}");
        let applied = reply["body"]["applied_frame"].as_u64().unwrap();
        println!("by keys: IoU {:.2}", mask(&reply["body"]).iou(truths.mask(applied, object)));
        announced(page, "outlined").await;
        page.find("object-1").await;

        page.press("1").await;
        announced(page, "selected").await;
        page.press("r").await;
        page.find("rename-input").await;
        page.press(&format!("my cup{ENTER}")).await;
        daemon.wait("the name", |_| {
            (api.get("/api/v1/streams/a/objects").1["objects"][0]["name"] == "my cup").then_some(())
        });
        page.press(DELETE).await;
        page.wait("!document.querySelector('[data-testid=object-1]')").await;
        announced(page, "removed").await;
        page.press("\u{e009}z\u{e000}").await; // Ctrl+Z
        page.wait("document.querySelector('[data-testid^=object-]')?.innerText.includes('my cup')").await;
        page.press("?").await;
        page.find("keys-dialog").await;
        page.press(ESCAPE).await;
        page.wait("!document.querySelector('[data-testid=keys-dialog]')").await;
    });
}

#[test]
fn everything_that_can_be_used_has_a_name() {
    opened(DESK, false, async |Opened { truths, page, .. }| {
        let number = page.next_frame("a").await;
        page.click(page.place("a", SIZE, best(truths, number).1).await).await;
        page.find("object-1").await;
        let controls = page.controls().await;
        assert!(controls.len() > 15, "{controls:?}");
        let unnamed: Vec<_> = controls.iter().filter(|(_, name)| name.trim().is_empty()).collect();
        assert!(unnamed.is_empty(), "{unnamed:?} of {controls:?}");
        assert!(controls.iter().any(|(role, name)| role == "application" && name.contains('a')), "{controls:?}");
        page.find("add-stream").await.click().await.unwrap();
        page.find("add-advanced").await.click().await.unwrap();
        let fields = page.controls().await;
        for name in ["Name", "Source", "User", "Password", "Add stream", "Close"] {
            assert!(fields.iter().any(|(_, known)| known == name), "{name} is not in {fields:?}");
        }
        assert!(fields.iter().all(|(_, name)| !name.trim().is_empty()), "{fields:?}");
    });
}
