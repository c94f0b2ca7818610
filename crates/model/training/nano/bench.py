"""How fast rendering and training steps are, for several numbers of clips: `python -m nano.bench --pack PACK`."""

import argparse
import time
from dataclasses import replace

import torch

from . import network, textures
from .optimiser import Optimiser
from .render import Renderer
from .schedule import schedules
from .step import Step


def timed(work, device, times):
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    began = time.monotonic()
    for _ in range(times):
        work()
    if device == "cuda":
        torch.cuda.synchronize()
    return (time.monotonic() - began) / times * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pack", required=True)
    parser.add_argument("--start")
    parser.add_argument("--clips", type=int, nargs="+", default=[16, 32])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--limit", type=int, default=300)
    options = parser.parse_args()
    device = options.device
    torch.backends.cuda.enable_cudnn_sdp(False)
    model, _ = network.load(options.start) if options.start else network.fresh()
    network.no_dropout(model)
    model.to(device).train()
    optimiser = Optimiser(model, 0.0)
    renderer = Renderer(textures.load(options.pack, False, device, options.limit), device, 1)
    for clips in options.clips:
        plans = schedules(clips)["tune"]
        chosen = [plans[0][1][0][0], plans[1][1][3][0]] if device == "cuda" else [replace(plans[0][1][0][0], clips=1, size=128, frames=4)]
        for plan in chosen:
            step = Step(model, plan, device)
            step.prepare(renderer)
            if device == "cuda":
                torch.cuda.reset_peak_memory_stats()
                step.capture(None)
            print(f"{plan.name} x{plan.clips}: step {timed(step.run, device, 5):.0f} ms, render {timed(lambda: step.prepare(renderer), device, 5):.0f} ms, "
                  f"optimiser {timed(lambda: optimiser.step(0.0), device, 5):.1f} ms", flush=True)
            step = None
            if device == "cuda":
                torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
