"""Runs the official SAM 2 video predictor on a directory of pictures and writes what `maskd track` writes, to compare.

    reference.py track --checkpoint C --input DIR --prompts P.json --out OUT.safetensors [--taps T.safetensors] ...
    reference.py random NAME OUT.pt        a randomly initialised checkpoint of an official variant
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TQDM_DISABLE", "1")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from predictor import build, load, official_config  # noqa: E402
from randomise import randomise  # noqa: E402
from stepping import Session  # noqa: E402
from taps import Taps  # noqa: E402
from timing import Timing  # noqa: E402

PICTURES = {".jpg", ".jpeg", ".png"}


class Pictures:
    """The pictures of a directory in the order of their numbers (or names), read when asked for."""

    def __init__(self, folder, frames):
        paths = [path for path in Path(folder).iterdir() if path.suffix.lower() in PICTURES]
        numeric = all(path.stem.isdigit() for path in paths)
        self.paths = sorted(paths, key=lambda path: int(path.stem) if numeric else path.name)[:frames]
        if not self.paths:
            raise SystemExit(f"no JPEG or PNG pictures in {folder}")
        self.kept = {}

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.kept.get(index) or Image.open(self.paths[index]).convert("RGB")

    def keep(self, index):
        """Decodes a picture now, and keeps it in place of those before."""
        self.kept = {index: self[index]}


def read_prompts(path):
    """The prompts file of `maskd track`; mask pictures become boolean arrays."""
    prompts = json.loads(Path(path).read_text())
    for entry in prompts:
        if entry.get("mask"):
            entry["mask"] = np.array(Image.open(Path(path).parent / entry["mask"])) != 0
    return prompts


def write_random(name, out):
    """A checkpoint of official size and layout; its objects are present, so that every frame has logits to compare."""
    model = randomise(build(official_config(name)), seed=1)
    state = model.state_dict()
    for index in range(4):
        state[f"sam_mask_decoder.output_hypernetworks_mlps.{index}.layers.2.weight"].mul_(8)
    state["sam_mask_decoder.pred_obj_score_head.layers.2.bias"].fill_(4.0)
    torch.save({"model": state}, out)


def _frame_tensors(frame, result):
    """What is compared: logits, scores, and the masks at the video's size as bits, most significant first."""
    bits = np.packbits((result["video_res"][:, 0] > 0).flatten(1).numpy(), axis=1)
    tensors = {f"f{frame}/{key}": result[key].contiguous() for key in ("low_res", "iou", "object_score")}
    return tensors | {f"f{frame}/mask_bits": torch.from_numpy(bits)}


def track_to(out, model, pictures, prompts, stop, taps=None, timing=None):
    """Writes what the predictor says of the first `stop` frames of a video that may go on after them."""
    session = Session(model, pictures, prompts)
    tensors, ids = {}, []
    for frame in range(min(stop, len(pictures))):
        if taps:
            taps.frame = frame
        if timing:
            timing.begin_frame()
            pictures.keep(frame)
            timing.read()
        result = session.step(frame)
        if timing:
            timing.end_frame()
        ids.append(result["ids"])
        if result["low_res"] is not None:
            tensors |= _frame_tensors(frame, {key: value.cpu() if torch.is_tensor(value) else value for key, value in result.items()})
        if timing:
            timing.end_output()
        session.forget_before(frame)
    width, height = pictures[0].size
    save_file(tensors, out, {"ids": json.dumps(ids), "width": str(width), "height": str(height)})


def track(args):
    if args.threads:
        torch.set_num_threads(args.threads)
    model, _ = load(args.checkpoint, args.image_size)
    model = model.to(args.device)
    pictures = Pictures(args.input, args.frames)
    timing = Timing(model) if args.timings else None
    # The session's first act is to encode frame 0, so whoever watches comes before.
    taps = Taps(model, args.tap_frames) if args.taps else None
    track_to(args.out, model, pictures, read_prompts(args.prompts), len(pictures), taps, timing)
    if taps:
        taps.save(args.taps)
    if timing:
        Path(args.timings).write_text(json.dumps(timing.frames))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    tracking = commands.add_parser("track")
    for name in ("checkpoint", "input", "prompts", "out"):
        tracking.add_argument(f"--{name}", required=True)
    tracking.add_argument("--frames", type=int)
    tracking.add_argument("--image-size", type=int)
    tracking.add_argument("--threads", type=int)
    tracking.add_argument("--device", default="cpu")
    tracking.add_argument("--taps", help="also write the results of the modules on the first frames")
    tracking.add_argument("--tap-frames", type=int, default=2)
    tracking.add_argument("--timings", help="also write the milliseconds of every stage of every frame as JSON")
    random = commands.add_parser("random")
    random.add_argument("name")
    random.add_argument("out")
    args = parser.parse_args()
    with torch.inference_mode():
        track(args) if args.command == "track" else write_random(args.name, args.out)


if __name__ == "__main__":
    main()
