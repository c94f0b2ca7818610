//! Several streams, the whole screen, and what is kept for later.

use serde_json::json;

use super::{DESK, Opened, SIZE, best, opened};

#[test]
fn streams_stand_side_by_side_and_one_fills_the_screen() {
    opened(DESK, false, async |Opened { api, page, .. }| {
        // Added elsewhere, it is here at once.
        let new = json!({ "name": "b", "source": "scene://?seed=5&objects=2&size=320x192&frames=1000000&fps=2" });
        assert_eq!(api.call("POST", "/api/v1/streams", new).0, 201);
        page.next_frame("b").await;
        page.next_frame("a").await;
        let apart = "(() => { const [a, b] = ['a', 'b'].map((name) => document.querySelector(`[data-testid=tile-${name}]`).getBoundingClientRect()); \
                     return a.right <= b.left && Math.abs(a.width - b.width) < 2; })()";
        assert_eq!(page.js(apart).await, json!(true));
        page.photograph("grid").await;
        page.client
            .find(fantoccini::Locator::Css("[data-testid=tile-b] [data-testid=focus]"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        page.wait("document.querySelector('[data-testid=tile-b]').classList.contains('focused')").await;
        page.wait("document.querySelector('[data-testid=tile-a]').classList.contains('small')").await;
        let whole = fantoccini::Locator::Css("[data-testid=tile-b] [data-testid=fullscreen]");
        page.client.find(whole).await.unwrap().click().await.unwrap();
        page.wait("document.fullscreenElement !== null && document.body.classList.contains('immersed')").await;
        page.next_frame("b").await;
        page.photograph("immersed").await;
        page.js("document.exitFullscreen()").await;
        page.wait("!document.body.classList.contains('immersed')").await;
        assert_eq!(api.call("DELETE", "/api/v1/streams/b", serde_json::Value::Null).0, 204);
        page.wait("!document.querySelector('[data-testid=tile-b]')").await;
    });
}

#[test]
fn tracks_that_were_saved_are_loaded_from_their_file() {
    opened(DESK, false, async |Opened { folder, truths, api, page, .. }| {
        let number = page.next_frame("a").await;
        page.click(page.place("a", SIZE, best(truths, number).1).await).await;
        assert_eq!(page.reply("/objects", 0).await["status"], 201);
        let address = page.js("document.querySelector('[data-testid=save-tracks]').href").await;
        let path = address.as_str().unwrap().strip_prefix(&api.address).unwrap().to_owned();
        let file = folder.file("a.tracks", api.send("GET", &path, "", &[]).body());
        page.of_object(1, "remove").await.click().await.unwrap();
        page.wait("!document.querySelector('[data-testid=object-1]')").await;
        // A headless browser has no dialog to choose a file in.
        page.js("void (HTMLInputElement.prototype.click = () => {})").await;
        page.find("menu").await.click().await.unwrap();
        page.find("load-tracks").await.click().await.unwrap();
        page.find("pick-file").await.send_keys(&file).await.unwrap();
        page.find("object-1").await;
        assert_eq!(api.get("/api/v1/streams/a/objects").1["objects"][0]["id"], 1);
    });
}
