//! Several who watch, and a daemon that goes and comes back.

use super::browser::{Browser, run};
use super::{DESK, LIFE, Opened, SCENE, SIZE, bare, best, opened};
use crate::click::{Api, Truths};
use crate::daemon::{BASE, Daemon};
use crate::util::Folder;

#[test]
fn what_one_clicks_the_other_sees() {
    opened(DESK, false, async |Opened { truths, api, page: one, .. }| {
        let other = Browser::open(&api.address, [900, 700], false).await;
        let number = one.next_frame("a").await;
        one.click(one.place("a", SIZE, best(truths, number).1).await).await;
        assert_eq!(one.reply("/objects", 0).await["status"], 201);
        other.find("object-1").await;
        other.of_object(1, "remove").await.click().await.unwrap();
        one.wait("!document.querySelector('[data-testid=object-1]')").await;
        other.close().await;
    });
}

#[test]
fn the_page_outlives_the_daemon() {
    let truths = Truths::of(SCENE, LIFE);
    let folder = Folder::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = bare().replace("127.0.0.1:0", &format!("127.0.0.1:{port}"));
    let mut first = Daemon::start(&folder, &config, &[]);
    let api = Api::of(&mut first);
    run(async {
        let page = Browser::open(&api.address, DESK, false).await;
        page.next_frame("a").await;
        first.signal("-KILL");
        first.end();
        page.wait("!document.querySelector('[data-testid=banner]').hidden").await;
        page.photograph("lost").await;
        let mut second = Daemon::start(&folder, &config, &[]);
        page.wait("document.querySelector('[data-testid=banner]').hidden").await;
        let number = page.next_frame("a").await;
        page.click(page.place("a", SIZE, best(&truths, number).1).await).await;
        assert_eq!(page.reply("/objects", 0).await["status"], 201);
        page.close().await;
        second.terminate();
    });
}

#[test]
fn a_newcomer_is_told_what_to_do_and_a_protected_daemon_asks_for_its_token() {
    let folder = Folder::new();
    let config = BASE.to_owned() + "token_env = \"TOKEN\"\n";
    let mut daemon = Daemon::start_with(&folder, &config, &[], &[("TOKEN", "correct-horse-battery")]);
    let api = Api::of(&mut daemon);
    run(async {
        let page = Browser::open(&api.address, DESK, false).await;
        page.find("login").await;
        page.photograph("login").await;
        page.find("token").await.send_keys("wrong").await.unwrap();
        page.find("login-submit").await.click().await.unwrap();
        page.wait("document.querySelector('[data-testid=login-error]').innerText.includes('not the token')").await;
        let token = page.find("token").await;
        token.clear().await.unwrap();
        token.send_keys("correct-horse-battery").await.unwrap();
        page.find("login-submit").await.click().await.unwrap();
        page.wait("document.querySelector('[data-testid=try-scene]').checkVisibility()").await;
        page.photograph("newcomer").await;
        // What cannot be added is explained where it was asked for.
        page.find("add-first").await.click().await.unwrap();
        page.find("add-name").await.send_keys("door").await.unwrap();
        page.find("add-source").await.send_keys("http://camera/live").await.unwrap();
        page.find("add-submit").await.click().await.unwrap();
        page.wait("document.querySelector('[data-testid=add-error]').innerText.includes('http:// is not read')").await;
        page.photograph("refused").await;
        page.client
            .find(fantoccini::Locator::Css("[data-testid=add-dialog] .dialog-close"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        page.find("try-scene").await.click().await.unwrap();
        page.wait("document.querySelector('.picture')?.dataset.frame > 3").await;
        page.photograph("scene").await;
        page.close().await;
    });
    daemon.terminate();
}
