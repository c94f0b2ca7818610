"""How far two runs are apart: the same figures as `cargo xtask parity` prints.

    compare.py REFERENCE.safetensors OURS.safetensors OURS.ndjson
"""

import json
import sys

import numpy as np
from safetensors import safe_open


def relative_error(reference, ours):
    """`max |a - b| / max |a|` with the reference `a`; infinite where something is missing or not finite."""
    if reference.shape != ours.shape or not np.isfinite(ours).all():
        return float("inf")
    return float(np.abs(reference - ours).max() / max(np.abs(reference).max(), 1e-30))


def decode(counts, height, width):
    """A mask of COCO's compressed run lengths, column by column."""
    lengths, position = [], 0
    while position < len(counts):
        value, shift, more = 0, 0, True
        while more:
            code = ord(counts[position]) - 48
            value |= (code & 31) << shift
            more = bool(code & 32)
            position += 1
            shift += 5
            if not more and code & 16:
                value |= -1 << shift
        lengths.append(value + lengths[-2] if len(lengths) > 2 else value)
    inside = np.repeat(np.arange(len(lengths)) % 2, lengths)
    return inside.reshape(width, height).T.astype(bool)


def iou(a, b):
    union = np.logical_or(a, b).sum()
    return 1.0 if union == 0 else float(np.logical_and(a, b).sum() / union)


def compare(reference_path, ours_path, lines_path):
    """Figures over the frames that the reference has."""
    lines = [json.loads(line) for line in open(lines_path)]
    errors, ious = [], []
    with safe_open(reference_path, "np") as reference, safe_open(ours_path, "np") as ours:
        metadata = reference.metadata()
        height, width = int(metadata["height"]), int(metadata["width"])
        for frame, ids in enumerate(json.loads(metadata["ids"])):
            if not ids:
                continue
            expected, found = (file.get_tensor(f"f{frame}/low_res") for file in (reference, ours))
            bits = reference.get_tensor(f"f{frame}/mask_bits")
            for index, object_id in enumerate(ids):
                told = lines[frame]["objects"][index]
                assert told["id"] == object_id, (told["id"], object_id)
                errors.append(relative_error(expected[index], found[index]))
                truth = np.unpackbits(bits[index])[: height * width].reshape(height, width).astype(bool)
                ious.append(iou(truth, decode(told["mask"]["counts"], height, width)))
    return {"frames": len(lines) and len(json.loads(metadata["ids"])), "worst_error": max(errors),
            "median_error": float(np.median(errors)), "mean_iou": float(np.mean(ious)), "worst_iou": min(ious)}


if __name__ == "__main__":
    print(json.dumps({"event": "parity", **compare(*sys.argv[1:4])}))
