"""Milliseconds of the stages of the official predictor, frame by frame."""

import time

import torch

STAGES = {
    "encode": "_get_image_feature",
    "memory_attention": "_prepare_memory_conditioned_features",
    "mask_decoder": "_forward_sam_heads",
    "memory_encoder": "_encode_new_memory",
}


class Timing:
    """Wraps the predictor's methods; `frames` lists one `{stage: ms}` per frame, with `total`."""

    def __init__(self, model):
        self.frames, self.now, self.cuda = [], {}, next(model.parameters()).is_cuda
        for stage, method in STAGES.items():
            setattr(model, method, self._timed(stage, getattr(model, method)))

    def _timed(self, stage, method):
        def call(*args, **kwargs):
            start = time.perf_counter()
            result = method(*args, **kwargs)
            if self.cuda:
                torch.cuda.synchronize()
            self.now[stage] = self.now.get(stage, 0.0) + (time.perf_counter() - start) * 1e3
            return result
        return call

    def end_frame(self, seconds):
        """Closes a frame that took so long altogether."""
        self.frames.append({**self.now, "total": seconds * 1e3})
        self.now = {}
