"""Objects with natural texture and outline: regions of photographs, found without any supervision.

Nobody has to agree that a region is a thing. It is cut out and moved, so its outline is true by construction.
"""

import cv2
import numpy as np
from skimage.measure import label, regionprops
from skimage.segmentation import felzenszwalb

WIDTH = 320  # regions are looked for at this width
SCALES = (120, 350, 900)


def _smooth(mask):
    """Fills holes and rounds the staircase of an over-segmentation."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros(mask.shape, np.uint8), contours, -1, 1, cv2.FILLED)
    return cv2.GaussianBlur(filled.astype(np.float32), (0, 0), 1.2) > 0.5


def _good(mask):
    """The largest piece of a mask when it could be an object: neither tiny nor the whole, compact, mostly inside."""
    pieces = label(mask)
    if pieces.max() == 0:
        return None
    piece = max(regionprops(pieces), key=lambda region: region.area)
    kept = _smooth(pieces == piece.label)
    share, border = kept.mean(), np.concatenate([kept[0], kept[-1], kept[:, 0], kept[:, -1]])
    if not 0.006 < share < 0.45 or piece.solidity < 0.5 or border.mean() > 0.08:
        return None
    top, left, bottom, right = piece.bbox
    if min(bottom - top, right - left) < 18 or max(bottom - top, right - left) > 8 * min(bottom - top, right - left):
        return None
    return kept


def _overlap(a, b):
    return (a & b).sum() / max(1, (a | b).sum())


def _segments(small):
    for scale in SCALES:
        segments = felzenszwalb(small, scale=scale, sigma=0.8, min_size=small.shape[0] * small.shape[1] // 250)
        for number in range(segments.max() + 1):
            yield segments == number
        # Pairs of neighbours: objects of more than one colour.
        for number in range(0, segments.max() + 1, 2):
            ring = cv2.dilate((segments == number).astype(np.uint8), np.ones((3, 3))) > 0
            near = np.bincount(segments[ring & (segments != number)].ravel(), minlength=1)
            if near.size and near.max() > 0:
                yield (segments == number) | (segments == int(near.argmax()))


def _central(small):
    """What stands out from the rim of the picture (GrabCut): for pictures of one thing, often the thing."""
    height, width = small.shape[:2]
    state = np.zeros((height, width), np.uint8)
    box = (width // 12, height // 12, width - width // 6, height - height // 6)
    try:
        cv2.grabCut(small, state, box, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_RECT)
    except cv2.error:  # a picture of one colour
        return np.zeros((height, width), bool)
    return (state == cv2.GC_FGD) | (state == cv2.GC_PR_FGD)


def find(photo, most=18):
    """Up to `most` region masks (h, w bool at `WIDTH`) of an RGB array (h, w, 3 u8)."""
    height = max(32, round(photo.shape[0] * WIDTH / photo.shape[1]))
    small = cv2.resize(photo, (WIDTH, height), interpolation=cv2.INTER_AREA)
    found = []
    for candidate in [_central(small), *_segments(small)]:
        mask = _good(candidate)
        if mask is not None and all(_overlap(mask, other) < 0.6 for other in found):
            found.append(mask)
    found[1:] = sorted(found[1:], key=lambda mask: -mask.sum())
    return found[:most]
