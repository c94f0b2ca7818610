//! Carries the plan out, and writes down what was done when.

use std::fs::File;
use std::io::Write;
use std::iter::Peekable;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::camera::Camera;
use super::daemon::Daemon;
use super::plan::{Action, CAMERAS, Fault, Plan, STREAMS, is_quiet};
use super::readers::Player;
use super::settings::Settings;
use super::starvation::Stream;

/// Everything that troubles the daemon.
pub struct Chaos {
    /// The daemon's configuration as it is to be.
    pub settings: Settings,
    /// Who plays the RTSP sink.
    pub player: Player,
    plan: Peekable<Plan>,
    cameras: [Camera; CAMERAS],
    /// What is wrong with each camera, and until when.
    broken: [Option<(Fault, Duration)>; CAMERAS],
    guest_leaves: Duration,
    log: File,
    started: Instant,
    done: u32,
}

impl Chaos {
    /// Nothing is wrong yet. Times count from `started`.
    pub fn new(
        settings: Settings,
        player: Player,
        seed: u64,
        cameras: [Camera; CAMERAS],
        log: File,
        started: Instant,
    ) -> Self {
        let plan = Plan::new(seed).peekable();
        Self {
            settings,
            player,
            plan,
            cameras,
            broken: [None; CAMERAS],
            guest_leaves: Duration::ZERO,
            log,
            started,
            done: 0,
        }
    }

    /// How many actions have been carried out.
    pub fn done(&self) -> u32 {
        self.done
    }

    /// Does what is due.
    pub fn tick(&mut self, daemon: &Daemon, streams: &mut [Stream; STREAMS]) -> anyhow::Result<()> {
        self.mend(streams)?;
        self.see_off_guest(daemon)?;
        while let Some((_, action)) = self.plan.next_if(|(at, _)| *at <= self.started.elapsed()) {
            self.carry_out(action, daemon, streams).with_context(|| action.to_string())?;
        }
        self.player.keep();
        if is_quiet(self.started.elapsed()) { self.restore(daemon, streams) } else { Ok(()) }
    }

    /// Whether everything is as it was at first, and stays so for a while.
    pub fn is_calm(&self) -> bool {
        let whole = self.broken.iter().all(Option::is_none);
        is_quiet(self.started.elapsed()) && whole && !self.settings.guest && !self.settings.second.contains(&true)
    }

    /// Undoes what does not end by itself, so that what the daemon holds can be compared: a codec more is no leak.
    fn restore(&mut self, daemon: &Daemon, streams: &mut [Stream; STREAMS]) -> anyhow::Result<()> {
        let now = self.started.elapsed();
        for (index, camera) in self.cameras.iter_mut().enumerate() {
            if self.broken[index].is_none() && camera.restore().context("size and codec as at first")? {
                streams[index].troubled_until(now);
                write_down(&mut self.log, now, format_args!("camera {}: size and codec as at first", index + 1))?;
            }
        }
        if self.settings.second.contains(&true) {
            self.settings.second = [false; STREAMS];
            write_down(&mut self.log, now, format_args!("reload: prompts as at first"))?;
            daemon.reload(&self.settings)?;
        }
        Ok(())
    }

    fn mend(&mut self, streams: &mut [Stream; STREAMS]) -> anyhow::Result<()> {
        for (index, camera) in self.cameras.iter_mut().enumerate() {
            let over = |broken: &mut (Fault, Duration)| broken.1 <= self.started.elapsed();
            if let Some((fault, _)) = self.broken[index].take_if(over) {
                camera.end(fault).with_context(|| format!("the end of `{fault}` of camera {}", index + 1))?;
                let now = self.started.elapsed();
                streams[index].troubled_until(now);
                write_down(&mut self.log, now, format_args!("camera {}: {fault} is over", index + 1))?;
            }
        }
        Ok(())
    }

    fn see_off_guest(&mut self, daemon: &Daemon) -> anyhow::Result<()> {
        let now = self.started.elapsed();
        if !self.settings.guest || now < self.guest_leaves {
            return Ok(());
        }
        self.settings.guest = false;
        write_down(&mut self.log, now, format_args!("reload: the guest leaves"))?;
        daemon.reload(&self.settings)
    }

    fn carry_out(&mut self, action: Action, daemon: &Daemon, streams: &mut [Stream; STREAMS]) -> anyhow::Result<()> {
        let now = self.started.elapsed();
        match action {
            Action::Camera(index, ..) if self.broken[index].is_some() || !streams[index].has_recovered() => {
                return write_down(&mut self.log, now, format_args!("{action}: left out, its stream is not back yet"));
            }
            Action::Camera(index, fault, lasts) => {
                write_down(&mut self.log, now, format_args!("{action}"))?;
                self.cameras[index].begin(fault)?;
                let end = self.started.elapsed() + lasts;
                self.broken[index] = fault.lasts().then_some((fault, end));
                streams[index].troubled_until(end);
            }
            Action::Guest(stays) => {
                self.settings.guest = true;
                self.guest_leaves = now + stays;
            }
            Action::Prompt(index) => {
                self.settings.second[index] = !self.settings.second[index];
                streams[index].troubled_until(now);
            }
            Action::Player => self.player.leave(),
        }
        self.done += 1;
        if matches!(action, Action::Guest(_) | Action::Prompt(_)) {
            daemon.reload(&self.settings)?;
        }
        if !matches!(action, Action::Camera(..)) {
            write_down(&mut self.log, now, format_args!("{action}"))?;
        }
        Ok(())
    }
}

fn write_down(log: &mut File, now: Duration, what: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    writeln!(log, "{:9.3} s  {what}", now.as_secs_f64()).context("the log of the chaos cannot be written")
}
