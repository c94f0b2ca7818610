"""Tracks a batch of objects through clips as the video predictor does: prompt, memories, its own predictions as memories.

The shapes and the order of all operations are fixed, so that a step can be captured as a CUDA graph.
"""

from contextlib import nullcontext
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from sam2.modeling.sam2_utils import get_1d_sine_pe

from . import losses, prompts


@dataclass(frozen=True)
class Plan:
    """What one kind of training step does. `frames` long, the first `silent` without gradients, a correction click on
    frame `correct` (0: none)."""

    name: str
    size: int
    frames: int
    silent: int = 0
    correct: int = 0
    clips: int = 16


def kinds(tracks, frames):
    """How many tracks get a mask, a box, a click: the first half, then a quarter each. A track of one frame that starts
    from its mask would teach nothing."""
    masks = tracks // 2 if frames > 1 else 0
    boxes = (tracks - masks) // 2
    return masks, boxes, tracks - masks - boxes


class Rollout:
    def __init__(self, model, plan, targets, amp, encoder_amp):
        self.model, self.plan, self.targets = model, plan, targets
        self.amp, self.encoder_amp = amp, encoder_amp

    def __call__(self, pictures, masks, exists):
        """Normalised pictures (B, T, 3, S, S), masks (K, B, T, S, S), exists (K, B): loss, and IoU (N, T) of tracks k*B+b."""
        plan = self.plan
        masks, weight = masks.flatten(0, 1), exists.flatten().float()
        weight = weight / weight.sum().clamp(min=1)
        levels, penalty = self._images(pictures, plan.silent)
        state = Bank(self.model)
        total, scores = 0.1 * penalty, []
        learning = plan.frames - plan.silent
        # Two contexts: within one, autocast converts each weight once, and without a gradient if it did so under `no_grad`.
        for frames, quiet in ((range(plan.silent), True), (range(plan.silent, plan.frames), False)):
            with torch.no_grad() if quiet else nullcontext(), self.amp():
                for frame in frames:
                    maps = [level[:, frame].repeat(self.targets, 1, 1, 1) for level in levels]
                    if frame == 0:
                        loss, score = self._prompted(maps, masks[:, frame], weight, state)
                    else:
                        loss, score = self._tracked(maps, frame, masks[:, frame], weight, state)
                    if not quiet:
                        total = total + loss / learning
                    scores.append(score)
        return total, torch.stack(scores, 1)

    def _images(self, pictures, silent):
        """Feature maps (B, T, C, h, w) of three levels."""
        batch = pictures.shape[0]
        parts, penalty = [], 0.0
        for part, quiet in ((pictures[:, :silent], True), (pictures[:, silent:], False)):
            if part.shape[1] == 0:
                continue
            with torch.no_grad() if quiet else nullcontext(), self.encoder_amp():
                maps = self.model.forward_image(part.flatten(0, 1))["backbone_fpn"]
            if not quiet:
                penalty = losses.features(maps)
            parts.append([level.unflatten(0, (batch, -1)) for level in maps])
        return [torch.cat(level, 1) if len(level) > 1 else level[0] for level in zip(*parts)], penalty

    def _decode(self, pixels, maps, points=None, masks=None, many=True):
        """The three masks of the decoder, or its single one."""
        return _of(self._heads(pixels, maps, points, masks), many)

    def _heads(self, pixels, maps, points, masks):
        """All four masks of the decoder: logits (N, 4, s, s), quality (N, 4), presence (N, 1), tokens (N, 4, C)."""
        model = self.model
        if points is None:
            number, device = pixels.shape[0], pixels.device
            points = torch.zeros(number, 1, 2, device=device), -torch.ones(number, 1, dtype=torch.int32, device=device)
        # Positions in bf16 would be off by half a pixel.
        with torch.autocast(pixels.device.type, enabled=False):
            sparse, dense = model.sam_prompt_encoder(points=points, boxes=None, masks=masks)
            grid = model.sam_prompt_encoder.get_dense_pe()
        logits, quality, tokens, presence = model.sam_mask_decoder.predict_masks(
            image_embeddings=pixels, image_pe=grid, sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense, repeat_image=False, high_res_features=maps[:2],
        )
        return logits, quality, presence, tokens

    def _best(self, logits, quality, presence, tokens):
        """The best rated mask (N, 1, s, s) as the model would show it, its pointer (N, C), whether it is there (N, 1)."""
        model = self.model
        best = quality.argmax(1)
        here = (presence > 0).float()
        # `gather`: its gradient needs no sorting, unlike that of indexing.
        logits = logits.gather(1, best.view(-1, 1, 1, 1).expand(-1, 1, *logits.shape[2:]))
        token = tokens.gather(1, best.view(-1, 1, 1).expand(-1, 1, tokens.shape[2]))[:, 0]
        shown = torch.where(presence[..., None, None] > 0, logits.float(), -1024.0)
        pointer = here * model.obj_ptr_proj(token) + (1 - here) * model.no_obj_ptr
        return shown, pointer, here

    def _prompted(self, maps, mask, weight, state):
        """The first frame: a mask for the first tracks, boxes for some, clicks with corrections for the rest."""
        with_mask, with_box, with_click = kinds(mask.shape[0], self.plan.frames)
        pixels = maps[2] + self.model.no_mem_embed.view(1, -1, 1, 1)
        ends = with_mask, with_mask + with_box, mask.shape[0]
        loss, results, score = 0.0, [], []
        part = slice(0, ends[0])
        if with_mask:
            # As the predictor calls it: on the features without the no-memory embedding.
            given = self.model._use_mask_as_output(maps[2][part], [level[part] for level in maps[:2]], mask[part][:, None])
            results.append((given[4].float(), given[5], (given[6] > 0).float()))
            score.append(torch.ones_like(weight[part]))
        for part, prompt in ((slice(ends[0], ends[1]), prompts.box), (slice(ends[1], ends[2]), prompts.click)):
            points = prompt(mask[part])
            loss_part, result, part_score = self._interact(
                pixels[part], [level[part] for level in maps], mask[part], weight[part], points, prompt is prompts.click)
            loss, results = loss + loss_part, [*results, (_enlarged(result[0], self.model.image_size), *result[1:])]
            score.append(part_score)
        if self.plan.frames > 1:
            merged = [torch.cat([result[index].float() for result in results]) for index in range(3)]
            state.add(0, maps[2], *merged, conditioning=True)
        return loss, torch.cat(score)

    def _interact(self, pixels, maps, mask, weight, points, many, rounds=1):
        """A prompt, then correction clicks; every other object is tracked from what the first prompt gave."""
        loss, result = 0.0, None
        logits = None
        for turn in range(rounds + 1):
            heads = self._heads(pixels, maps, points, logits)
            out = _of(heads, many and turn == 0)
            term, score = losses.prediction(*out[:3], mask, weight)
            if not (many and turn == 0):
                # The predictor falls back on the other three where the single mask is unstable.
                term = 0.5 * (term + losses.prediction(*_of(heads, True)[:3], mask, weight)[0])
            loss = loss + term / (rounds + 1)
            shown, pointer, here = self._best(*out)
            if turn == 0:
                result, first_score = (shown, pointer, here), score
            logits = shown.detach().clamp(-32, 32)
            more = prompts.correction(logits, mask)
            points = torch.cat([points[0], more[0]], 1), torch.cat([points[1], more[1]], 1)
        corrected = (torch.arange(mask.shape[0], device=mask.device) % 2 == 1)[:, None]
        keep = [torch.where(corrected.view(-1, *[1] * (old.dim() - 1)), new.float(), old.float())
                for old, new in zip(result, (shown, pointer, here))]
        return loss, keep, torch.where(corrected[:, 0], score, first_score)

    def _tracked(self, maps, frame, mask, weight, state):
        pixels = state.attend(maps[2], frame)
        out = self._decode(pixels, maps)
        loss, score = losses.prediction(*out[:3], mask, weight)
        shown, pointer, here = self._best(*out)
        conditioning = bool(self.plan.correct) and frame == self.plan.correct
        if conditioning:
            logits = shown.detach().clamp(-32, 32)
            out = self._decode(pixels, maps, prompts.correction(logits, mask), logits, many=True)
            more, score = losses.prediction(*out[:3], mask, weight)
            loss = loss + more
            shown, pointer, here = self._best(*out)
        if frame + 1 < self.plan.frames:
            state.add(frame, maps[2], shown, pointer, here, conditioning)
        return loss, score


