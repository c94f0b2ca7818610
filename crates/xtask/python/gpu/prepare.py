"""Checkpoints of official size with random weights, and what the official predictor makes of the first frames of a clip, in f32.

    prepare.py --bundle DIR --work DIR --device cuda --stop 10 nano:2 tiny:1,8 base-plus:1

All in one process: PyTorch takes long to start. What is there from an earlier time is not made again. Every line of the output is one
JSON object.
"""

import argparse
import json
import platform
from pathlib import Path

import torch

from predictor import load
from reference import Pictures, read_prompts, track_to, write_random

from files import checkpoint_of, prompts_of, reference_of


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def describe():
    """What the other side is, for whoever reads the figures."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    say("torch", torch=torch.__version__, cuda=torch.version.cuda, cudnn=torch.backends.cudnn.version(), device=device,
        python=platform.python_version())


def whole(path, make):
    """Makes a file that is there completely or not at all."""
    if not path.exists():
        partial = path.with_name(f"partial-{path.name}")
        make(partial)
        partial.rename(path)


def prepare(model, counts, args, pictures):
    checkpoint = checkpoint_of(args.bundle, args.work, model)
    if model != "nano":
        whole(checkpoint, lambda path: write_random(f"sam2.1-{model}", path))
    say("checkpoint", model=model)
    image_size = None if model == "nano" else args.image_size
    for objects in counts:
        def answer(path):
            predictor, _ = load(checkpoint, image_size)
            track_to(path, predictor.to(args.device), pictures, read_prompts(prompts_of(args.work, objects)), args.stop)
        whole(reference_of(args.work, model, objects, image_size), answer)
        say("reference", model=model, objects=objects)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--image-size", type=int)
    parser.add_argument("--stop", type=int, default=10)
    parser.add_argument("models", nargs="+", metavar="MODEL:OBJECTS,...")
    args = parser.parse_args()
    # f32 means f32: PyTorch would let convolutions round to TF32.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    describe()
    pictures = Pictures(args.bundle / "frames", None)
    with torch.inference_mode():
        for text in args.models:
            model, _, counts = text.partition(":")
            prepare(model, [int(count) for count in counts.split(",")], args, pictures)
    say("end")


if __name__ == "__main__":
    main()
