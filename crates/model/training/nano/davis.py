"""Sanity check on real video, never used for training or selection: J and F on DAVIS sequences from the first mask.

    python -m nano.davis CHECKPOINT DAVIS_DIR [--size 256] [sequence ...]

Runs the official video predictor. First and last frame are left out, as the official evaluation does.
"""

import argparse
import math
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from . import network


def jaccard(drawn, true):
    union = (drawn | true).sum()
    return 1.0 if union == 0 else (drawn & true).sum() / union


def _outline(mask):
    """Pixels whose neighbour to the right, below or diagonally below differs (`seg2bmap` of the DAVIS toolkit)."""
    east, south, both = mask.copy(), mask.copy(), mask.copy()
    east[:, :-1] = mask[:, 1:]
    south[:-1] = mask[1:]
    both[:-1, :-1] = mask[1:, 1:]
    outline = (mask ^ east) | (mask ^ south) | (mask ^ both)
    outline[-1] = mask[-1] ^ east[-1]
    outline[:, -1] = mask[:, -1] ^ south[:, -1]
    outline[-1, -1] = False
    return outline


def boundary(drawn, true):
    """F of the outlines, matched within 0.8 % of the diagonal."""
    radius = math.ceil(0.008 * math.hypot(*true.shape))
    y, x = np.mgrid[-radius:radius + 1, -radius:radius + 1]
    disk = (x * x + y * y <= radius * radius).astype(np.uint8)
    ours, theirs = _outline(drawn), _outline(true)
    if not ours.any() or not theirs.any():
        return float(ours.any() == theirs.any())
    precision = (ours & (cv2.dilate(theirs.astype(np.uint8), disk) > 0)).sum() / ours.sum()
    recall = (theirs & (cv2.dilate(ours.astype(np.uint8), disk) > 0)).sum() / theirs.sum()
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def _mask(path):
    return np.asarray(Image.open(path).convert("L")) > 0


def sequence(model, folder, name):
    """Mean J and F of one sequence."""
    truth = [_mask(path) for path in sorted((folder / "Annotations" / name).glob("*.png"))]
    state = model.init_state(str(folder / "JPEGImages" / name))
    model.add_new_mask(state, 0, 1, truth[0])
    drawn = {index: logits[0, 0].cpu().numpy() > 0 for index, _, logits in model.propagate_in_video(state)}
    frames = range(1, len(truth) - 1)
    return (float(np.mean([jaccard(drawn[index], truth[index]) for index in frames])),
            float(np.mean([boundary(drawn[index], truth[index]) for index in frames])))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("folder", type=Path)
    parser.add_argument("sequences", nargs="*")
    parser.add_argument("--size", type=int)
    options = parser.parse_args()
    model, config = network.load(options.checkpoint)
    network.set_size(model, options.size or config["image_size"])
    model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
    names = options.sequences or sorted(path.name for path in (options.folder / "Annotations").iterdir())
    results = []
    with torch.inference_mode():
        for name in names:
            results.append(sequence(model, options.folder, name))
            print(f"{name:20} J {results[-1][0]:.3f} F {results[-1][1]:.3f}", flush=True)
    j, f = np.mean(results, 0)
    print(f"{'mean':20} J {j:.3f} F {f:.3f} J&F {(j + f) / 2:.3f}")


if __name__ == "__main__":
    main()