def _of(heads, many):
    """What of the decoder's four masks is asked for: the three that compete, or the single one."""
    logits, quality, presence, tokens = heads
    chosen = slice(1, None) if many else slice(0, 1)
    return logits[:, chosen], quality[:, chosen], presence, tokens[:, chosen]


def _enlarged(logits, size):
    """Logits at every pixel; a mask prompt is that large already."""
    if logits.shape[-1] == size:
        return logits
    return F.interpolate(logits.float(), size=(size, size), mode="bilinear", align_corners=False)


class Bank:
    """Memories of the frames so far, and what the memory attention makes of them."""

    def __init__(self, model):
        self.model, self.frames = model, {}

    def add(self, frame, features, shown, pointer, here, conditioning):
        """Encodes what was shown on a frame: features (N, C, h, w), logits (N, 1, s, s)."""
        model = self.model
        large = _enlarged(shown, model.image_size)
        scaled = large.sigmoid() * model.sigmoid_scale_for_mem_enc + model.sigmoid_bias_for_mem_enc
        out = model.memory_encoder(features, scaled, skip_mask_sigmoid=True)
        memory = out["vision_features"] + (1 - here)[..., None, None] * model.no_obj_embed_spatial[..., None, None]
        place = out["vision_pos_enc"][-1][:1].flatten(2).permute(2, 0, 1)
        self.frames[frame] = memory.flatten(2).permute(2, 0, 1), place, pointer, conditioning

    def attend(self, features, frame):
        """The features (N, C, h, w) of a frame after attention to the memories the predictor would choose."""
        model, (number, width, height, _) = self.model, features.shape
        slots = model.num_maskmem
        prompted = [past for past, entry in self.frames.items() if entry[3]]
        chosen = [(past, 0) for past in prompted]
        chosen += [(past, slots - (frame - past)) for past in range(frame - slots + 1, frame)
                   if past in self.frames and past not in prompted]
        memory = [self.frames[past][0] for past, _ in chosen]
        place = [(self.frames[past][1] + model.maskmem_tpos_enc[slots - position - 1]).expand(-1, number, -1)
                 for past, position in chosen]
        pointers = prompted + [past for past in range(frame - 1, frame - model.max_obj_ptrs_in_encoder, -1)
                               if past in self.frames and past not in prompted]
        # Placed as in a video of at least 16 frames, of which a training clip is a window. Filled on the device: a copy
        # from the host could not be captured.
        most = model.max_obj_ptrs_in_encoder - 1
        distance = torch.stack([torch.full((), (frame - past) / most, device=features.device) for past in pointers])
        tokens = torch.stack([self.frames[past][2] for past in pointers])
        encoded = model.obj_ptr_tpos_proj(get_1d_sine_pe(distance, dim=width))
        pieces = width // model.mem_dim
        tokens = tokens.reshape(-1, number, pieces, model.mem_dim).permute(0, 2, 1, 3).flatten(0, 1)
        encoded = encoded[:, None].expand(-1, number, -1).repeat_interleave(pieces, dim=0)
        memory, place = torch.cat([*memory, tokens], 0), torch.cat([*place, encoded], 0)
        flat = features.flatten(2).permute(2, 0, 1)
        where = model.image_encoder.neck.position_encoding(features[:1]).flatten(2).permute(2, 0, 1).expand(-1, number, -1)
        out = model.memory_attention(curr=[flat], curr_pos=[where], memory=memory, memory_pos=place,
                                     num_obj_ptr_tokens=tokens.shape[0])
        return out.permute(1, 2, 0).reshape(number, width, height, height)
