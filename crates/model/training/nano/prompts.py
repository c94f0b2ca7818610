"""Prompts as a user would give them, drawn from true masks and from errors. Fixed shapes, no waiting for the device.

Points are (N, P, 2) pixels with labels (N, P): 1 inside, 0 outside, 2 and 3 the corners of a box.
"""

import torch
import torch.nn.functional as F


def _pick(score, size):
    """The best cell of a map (N, s, s) as a pixel position (N, 1, 2)."""
    cells = score.shape[-1]
    best = score.flatten(1).argmax(1)
    x, y = best % cells, torch.div(best, cells, rounding_mode="floor")
    return (torch.stack([x, y], -1).float()[:, None] + 0.5) * (size / cells)


def _inside(region):
    """A random cell of regions (N, s, s) in 0..1: half of the time anywhere, else near the middle."""
    noise = torch.rand_like(region)
    blurred = region[:, None]
    for _ in range(3):
        blurred = F.avg_pool2d(blurred, 9, 1, 4, count_include_pad=True)
    central = torch.rand(region.shape[0], 1, 1, device=region.device) < 0.5
    return torch.where(central, region * (0.2 + blurred[:, 0]) + 0.15 * noise * region, region * (0.5 + noise))


def click(mask):
    """One click inside each mask (N, S, S) bool."""
    score = _inside(F.avg_pool2d(mask[:, None].float(), 2)[:, 0])
    points = _pick(score, mask.shape[-1])
    return points, torch.ones(points.shape[:2], device=mask.device, dtype=torch.int32)


def correction(logits, mask):
    """A click where a prediction (N, 1, s, s) is wrong, with what is true there as its label."""
    half = F.avg_pool2d(mask[:, None].float(), 2)[:, 0] > 0.5
    drawn = F.interpolate(logits.float(), size=half.shape[-2:], mode="bilinear", align_corners=False)[:, 0] > 0
    wrong = (half ^ drawn).float()
    # Where nothing is wrong, a click inside confirms.
    right = (wrong.flatten(1).sum(1) == 0)[:, None, None]
    points = _pick(_inside(torch.where(right, half.float(), wrong)), mask.shape[-1])
    cells = (points[:, 0] * (half.shape[-1] / mask.shape[-1])).long().clamp(0, half.shape[-1] - 1)
    rows = torch.arange(mask.shape[0], device=mask.device)
    return points, half[rows, cells[:, 1], cells[:, 0]].int()[:, None]


def box(mask, jitter=0.12):
    """A box around each mask (N, S, S) bool, drawn with more or less care, as two points."""
    size = mask.shape[-1]
    corners = []
    for axis in (1, 2):  # columns first: x
        line = mask.any(axis).float()
        low = line.argmax(1)
        high = size - line.flip(1).argmax(1)
        corners.append(torch.stack([low, high], 1).float())
    x, y = corners
    extent = torch.stack([x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]], -1)[:, None].clamp(min=2)
    points = torch.stack([x, y], -1)
    careless = torch.rand(mask.shape[0], 1, 1, device=mask.device) * jitter
    noise = torch.randn_like(points).clamp(-2, 2) * careless * extent
    points = (points + noise.clamp(-20, 20)).clamp(0, size)
    labels = torch.arange(2, 4, device=mask.device, dtype=torch.int32).expand(mask.shape[0], 2)
    return points, labels
