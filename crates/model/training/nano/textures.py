"""The pack as tensors on the device that renders: photographs, and a stack of RGBA textures to cut objects from."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from PIL import Image

from .regions import WIDTH

PHOTO = (384, 576)  # rows, columns
SIDE, MARGIN = 160, 6  # a texture, and its transparent rim
BLOBS = 256


@dataclass
class Textures:
    """`photos` (P, 3, 384, 576) u8; `rgba` (N, 4, 160, 160) u8, in the order cut-outs, blobs, regions.

    `first` and `count` (P,) tell where in `rgba` the regions of a photograph lie.
    """

    photos: torch.Tensor
    rgba: torch.Tensor
    cutouts: int
    blobs: int
    first: torch.Tensor
    count: torch.Tensor

    @property
    def regions(self):
        return self.rgba.shape[0] - self.cutouts - self.blobs


def _fit(rgba):
    """Scales an array (h, w, 4) so that it fills a texture up to its rim."""
    inner = SIDE - 2 * MARGIN
    height, width = rgba.shape[:2]
    ratio = inner / max(height, width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    scaled = cv2.resize(rgba, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR)
    texture = np.zeros((SIDE, SIDE, 4), np.uint8)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    texture[top:top + size[1], left:left + size[0]] = scaled
    return texture.transpose(2, 0, 1)


def _photo(data):
    """A photograph cropped to 3:2, and what was cropped: scale and offset to find its regions again."""
    array = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    height, width = array.shape[:2]
    rows, columns = min(height, int(width / 1.5)), min(width, int(height * 1.5))
    top, left = (height - rows) // 2, (width - columns) // 2
    crop = array[top:top + rows, left:left + columns]
    return cv2.resize(crop, PHOTO[::-1], interpolation=cv2.INTER_AREA).transpose(2, 0, 1), array


def _regions(data, photo, number):
    """The regions of a photograph as textures: its own pixels, the mask as alpha."""
    bits = np.asarray(Image.open(io.BytesIO(data)))
    ratio = photo.shape[1] / WIDTH
    for index in range(number):
        mask = (bits[..., index // 8] >> (index % 8)) & 1
        rows, columns = np.where(mask.any(1))[0], np.where(mask.any(0))[0]
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        box = photo[int(top * ratio):int(bottom * ratio), int(left * ratio):int(right * ratio)]
        soft = cv2.resize(mask[top:bottom, left:right] * np.uint8(255), box.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        # The outline was found on a small picture: round off the steps of the enlargement.
        soft = cv2.GaussianBlur(soft, (0, 0), max(0.6, 0.6 * ratio)).astype(np.int16)
        soft = np.clip((soft - 128) * 3 + 128, 0, 255).astype(np.uint8)
        yield _fit(np.dstack([box, soft]))


def _solid(alpha):
    """Whether a shape is more than lines: drawings in outline are transparent inside, and nobody would call that theirs."""
    shape = (alpha > 128).astype(np.uint8)
    contours, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = cv2.drawContours(np.zeros_like(shape), contours, -1, 1, cv2.FILLED)
    return shape.sum() > 0.65 * max(1, filled.sum())


def _blob(seed):
    """A smooth random shape: the largest piece of thresholded low-frequency noise."""
    rng = np.random.default_rng(seed)
    cells = int(rng.integers(3, 7))
    noise = cv2.resize(rng.standard_normal((cells, cells)).astype(np.float32), (96, 96), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    field = noise + 1.2 - 2.2 * (x * x + y * y)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats((field > 0).astype(np.uint8))
    best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if count > 1 else 0
    left, top, width, height = stats[best, :4]
    soft = np.clip(field * 400 + 128, 0, 255).astype(np.uint8) * (pieces == best)
    rgba = np.dstack([np.full((96, 96, 3), 128, np.uint8), soft.astype(np.uint8)])
    return _fit(np.ascontiguousarray(rgba[top:top + height, left:left + width]))


def load(path, validation, device, limit=None, threads=16):
    """The training or the validation part of a pack; `limit` bounds photographs and cut-outs, for dry runs."""
    cv2.setNumThreads(1)
    with zipfile.ZipFile(path) as archive:
        index = json.loads(archive.read("index.json"))
        chosen = {kind: [(number, entry) for number, entry in enumerate(index[kind]) if entry["held_out"] == validation][:limit]
                  for kind in index}
        photos = [(archive.read(f"photos/{number}.jpg"), archive.read(f"regions/{number}.png"), entry["regions"])
                  for number, entry in chosen["photos"]]
        cutouts = [archive.read(f"cutouts/{number}.webp") for number, _ in chosen["cutouts"]]

    def read_photo(item):
        scaled, full = _photo(item[0])
        return scaled, list(_regions(item[1], full, item[2]))

    def read_cutout(data):
        rgba = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
        return _fit(rgba) if _solid(rgba[..., 3]) else None

    with ThreadPoolExecutor(threads) as pool:
        read = list(pool.map(read_photo, photos))
        cut = [texture for texture in pool.map(read_cutout, cutouts) if texture is not None]
    counts = np.array([len(found) for _, found in read])
    blobs = [_blob(seed) for seed in range(BLOBS)]
    rgba = np.stack(cut + blobs + [texture for _, found in read for texture in found])
    first = np.concatenate([[0], np.cumsum(counts)[:-1]]) + len(cut) + len(blobs)

    def put(array):
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)

    return Textures(put(np.stack([scaled for scaled, _ in read])), put(rgba), len(cut), len(blobs), put(first), put(counts))
