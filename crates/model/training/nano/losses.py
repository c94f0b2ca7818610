"""Losses of one prediction: masks, their predicted quality, and whether the object is there."""

import torch
import torch.nn.functional as F


def _mask_terms(logits, target):
    """Cross-entropy, focal and dice per mask: logits (N, M, h, w), target (N, 1, h, w) in 0..1; each (N, M)."""
    target = target.expand_as(logits)
    chance = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    wrong = chance + target - 2 * chance * target
    focal = (0.25 * target + 0.75 * (1 - target)) * wrong.square() * entropy
    overlap = 2 * (chance * target).sum((2, 3)) + 1
    dice = 1 - overlap / (chance.sum((2, 3)) + target.sum((2, 3)) + 1)
    return entropy.mean((2, 3)), focal.mean((2, 3)), dice


def true_iou(logits, target):
    """Intersection over union (N, M) of logits (N, M, h, w) with a target (N, 1, h, w); 1 when both are empty."""
    drawn, target = logits > 0, target > 0.5
    union = (drawn | target).sum((2, 3)).float()
    return torch.where(union > 0, (drawn & target).sum((2, 3)) / union.clamp(min=1), torch.ones_like(union))


def prediction(logits, quality, presence, mask, weight):
    """Loss of one frame.

    `logits` (N, M, s, s) at a quarter of the pixels, `quality` (N, M) predicted IoU, `presence` (N, 1) logit,
    `mask` (N, S, S) bool, `weight` (N,). Returns the weighted sum over N and the IoU (N,) of the best rated mask.
    """
    full = mask[:, None].float()
    # At half the pixels: outlines finer than a cell of the logits are worth learning.
    target = F.avg_pool2d(full, 2)
    logits = F.interpolate(logits.float(), size=target.shape[-2:], mode="bilinear", align_corners=False)
    quality, presence = quality.float(), presence.float()[:, 0]
    here = (full.flatten(1).mean(1) > 2e-4).float()
    entropy, focal, dice = _mask_terms(logits, target)
    terms = 2 * entropy + 5 * focal + dice
    best = terms.argmin(1, keepdim=True)
    with torch.no_grad():
        actual = true_iou(logits, target)
        chosen = actual.gather(1, quality.argmax(1, keepdim=True))[:, 0]
        seen = torch.where(presence > 0, chosen, torch.zeros_like(chosen))
        score = torch.where(here > 0, seen, (presence <= 0).float())
    rated = (quality - actual).abs().mean(1)
    there = F.binary_cross_entropy_with_logits(presence, here, reduction="none")
    loss = here * (terms.gather(1, best)[:, 0] + rated) + there
    return (weight * loss).sum(), score


def features(maps):
    """Keeps image features from growing until position encodings drown: they did, to a deviation of 14."""
    return sum(F.relu(level.float().square().mean() - 1) for level in maps)
