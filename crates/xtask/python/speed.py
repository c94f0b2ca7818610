"""Times the official predictor on a GPU as its own `benchmark.py` does: frames decoded, resized and uploaded beforehand, nothing read
back. Every line of the output is one JSON object.

    speed.py --checkpoint C --input DIR --prompts P.json --frames 400 [--prompts P8.json --frames 60] --variant eager-bf16
"""

import argparse
import contextlib
import json
import time

import torch

from predictor import load
from reference import Pictures, read_prompts
from stepping import init_state, to_model_input

VARIANTS = ("eager-f32", "eager-tf32", "eager-bf16", "compiled-bf16")
STARTED = time.perf_counter()


def say(event, **fields):
    print(json.dumps({"event": event, "at_s": round(time.perf_counter() - STARTED, 3), **fields}), flush=True)


class Preloaded:
    """Stands in for the list of frames that `load_video_frames` returns: pictures there and back, on the device already."""

    def __init__(self, tensors, count):
        self.tensors, self.count = tensors, count
        # There and back: 0, 1, 2, 1, 0, 1, ... for three pictures.
        period = max(2 * (len(tensors) - 1), 1)
        self.order = [min(number % period, -number % period) for number in range(count)]

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return self.tensors[self.order[index]]


def precision(variant, device):
    """Sets what products of f32 may be rounded to; gives the context to run in."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = variant != "eager-f32"
    bf16 = variant.endswith("bf16")
    return torch.autocast(device.type, torch.bfloat16) if bf16 else contextlib.nullcontext()


def synchronise(device):
    if device.type == "cuda":
        torch.cuda.synchronize()


def resident_mib():
    """MiB of main memory that this process holds, where the system says so."""
    try:
        lines = open("/proc/self/status").read().splitlines()
    except OSError:
        return None
    return next((round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("VmRSS:")), None)


def prompt(model, state, entry):
    if entry.get("mask") is not None:
        mask = torch.as_tensor(entry["mask"], dtype=torch.bool)
        model.add_new_mask(state, frame_idx=0, obj_id=entry["object"], mask=mask)
    else:
        points = entry.get("points") or []
        model.add_new_points_or_box(
            state, frame_idx=0, obj_id=entry["object"], box=entry.get("box"),
            points=[[x, y] for x, y, _ in points] or None, labels=[int(label) for *_, label in points] or None)


def run(model, pictures, frames, prompts, warm_up, device, tell=lambda number: None):
    """One video: frames per second after the warm-up, and how long the frames before took."""
    state = init_state(model, pictures)
    state["images"], state["num_frames"] = frames, len(frames)
    for entry in prompts:
        prompt(model, state, entry)
    first, start, count = [], None, 0
    before = time.perf_counter()
    for number, _, _ in model.propagate_in_video(state):
        if number < warm_up:
            synchronise(device)
            now = time.perf_counter()
            first.append(round((now - before) * 1e3, 1))
            before = start = now
        else:
            count += 1
        tell(number)
    synchronise(device)
    seconds = time.perf_counter() - start
    return {"frames": count, "frames_per_s": round(count / seconds, 3), "ms": round(seconds * 1e3 / count, 3),
            "first_frames_ms": first}


def measure(model, pictures, tensors, path, count, args, device):
    prompts = read_prompts(path)
    objects = len({entry["object"] for entry in prompts})
    if args.variant.startswith("compiled"):
        # Compiles for every size that the memory bank has on its way.
        run(model, pictures, Preloaded(tensors, args.warm_up + 3), prompts, args.warm_up, device)
        say("compiled", objects=objects)

    def tell(number):
        if number % 10 == 0:
            say("memory", frame=number, objects=objects, rss_MiB=resident_mib())
    result = run(model, pictures, Preloaded(tensors, count), prompts, args.warm_up, device, tell)
    say("speed", variant=args.variant, objects=objects, **result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("checkpoint", "input"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--prompts", action="append", required=True)
    parser.add_argument("--frames", type=int, action="append", required=True, help="once for each --prompts")
    parser.add_argument("--variant", choices=VARIANTS, required=True)
    parser.add_argument("--warm-up", type=int, default=17)
    parser.add_argument("--image-size", type=int)
    parser.add_argument("--device", default="cuda")
    args = parser.parse_args()
    device = torch.device(args.device)
    pictures = Pictures(args.input, None)
    with torch.inference_mode(), precision(args.variant, device):
        model, _ = load(args.checkpoint, args.image_size, compiled=args.variant.startswith("compiled"))
        model = model.to(device)
        tensors = [to_model_input(pictures[index], model.image_size).to(device) for index in range(len(pictures))]
        say("loaded", variant=args.variant)
        for path, count in zip(args.prompts, args.frames, strict=True):
            measure(model, pictures, tensors, path, count, args, device)
    say("end")


if __name__ == "__main__":
    main()
