//! The hand is followed at the pace of the display, and what it means is understood.

use serde_json::{Value, json};

use super::browser::Browser;
use super::{DESK, Opened, SIZE, best, opened};

/// Counts how often the layer of the hand is drawn anew, and moves a pointer over the picture for two seconds.
const WAVE: &str = "
    const [picture] = document.getElementsByClassName('picture');
    const context = picture.querySelectorAll('canvas')[2].getContext('2d');
    const clear = context.clearRect.bind(context);
    window.__wave = { draws: 0, frames: new Set(), done: false };
    context.clearRect = (...area) => { window.__wave.draws += 1; window.__wave.frames.add(picture.dataset.frame); clear(...area); };
    const { left, top, width, height } = picture.getBoundingClientRect();
    const begin = performance.now();
    const timer = setInterval(() => {
        const part = (performance.now() - begin) / 2000;
        const [clientX, clientY] = [left + width * Math.min(part, 0.99), top + height / 2];
        picture.dispatchEvent(new PointerEvent('pointermove', { pointerType: 'mouse', isPrimary: true, bubbles: true, clientX, clientY }));
        if (part < 1) return;
        clearInterval(timer);
        window.__wave.done = true;
    }, 8);";

#[test]
fn the_pointer_is_followed_between_frames() {
    opened(DESK, false, async |Opened { page, .. }| {
        page.client.execute(WAVE, Vec::new()).await.unwrap();
        let wave =
            page.wait("window.__wave.done && { draws: window.__wave.draws, frames: window.__wave.frames.size }").await;
        let (draws, frames) = (wave["draws"].as_u64().unwrap(), wave["frames"].as_u64().unwrap());
        println!("{} drawings a second, {} pictures", draws / 2, frames);
        // 60 a second where the machine has nothing else to do.
        assert!(draws >= 40 && draws > 4 * frames, "{draws} drawings while {frames} pictures came");
    });
}

#[test]
fn with_shift_a_click_takes_away() {
    opened(DESK, false, async |Opened { truths, page, .. }| {
        // Where there is no outline there is nothing to take away from; the page says so.
        shift_click(page, page.place("a", SIZE, [5.0, 5.0]).await).await;
        page.wait("document.querySelector('[data-testid=toast]')?.innerText.includes('Nothing to take away')").await;
        let number = page.next_frame("a").await;
        page.click(page.place("a", SIZE, best(truths, number).1).await).await;
        assert_eq!(page.reply("/objects", 0).await["status"], 201);
        page.of_object(1, "select").await.click().await.unwrap();
        shift_click(page, page.place("a", SIZE, [5.0, 5.0]).await).await;
        assert_eq!(page.reply("/objects/1/prompts", 0).await["status"], 200);
        let sent = page.js("window.__sent.at(-1)").await;
        let sent: Value = serde_json::from_str(sent.as_str().unwrap()).unwrap();
        assert_eq!((&sent["points"][0][2], sent["frame"].is_u64()), (&json!(0), true), "{sent}");
    });
}

async fn shift_click(page: &Browser, [x, y]: [f64; 2]) {
    let press = |kind: &str, buttons: u8| json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1, "modifiers": 8 });
    page.devtools("Input.dispatchMouseEvent", press("mousePressed", 1)).await;
    page.devtools("Input.dispatchMouseEvent", press("mouseReleased", 0)).await;
}
