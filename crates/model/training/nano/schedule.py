"""What is trained when: each phase lasts until a share of the time, and mixes plans with given probabilities."""

import math
from dataclasses import replace

from .rollout import Plan


def _still(size, clips):
    return Plan(f"still-{size}", size, 1, clips=clips)


def _short(size, clips, frames=8):
    return Plan(f"short-{size}", size, frames, clips=clips)


def _fixed(size, clips, frames=8):
    return Plan(f"fixed-{size}", size, frames, correct=frames // 2, clips=clips)


def _long(size, clips, silent=8, frames=16):
    return Plan(f"long-{size}-{frames}", size, frames, silent=silent, clips=clips)


def schedules(clips):
    """By name: phases (until, learning rate at its start, plans with probabilities).

    `tune` goes on from a trained checkpoint; `polish` too, for the little that CPUs do in an hour: single pictures, which teach
    what is meant by a box or a click, and few clips, so that nothing else is forgotten. `native` does the same at the native size, for
    objects that cross and leave: more and longer clips. `small` goes on at 128 pixels (to see on a
    CPU that it learns); `scratch` starts from nothing, small pictures first, which learn as much per picture and cost a quarter.
    """
    few = max(1, clips // 2)
    tune = [
        (0.55, [(_short(256, clips), 0.6), (_fixed(256, clips), 0.2), (_long(256, clips), 0.2)]),
        (1.0, [(_short(256, clips), 0.25), (_long(256, clips, 12, 20), 0.3), (_short(320, clips), 0.2),
               (_long(320, clips, 12, 20), 0.25)]),
    ]
    scratch = [
        (0.25, [(_still(128, 4 * clips), 1.0)]),
        (0.5, [(_short(128, 2 * clips, 4), 1.0)]),
        (0.8, [(_short(256, clips, 6), 0.7), (_fixed(256, clips, 6), 0.3)]),
        (1.0, [(_short(256, clips), 0.4), (_fixed(256, clips), 0.2), (_long(256, few), 0.4)]),
    ]
    polish = [(1.0, [(_still(256, 4 * clips), 0.5), (_short(256, clips, 4), 0.25), (_long(256, clips, 6, 10), 0.25)])]
    native = [(1.0, [(_still(288, 3 * clips), 0.3), (_short(288, clips, 4), 0.2), (_long(288, clips, 6, 10), 0.35),
                     (_long(288, clips, 10, 14), 0.15)])]
    smoke = [(0.6, tune[0][1]), (1.0, [(_long(320, clips, 12, 20), 1.0)])]
    dry = [(0.5, [(_short(128, 2, 3), 0.5), (replace(_fixed(128, 2, 4), correct=2), 0.5)]), (1.0, [(_long(128, 2, 2, 4), 1.0)])]
    small = [(1.0, [(_short(128, clips, 6), 0.7), (_long(128, clips, 4, 10), 0.3)])]
    return {"tune": tune, "polish": polish, "native": native, "small": small, "scratch": scratch, "smoke": smoke, "dry": dry}


def rate(progress, peak, warm):
    """Learning rate at a share `progress` of the time: linear start over the share `warm`, then half a cosine."""
    if progress < warm:
        return peak * max(0.02, progress / warm)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warm) / (1 - warm)))))
