//! All sinks, and which streams each of them takes.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use maskd_config::SinkConfig;
use maskd_output::outlet::{Outlet, OutletStats, Stopped};
use maskd_types::{Notice, StreamStatus, TrackedFrame};

/// A sink that runs.
struct Route {
    config: SinkConfig,
    outlet: Outlet,
}

/// The sinks by their names. Results are offered to them and nobody waits.
#[derive(Default)]
pub(crate) struct Outlets {
    routes: RwLock<Routes>,
}

#[derive(Default)]
struct Routes {
    sinks: BTreeMap<String, Route>,
    /// The last state of every stream, for sinks that come later.
    states: BTreeMap<Arc<str>, StreamStatus>,
}

impl Outlets {
    /// Adds a sink, which is told at once how the streams are.
    pub(crate) fn add(&self, config: SinkConfig, outlet: Outlet) {
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        let states = routes.states.values().filter(|status| config.takes(&status.stream));
        states.for_each(|status| outlet.notice(Notice::Status(status.clone())));
        routes.sinks.insert(config.name.clone(), Route { config, outlet });
    }

    /// Takes a sink out; it is for the caller to stop it.
    pub(crate) fn remove(&self, name: &str) -> Option<Outlet> {
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes.sinks.remove(name).map(|route| route.outlet)
    }

    pub(crate) fn frame(&self, frame: Arc<TrackedFrame>) {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let takers = routes.sinks.values().filter(|route| route.config.takes(&frame.stream));
        takers.for_each(|route| route.outlet.offer(Arc::clone(&frame)));
    }

    pub(crate) fn notices(&self, notices: impl IntoIterator<Item = Notice>) {
        for notice in notices {
            self.notice(notice);
        }
    }

    fn notice(&self, notice: Notice) {
        if let Notice::Status(status) = &notice {
            let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
            match status.removed {
                true => routes.states.remove(&status.stream),
                false => routes.states.insert(Arc::clone(&status.stream), status.clone()),
            };
        }
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let takers = routes.sinks.values().filter(|route| route.config.takes(notice.stream()));
        takers.for_each(|route| route.outlet.notice(notice.clone()));
    }

    /// Name, kind and figures of every sink.
    pub(crate) fn stats(&self) -> Vec<(String, &'static str, OutletStats)> {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let figures = |route: &Route| (route.config.name.clone(), route.config.target.kind(), route.outlet.stats());
        routes.sinks.values().map(figures).collect()
    }

    /// Lets every sink write what waits for it, until the deadline; names those that were still busy then.
    pub(crate) fn stop(&self, deadline: Instant) -> Vec<String> {
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        let sinks = std::mem::take(&mut routes.sinks);
        sinks.values().for_each(|route| route.outlet.close());
        let stuck = |(name, route): (String, Route)| match route.outlet.stop(deadline) {
            Stopped::Drained => None,
            Stopped::Stuck { .. } => Some(name),
        };
        sinks.into_iter().filter_map(stuck).collect()
    }
}
