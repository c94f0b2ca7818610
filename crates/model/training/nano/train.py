"""Trains for a given time and writes a checkpoint before it is over.

    python -m nano.train --pack pack.zip --out DIR --minutes 7 [--start nano.safetensors] [--schedule tune]

Writes `nano.safetensors` (moving average of the weights, the best by validation), `last.safetensors` (to go on from:
`--start`), both at least once a minute, and `log.txt`.
"""

import argparse
import random
import time
import traceback
from pathlib import Path

import torch

from . import network, textures
from .optimiser import Optimiser
from .render import Renderer
from .schedule import rate, schedules
from .step import Step
from .validate import Validation, total


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pack", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--minutes", required=True, type=float)
    parser.add_argument("--start", help="checkpoint to go on from; without it the network starts from nothing")
    parser.add_argument("--schedule", default="tune")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--clips", type=int, default=16, help="clips per step at 256 pixels; halved when memory is short")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--warm", type=float, default=0.05, help="share of the time in which the rate rises")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, help="load so many photographs and cut-outs only")
    parser.add_argument("--eager", action="store_true", help="no CUDA graphs")
    parser.add_argument("--report", type=float, default=20, help="seconds between reports")
    parser.add_argument("--save", type=float, default=60, help="seconds between validations, each of which saves")
    parser.add_argument("--check-size", type=int, help="size of the pictures for validation (the native size)")
    parser.add_argument("--check-clips", type=int, help="clips for validation (48, on a CPU 8)")
    return parser.parse_args()


class Training:
    def __init__(self, options):
        self.began = time.monotonic()
        self.options, self.device = options, options.device
        options.out.mkdir(parents=True, exist_ok=True)
        self.log_file = open(options.out / "log.txt", "a")
        torch.manual_seed(options.seed)
        random.seed(options.seed)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        # Its plans are made per shape, and every frame has another number of memories.
        torch.backends.cuda.enable_cudnn_sdp(False)
        self.model, self.config = network.load(options.start) if options.start else network.fresh()
        network.no_dropout(self.model)
        self.model.to(self.device).train()
        self.optimiser = Optimiser(self.model, options.rate)
        self.renderer = Renderer(textures.load(options.pack, False, self.device, options.limit), self.device, options.seed)
        held_out = textures.load(options.pack, True, self.device, options.limit)
        clips = options.check_clips or (48 if self.device == "cuda" else 8)
        self.validation = Validation(held_out, self.device, options.check_size or self.config["image_size"], clips, 16, min(16, clips))
        self.best, self.best_state = -1.0, None
        self.log(f"assets: {self.renderer.textures.rgba.shape[0]} textures, {self.renderer.textures.photos.shape[0]} photographs")

    def seconds(self):
        return time.monotonic() - self.began

    def log(self, text):
        line = f"[{self.seconds():7.1f}] {text}"
        print(line, flush=True)
        self.log_file.write(line + "\n")
        self.log_file.flush()

    def phase(self, number, before):
        """Steps and chances of a phase. Steps of the phase before are kept where they are the same; when the memory does not
        suffice, everything is made anew with half the clips."""
        while True:
            plans = schedules(self.options.clips)[self.options.schedule][number][1]
            kept = [step for step in before if any(step.plan == plan for plan, _ in plans)]
            before.clear()  # frees the graphs of the others
            try:
                return self.steps([plan for plan, _ in plans], kept), [chance for _, chance in plans]
            except torch.OutOfMemoryError:
                self.options.clips //= 2
                if self.options.clips < 1:
                    raise
            # Only here, after the exception is gone, does nothing refer to its tensors any more.
            kept.clear()
            torch.cuda.empty_cache()
            self.log(f"out of memory: {self.options.clips} clips from here on")

    def steps(self, plans, kept):
        made, pool = [], next((step.graph.pool() for step in kept if step.graph), None)
        for plan in plans:
            if same := [step for step in kept if step.plan == plan]:
                made += same
                continue
            step = Step(self.model, plan, self.device)
            step.prepare(self.renderer)
            if self.device == "cuda" and not self.options.eager:
                pool = self.capture(step, pool)
            made.append(step)
        return made

    def capture(self, step, pool):
        """Captures a step; should that fail, training goes on without graphs, slower."""
        try:
            return step.capture(pool)
        except torch.OutOfMemoryError:
            raise
        except Exception:  # whatever a driver or a library objects to
            self.log(f"no graph for {step.plan.name}: {traceback.format_exc()}")
            self.options.eager, step.graph = True, None
            torch.cuda.synchronize()
            return pool

    def run(self):
        budget, marks, reported, saved = self.options.minutes * 60, [], 0.0, 0.0
        # The end: a last validation and two files.
        reserve, steps, number, reported_at, progress = min(12, budget / 6), [], 0, 0, 0.0
        phases = list(schedules(self.options.clips)[self.options.schedule])
        total_phases = len(phases)
        self.log(f"before training: {self.scores()}")
        start = self.seconds()
        saved = reported = start
        while progress < 1:
            if progress >= phases[0][0] or not steps:
                if steps:
                    phases.pop(0)
                step = None
                steps, chances = self.phase(total_phases - len(phases), steps)
            (step,) = random.choices(steps, chances)
            step.prepare(self.renderer)
            step.run()
            self.optimiser.step(rate(progress, self.options.rate, self.options.warm))
            number += 1
            if self.device == "cuda":
                marks.append(torch.cuda.Event())
                marks[-1].record()
                if len(marks) > 2:  # never more than a few steps ahead of the device
                    marks.pop(0).synchronize()
            now = self.seconds()
            if now - reported > self.options.report:
                self.report(steps, number, (number - reported_at) / (now - reported))
                reported, reported_at = self.seconds(), number
            if now - saved > self.options.save:
                self.save()
                saved = self.seconds()
            progress = (self.seconds() - start) / max(1e-3, budget - reserve - start)
        self.report(steps, number, 0.0)
        self.save()
        self.log(f"done: {number} steps, best {self.best:.4f}")

    def report(self, steps, number, pace):
        for step in steps:
            loss, count, *kinds = step.sums.tolist()
            step.sums.zero_()
            if count:
                scores = " ".join(f"{name} {value / max(1e-6, weight):.3f}" for name, value, weight in
                                  zip(("mask", "box", "click"), kinds[0::2], kinds[1::2]))
                self.log(f"step {number} {step.plan.name} x{step.plan.clips}: loss {loss / count:.3f} {scores} ({count:.0f} steps)")
        memory = f", {torch.cuda.max_memory_reserved() / 2**30:.1f} GiB" if self.device == "cuda" else ""
        self.log(f"step {number}: {pace:.2f} steps/s, gradient {self.optimiser.norm.item():.2f}, "
                 f"skipped {self.optimiser.skipped.item():.0f}{memory}")

    def scores(self):
        return {name: round(value, 4) for name, value in self.validation.score(self.optimiser.average).items()}

    def save(self):
        """Validates the average and writes what is best and what is last."""
        scores = self.scores()
        value = total(scores)
        self.log(f"validation {value:.4f} {scores}")
        average = dict(self.optimiser.average.named_parameters())
        if value > self.best:
            self.best = value
            network.save(self.options.out / "nano.safetensors", average, self.model, self.config, validation=value)
        network.save(self.options.out / "last.safetensors", average, self.model, self.config, validation=value)


if __name__ == "__main__":
    Training(arguments()).run()
