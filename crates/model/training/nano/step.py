"""One training step: forward and backward of a plan, on a GPU as a captured graph.

A step of this small network is thousands of tiny kernels; launched from Python they would leave the GPU idle most of
the time. Captured once per plan, they are launched by the driver, and Python only renders the next clips.
"""

import time

import torch

from . import network
from .motion import TARGETS
from .rollout import Rollout, kinds

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalise(pictures):
    """Pictures (B, T, 3, S, S) in 0..1 as the network wants them."""
    channels = [(pictures[:, :, index] - MEAN[index]) / DEVIATION[index] for index in range(3)]
    return torch.stack(channels, 2)


def precision(device, everything):
    """Autocast for all of the network and for the image encoder. On CPUs bf16 pays in the encoder alone: depth-wise and
    transposed convolutions are ten times slower in it."""
    def cast(enabled):
        return lambda: torch.autocast(device, dtype=torch.bfloat16, enabled=enabled)

    return cast(everything), cast(True)


class Step:
    """A plan with its inputs, ready to run; gradients are left in the parameters' `grad`."""

    def __init__(self, model, plan, device):
        self.model, self.plan = model, plan
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.rollout = Rollout(model, plan, TARGETS, *precision(device, device == "cuda"))
        shape = (plan.clips, plan.frames)
        self.pictures = torch.zeros(*shape, 3, plan.size, plan.size, device=device)
        self.masks = torch.zeros(TARGETS, *shape, plan.size, plan.size, dtype=torch.bool, device=device)
        self.exists = torch.zeros(TARGETS, plan.clips, dtype=torch.bool, device=device)
        # Sums since they were last read: loss, steps, then IoU and weight after a mask, a box and a click.
        self.sums = torch.zeros(8, device=device)
        self.graph, self.tables = None, None

    def prepare(self, renderer):
        pictures, masks, exists = renderer.clips(self.plan.clips, self.plan.frames, self.plan.size)
        self.pictures.copy_(normalise(pictures))
        self.masks.copy_(masks)
        self.exists.copy_(exists)

    def _compute(self):
        loss, scores = self.rollout(self.pictures, self.masks, self.exists)
        # Not `backward`: nodes that accumulate into `grad` remember the stream they were made on.
        found = torch.autograd.grad(loss, self.parameters, allow_unused=True)
        torch._foreach_zero_([parameter.grad for parameter in self.parameters])
        used = [(parameter.grad, gradient) for parameter, gradient in zip(self.parameters, found) if gradient is not None]
        torch._foreach_copy_([grad for grad, _ in used], [gradient for _, gradient in used])
        self.sums += torch.stack([loss.detach(), torch.ones_like(loss), *by_kind(scores, self.exists)])

    def capture(self, pool):
        """Warms up and captures; the time it took is printed. Raises torch.OutOfMemoryError when clips are too many."""
        began = time.monotonic()
        network.set_size(self.model, self.plan.size)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):
                self._compute()
        torch.cuda.current_stream().wait_stream(stream)
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool):
            self._compute()
        self.tables = network.size_tables(self.model)
        self.graph = graph
        self.sums.zero_()
        print(f"captured {self.plan.name}: {time.monotonic() - began:.1f} s, at most "
              f"{torch.cuda.max_memory_reserved() / 2**30:.1f} GiB", flush=True)
        return graph.pool()

    def run(self):
        if self.graph is not None:
            self.graph.replay()
        else:
            network.set_size(self.model, self.plan.size)
            self._compute()


def by_kind(scores, exists):
    """Summed IoU after the first frame, and how many tracks that was, for mask, box and click prompts."""
    weight = exists.flatten().float()
    mean = scores[:, 1:].mean(1) if scores.shape[1] > 1 else scores[:, 0]
    result, start = [], 0
    for number in kinds(*scores.shape):
        part = slice(start, start + number)
        result += [(mean[part] * weight[part]).sum(), weight[part].sum()]
        start += number
    return result
