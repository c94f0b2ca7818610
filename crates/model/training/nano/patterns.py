"""Surfaces with a pattern: stripes, checks, dots, rings. Without them a network learns that an outline is wherever the
colour changes, and leaves the dots of a dotted thing out of its mask."""

import math

import torch

from . import motion
from .textures import SIDE

KINDS = 4


def paint(dice, rgb, chance):
    """Draws a pattern in a colour of its own over a share `chance` of textures (B, L, 3, 160, 160)."""
    shape = rgb.shape[:2]
    field = _field(dice, shape) * dice.uniform(*shape, 1, 1, 1, low=0.5, high=1.0)
    field = field * dice.chance(*shape, 1, 1, 1, p=chance)
    colour = dice.uniform(*shape, 3, 1, 1)
    return rgb + field * (colour - rgb)


def _field(dice, shape):
    """Where a pattern is: (B, L, 1, 160, 160) in 0..1, with soft or hard edges."""
    u, v = _place(dice, shape)
    cells = (u - u.round()).square() + (v - v.round()).square()
    values = torch.stack([
        torch.sin(2 * math.pi * u),
        torch.sin(math.pi * u) * torch.sin(math.pi * v),
        0.12 - cells,
        torch.sin(math.pi * (u.square() + v.square()).clamp(min=1e-6).sqrt()),
    ])
    # The square of a distance changes less than a sine does.
    steep = dice.constant(1.0, 1.0, 8.0, 1.0)[:, None, None, None, None]
    kind = dice.below(*shape, limit=KINDS)
    value = (values * steep).gather(0, kind[None, :, :, None, None].expand(1, *values.shape[1:]))[0]
    hard = dice.log_uniform(*shape, 1, 1, low=1.5, high=15.0)
    level = dice.uniform(*shape, 1, 1, low=-0.4, high=0.4)
    return torch.sigmoid(hard * (value - level))[:, :, None]


def _place(dice, shape):
    """Coordinates of the pattern, in its own periods, at every pixel: turned, stretched, shifted, gently bent."""
    line = torch.linspace(-1, 1, SIDE, device=dice.device)
    y, x = torch.meshgrid(line, line, indexing="ij")
    angle = dice.uniform(*shape, 1, 1, high=2 * math.pi)
    periods = dice.log_uniform(*shape, 1, 1, low=1.5, high=8.0)
    stretch = dice.log_uniform(*shape, 1, 1, low=0.6, high=1.6)
    bend = dice.uniform(*shape, 1, 1, high=0.12) * dice.chance(*shape, 1, 1, p=0.6)
    wave = bend * torch.sin(dice.uniform(*shape, 1, 1, low=2.0, high=6.0) * (x + y) + 6 * dice.uniform(*shape, 1, 1))
    u, v = motion._turn(angle, torch.stack([x, y], -1)).unbind(-1)
    u, v = (u + wave) * periods * stretch, (v + wave) * periods / stretch
    return u + dice.uniform(*shape, 1, 1) - 0.5, v + dice.uniform(*shape, 1, 1) - 0.5
