"""What cameras and codecs do to pictures: light, focus, shake, noise, blocks. On the device, a batch at a time."""

import math

import torch
import torch.nn.functional as F


def apply(dice, pictures, scene):
    """Pictures (B, T, 3, S, S) in 0..1, degraded; each clip in its own way, consistently over its frames."""
    pictures = _light(dice, pictures)
    pictures = _focus(dice, pictures)
    batch = pictures.shape[0]
    # Clips are independent: which of them are treated may as well be fixed.
    shaken, coded = max(1, batch // 4), max(1, batch // 2)
    pictures[:shaken] = _shake(dice, pictures[:shaken], scene)
    sigma = dice.log_uniform(batch, 1, 1, 1, 1, low=0.003, high=0.05)
    pictures = pictures + sigma * dice.normal(*pictures.shape)
    pictures[-coded:] = _blocks(dice, pictures[-coded:])
    return pictures.clamp(0, 1)


def _light(dice, pictures):
    """Contrast and exposure, slowly changing; in a third of the clips uneven light that wanders."""
    batch, frames = pictures.shape[:2]
    time = torch.arange(frames, device=pictures.device).view(1, -1, 1, 1, 1)
    phase = dice.uniform(batch, 1, 1, 1, 1, high=2 * math.pi) + time * dice.uniform(batch, 1, 1, 1, 1, high=0.5)
    drift = torch.exp(0.25 * dice.normal(batch, 1, 1, 1, 1) * dice.chance(batch, 1, 1, 1, 1, p=0.5) * torch.sin(phase))
    contrast = torch.exp(0.25 * dice.normal(batch, 1, 1, 1, 1)).clamp(0.4, 1.5)
    offset = 0.1 * dice.normal(batch, 1, 1, 1, 1)
    pictures = ((pictures - 0.5) * contrast + 0.5 + offset) * drift
    base = dice.normal(batch, 1, 5, 5)
    wander = dice.normal(batch, 1, 5, 5)
    field = (base + wander * torch.sin(phase[:, :, 0])).flatten(0, 1)[:, None]
    field = F.interpolate(field, size=pictures.shape[-2:], mode="bilinear", align_corners=True)
    uneven = 0.2 * dice.chance(batch, 1, 1, 1, 1, p=0.35)
    return (pictures * torch.exp(uneven * field.unflatten(0, (batch, frames)))).clamp(0, 1)


def _focus(dice, pictures):
    """Mixes in softer versions of the picture."""
    batch, size = pictures.shape[0], pictures.shape[-1]
    flat = pictures.flatten(0, 1)
    half = F.interpolate(F.avg_pool2d(flat, 2), size=(size, size), mode="bilinear", align_corners=False).view_as(pictures)
    quarter = F.interpolate(F.avg_pool2d(flat, 4), size=(size, size), mode="bilinear", align_corners=False).view_as(pictures)
    soft = dice.uniform(batch, 1, 1, 1, 1) * dice.chance(batch, 1, 1, 1, 1, p=0.6)
    softer = dice.uniform(batch, 1, 1, 1, 1) * dice.chance(batch, 1, 1, 1, 1, p=0.1)
    return torch.lerp(torch.lerp(pictures, half, soft), quarter, softer)


def _shake(dice, pictures, scene):
    """Motion blur along the way of the camera, or along a random direction."""
    batch, frames, _, size, _ = pictures.shape
    step = torch.zeros(batch, frames, 2, device=pictures.device)
    step[:, 1:] = (scene.shift[:batch, 1:] - scene.shift[:batch, :-1])
    step = (step + 0.02 * dice.normal(batch, 1, 2)).clamp(-0.12, 0.12) * dice.uniform(batch, 1, 1)
    line = torch.linspace(-1, 1, size, device=pictures.device)
    y, x = torch.meshgrid(line, line, indexing="ij")
    grid = torch.stack([x, y], -1)
    total = torch.zeros_like(pictures).flatten(0, 1)
    for share in (-0.5, -0.25, 0.0, 0.25, 0.5):
        moved = grid + share * step.flatten(0, 1)[:, None, None]
        total += F.grid_sample(pictures.flatten(0, 1), moved, padding_mode="border", align_corners=True)
    return (total / 5).view_as(pictures)


def _blocks(dice, pictures):
    """Quantises the 8 x 8 cosine transform as JPEG and its kin do."""
    batch, size = pictures.shape[0], pictures.shape[-1]
    index = torch.arange(8, device=pictures.device, dtype=torch.float32)
    basis = torch.cos(math.pi / 8 * (index + 0.5) * index[:, None]) / 2
    basis[0] /= math.sqrt(2)
    step = dice.log_uniform(batch, 1, 1, 1, 1, 1, 1, low=0.008, high=0.07)
    step = step * (1 + 0.5 * (index[:, None] + index)).view(1, 1, 1, 1, 8, 1, 8)
    blocks = pictures.unflatten(4, (size // 8, 8)).unflatten(3, (size // 8, 8))
    cosine = torch.einsum("ui,btcyixj,vj->btcyuxv", basis, blocks, basis)
    cosine = (cosine / step).round() * step
    back = torch.einsum("ui,btcyuxv,vj->btcyixj", basis, cosine, basis)
    return back.reshape_as(pictures)
