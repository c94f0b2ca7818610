"""AdamW, a guard against exploding or undefined gradients, and the moving average of the weights; nothing waits."""

import torch

from . import network

CLIP, DECAY = 1.0, 0.998


class Optimiser:
    """Works on persistent gradients, which captured graphs write into."""

    def __init__(self, model, rate):
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        for parameter in self.parameters:
            parameter.grad = torch.zeros_like(parameter)
        matrices = [parameter for parameter in self.parameters if parameter.dim() > 1]
        others = [parameter for parameter in self.parameters if parameter.dim() <= 1]
        self.inner = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
                                       lr=rate, betas=(0.9, 0.98), fused=True)
        self.average = network.twin(model)
        self.averaged = [parameter for parameter in self.average.parameters()]
        device = self.parameters[0].device
        self.norm, self.skipped = torch.zeros((), device=device), torch.zeros((), device=device)
        self.steps = 0

    @torch.no_grad()
    def step(self, rate):
        gradients = [parameter.grad for parameter in self.parameters]
        self.norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        sound = torch.isfinite(self.norm)
        self.skipped += (~sound).float()
        scale = torch.where(sound, (CLIP / (self.norm + 1e-6)).clamp(max=1), 0.0)
        for gradient in gradients:
            gradient.nan_to_num_(0.0, 0.0, 0.0)
        torch._foreach_mul_(gradients, scale)
        for group in self.inner.param_groups:
            group["lr"] = rate
        self.inner.step()
        self.steps += 1
        decay = min(DECAY, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.averaged, self.parameters, 1 - decay)
