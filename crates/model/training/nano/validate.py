"""Mean IoU on clips of held-out pictures, the same ones each time."""

import torch

from . import network
from .motion import TARGETS
from .render import Renderer
from .rollout import Plan, Rollout
from .step import by_kind, normalise, precision


class Validation:
    """Clips rendered once and kept; `score` tracks them with a model."""

    def __init__(self, textures, device, size, clips, frames, batch):
        self.device, self.size, self.frames = device, size, frames
        renderer = Renderer(textures, device, seed=20261126)
        self.batches = []
        for _ in range(max(1, clips // batch)):
            pictures, masks, exists = renderer.clips(batch, frames, size)
            self.batches.append(((pictures * 255).byte(), masks, exists))

    @torch.no_grad()
    def score(self, model):
        """IoU after a mask, a box and a click over the frames after the first, and on the last frame after a mask."""
        network.set_size(model, self.size)
        plan = Plan("validation", self.size, self.frames)
        rollout = Rollout(model, plan, TARGETS, *precision(self.device, self.device == "cuda"))
        sums, last = torch.zeros(6, device=self.device), torch.zeros(2, device=self.device)
        for pictures, masks, exists in self.batches:
            _, scores = rollout(normalise(pictures.float() / 255), masks, exists)
            sums += torch.stack(by_kind(scores, exists))
            half = scores.shape[0] // 2
            weight = exists.flatten()[:half].float()
            last += torch.stack([(scores[:half, -1] * weight).sum(), weight.sum()])
        values = (sums[0::2] / sums[1::2].clamp(min=1)).tolist()
        return {"mask": values[0], "box": values[1], "click": values[2], "last": (last[0] / last[1].clamp(min=1)).item()}


def total(scores):
    """One number to choose a checkpoint by: masks as often as boxes and clicks together."""
    return 0.5 * scores["mask"] + 0.25 * scores["box"] + 0.25 * scores["click"]
