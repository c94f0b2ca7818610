use std::sync::{Arc, OnceLock};

use gstreamer::Element;
use gstreamer::glib;
use gstreamer::glib::subclass::prelude::*;
use gstreamer_rtsp_server::gst_rtsp::{RTSPLowerTrans, RTSPUrl};
use gstreamer_rtsp_server::prelude::*;
use gstreamer_rtsp_server::subclass::prelude::*;
use gstreamer_rtsp_server::{RTSPMedia, RTSPMediaFactory};

use super::mount::Mount;

/// What makes the media of a mount: one for all its players.
pub(super) fn of(mount: Arc<Mount>) -> RTSPMediaFactory {
    let factory: Factory = glib::Object::new();
    // New and so without a mount: this is its first.
    let _ = factory.imp().mount.set(mount);
    factory.set_shared(true);
    // Nobody set up multicast addresses for it.
    factory.set_protocols(RTSPLowerTrans::UDP | RTSPLowerTrans::TCP);
    factory.upcast()
}

glib::wrapper! {
    /// A media factory that asks a mount for its encoder.
    pub struct Factory(ObjectSubclass<MountFactory>) @extends RTSPMediaFactory;
}

#[derive(Default)]
pub struct MountFactory {
    mount: OnceLock<Arc<Mount>>,
}

#[glib::object_subclass]
impl ObjectSubclass for MountFactory {
    const NAME: &'static str = "MaskdMountFactory";
    type Type = Factory;
    type ParentType = RTSPMediaFactory;
}

impl ObjectImpl for MountFactory {}

impl RTSPMediaFactoryImpl for MountFactory {
    fn create_element(&self, _url: &RTSPUrl) -> Option<Element> {
        self.mount.get()?.open()
    }

    fn media_configure(&self, media: &RTSPMedia) {
        if let Some(mount) = self.mount.get() {
            // A mount that is served no longer still counts its encoder until the last player has gone.
            let (mount, feed) = (Arc::clone(mount), mount.running());
            media.connect_unprepared(move |_| mount.close(&feed));
        }
        self.parent_media_configure(media);
    }
}
