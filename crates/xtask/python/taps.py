"""Collects the results of the official modules on the first frames, to find the first block that differs."""

import json

import torch
from safetensors.torch import save_file

TUPLE_PARTS = {"sam_prompt_encoder": ("sparse", "dense"), "sam_mask_decoder": ("masks", "ious", "tokens", "object_score")}
# Watched through a method: all four candidates, before one of them is chosen.
DECODER = "sam_mask_decoder"


def _watched(model):
    """Official paths of the modules to watch, in the order in which a frame meets them."""
    names = ["image_encoder.trunk.patch_embed"]
    names += [f"image_encoder.trunk.blocks.{i}" for i in range(len(model.image_encoder.trunk.blocks))]
    names += ["image_encoder.neck", "sam_mask_decoder.conv_s0", "sam_mask_decoder.conv_s1"]
    names += [f"memory_attention.layers.{i}" for i in range(len(model.memory_attention.layers))]
    names += ["memory_attention.norm", "sam_prompt_encoder", "sam_mask_decoder.transformer.norm_final_attn", "obj_ptr_proj"]
    names += ["memory_encoder.mask_downsampler", "memory_encoder.pix_feat_proj", "memory_encoder.fuser", "memory_encoder"]
    return names


def _parts(name, output):
    """Named tensors of a module's result."""
    if torch.is_tensor(output):
        return {name: output}
    if isinstance(output, dict):
        return {name: output["vision_features"]}
    if name == "image_encoder.neck":
        return {f"{name}.{level}": feature for level, feature in enumerate(output[0])}
    return {f"{name}.{part}": value for part, value in zip(TUPLE_PARTS[name], output)}


class Taps:
    """Forward hooks on the watched modules. Results of the objects of a frame are joined along the batch dimension where they fit."""

    def __init__(self, model, frames):
        self.frames, self.frame, self.found = frames, 0, {}
        modules = dict(model.named_modules())
        model.image_encoder.register_forward_pre_hook(lambda _module, inputs: self._hook("image")(None, None, inputs[0]))
        decoder = model.sam_mask_decoder
        decoder.predict_masks = self._watch_method(DECODER, decoder.predict_masks)
        for name in _watched(model):
            modules[name].register_forward_hook(self._hook(name))

    def _hook(self, name):
        def remember(_module, _inputs, output):
            if self.frame < self.frames:
                for part, value in _parts(name, output).items():
                    self.found.setdefault(f"f{self.frame}/{part}", []).append(value.detach().float().cpu().clone())
        return remember

    def _watch_method(self, name, method):
        hook = self._hook(name)

        def call(*args, **kwargs):
            output = method(*args, **kwargs)
            hook(None, None, output)
            return output
        return call

    def save(self, path):
        """Writes the tensors, with the order in which they were met as metadata `order`."""
        tensors = {key: torch.cat([value for value in values if value.shape == values[0].shape]).contiguous()
                   for key, values in self.found.items()}
        save_file(tensors, path, {"order": json.dumps(list(self.found))})
