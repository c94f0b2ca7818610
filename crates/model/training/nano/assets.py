"""Makes `pack.zip`: photographs, regions of them, and cut-outs, small enough to carry around.

    python -m nano.assets FOLDER PACK       FOLDER keeps the downloaded packages

Inside: `photos/N.jpg`, `regions/N.png` (each bit of the 24-bit colour is one region mask), `cutouts/N.webp`, `index.json`.
"""

import hashlib
import io
import itertools
import json
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from . import regions, sources

PHOTO_SIDE, CUTOUT_SIDE = 576, 144


def held_out(name):
    """Whether a picture belongs to validation: by its name, so that it stays so when pictures are added."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 12 == 0


def _photo(name, picture):
    """JPEG and region masks of a photograph, or nothing when the picture is too small or too plain for one."""
    alpha = np.asarray(picture)[..., 3]
    if (alpha < 250).mean() > 0.01 or min(picture.size) < 200 or max(picture.size) > 4 * min(picture.size):
        return None
    picture = picture.convert("RGB")
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS)
    array = np.asarray(picture)
    # Drawings have large areas of exactly one colour; photographs do not.
    step = np.abs(np.diff(array.astype(np.int16), axis=1)).sum(-1)
    if (step == 0).mean() > 0.55:
        return None
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=82)
    masks = regions.find(array)
    return buffer.getvalue(), _bits(masks, array.shape), len(masks)


def _bits(masks, shape):
    height = max(32, round(shape[0] * regions.WIDTH / shape[1]))
    packed = np.zeros((height, regions.WIDTH, 3), np.uint8)
    for index, mask in enumerate(masks):
        packed[..., index // 8] |= (mask.astype(np.uint8) << (index % 8)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(packed).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _cutout(picture):
    """WebP of what is inside the alpha channel, or nothing when that is no proper shape."""
    alpha = np.asarray(picture)[..., 3]
    if (alpha < 40).mean() < 0.03 and alpha.size:
        return None
    count, _, stats, _ = cv2.connectedComponentsWithStats((alpha > 100).astype(np.uint8))
    if count < 2:
        return None
    areas = stats[1:, cv2.CC_STAT_AREA]
    box = picture.getbbox() if alpha.any() else None
    if box is None or areas.max() < 0.6 * areas.sum() or min(box[2] - box[0], box[3] - box[1]) < 24:
        return None
    inside = picture.crop(box)
    share = (np.asarray(inside)[..., 3] > 100).mean()
    if not 0.12 < share < 0.97:
        return None
    inside.thumbnail((CUTOUT_SIDE, CUTOUT_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    inside.save(buffer, "WEBP", quality=78, alpha_quality=80, method=4)
    return buffer.getvalue()


def _work(task):
    name, data, kinds = task
    picture = data if isinstance(data, Image.Image) else sources.open_picture(data)
    if picture is None:
        return None
    if "photo" in kinds and (made := _photo(name, picture)):
        return "photo", name, made
    if "cutout" in kinds and (made := _cutout(picture)):
        return "cutout", name, made
    return None


def _tasks(share):
    for name, read in sources.photo_files(share):
        yield name, read(), ("photo",)
    for name, read in sources.embedded(share):
        yield name, read(), ("photo", "cutout")
    for name, read in sources.cutout_files(share):
        yield name, read(), ("photo", "cutout") if "Costumes" not in name else ("cutout",)
    for name, picture in sources.emoji(share):
        yield name, picture, ("cutout",)


def _in_batches(pool, tasks, size=96):
    """`pool.map` that does not read every picture into memory before the first is done."""
    while batch := list(itertools.islice(tasks, size)):
        yield from pool.map(_work, batch, chunksize=4)


def make(folder, pack):
    """Downloads what is missing and writes the pack."""
    share = sources.unpack(Path(folder))
    index, seen = {"photos": [], "cutouts": []}, set()
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_STORED) as archive, ProcessPoolExecutor() as pool:
        for done in _in_batches(pool, _tasks(share)):
            if done is None:
                continue
            kind, name, made = done
            data = made[0] if kind == "photo" else made
            digest = hashlib.sha256(data).digest()
            if digest in seen:
                continue
            seen.add(digest)
            number = len(index[f"{kind}s"])
            index[f"{kind}s"].append({"name": name, "held_out": held_out(name)})
            if kind == "photo":
                archive.writestr(f"photos/{number}.jpg", made[0])
                archive.writestr(f"regions/{number}.png", made[1])
                index["photos"][-1]["regions"] = made[2]
            else:
                archive.writestr(f"cutouts/{number}.webp", made)
        archive.writestr("index.json", json.dumps(index))
    counts = len(index["photos"]), sum(entry["regions"] for entry in index["photos"]), len(index["cutouts"])
    print("pack: %d photographs with %d regions, %d cut-outs" % counts, f"{Path(pack).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    make(sys.argv[1], sys.argv[2])
