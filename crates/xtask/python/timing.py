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
    """Wraps the predictor's methods; `frames` lists one `{stage: ms}` per frame, with `total` and, from the picture's file to masks at the
    video's size as bits, `end_to_end`."""

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

    def begin_frame(self):
        self.began, self.now = time.perf_counter(), {}

    def read(self):
        """The picture has been read and decoded."""
        self.started = time.perf_counter()

    def end_frame(self):
        """The predictor is done with the frame."""
        self.now["total"] = (time.perf_counter() - self.started) * 1e3

    def end_output(self):
        """So is everything else."""
        self.frames.append({**self.now, "end_to_end": (time.perf_counter() - self.began) * 1e3})
