"""How things move: smooth random paths for objects, their parts and the camera, all clips of a batch at once."""

import math
from dataclasses import dataclass

import torch

# Slots of a scene: object A with two parts, object B with one, object C, and somebody else.
GROUP = [0, 0, 0, 1, 1, 2, 3]
PARENT = [0, 0, 0, 3, 3, 5, 6]
SLOTS = len(GROUP)
TARGETS = 3


class Dice:
    """Random numbers of one generator on one device."""

    def __init__(self, device, seed):
        self.device = device
        self.generator = torch.Generator(device).manual_seed(seed)
        self.constants = {}

    def uniform(self, *shape, low=0.0, high=1.0):
        return low + (high - low) * torch.rand(*shape, device=self.device, generator=self.generator)

    def constant(self, *values):
        """A tensor of these numbers, made once: copying from the host would wait for the device."""
        if values not in self.constants:
            self.constants[values] = torch.tensor(values, device=self.device)
        return self.constants[values]

    def normal(self, *shape):
        return torch.randn(*shape, device=self.device, generator=self.generator)

    def chance(self, *shape, p):
        return torch.rand(*shape, device=self.device, generator=self.generator) < p

    def below(self, *shape, limit):
        """Integers under `limit`, a number or a tensor of that shape."""
        values = torch.rand(*shape, device=self.device, generator=self.generator) * limit
        return values.long()

    def log_uniform(self, *shape, low, high):
        return torch.exp(self.uniform(*shape, low=math.log(low), high=math.log(high)))


@dataclass
class Motion:
    """Where each slot is: `centre` (B, L, T, 2) with y in -1..1 and x in -aspect..aspect, `scale` (B, L, T) half the
    height of its texture, `angle` (B, L, T), `stretch` and `shear` (B, L, T); the camera for the background:
    `shift` (B, T, 2), `zoom` (B, T), `roll` (B, T). `speed` (B,)."""

    centre: torch.Tensor
    scale: torch.Tensor
    angle: torch.Tensor
    stretch: torch.Tensor
    shear: torch.Tensor
    shift: torch.Tensor
    zoom: torch.Tensor
    roll: torch.Tensor
    speed: torch.Tensor


def _walk(dice, *shape, frames, keep=0.85):
    """A damped random walk that starts at 0: (..., T), about one unit of speed per frame."""
    steps = torch.arange(frames, device=dice.device)
    lag = steps[:, None] - steps[None, :]
    memory = torch.where(lag >= 0, keep ** lag.clamp(min=0).float(), torch.zeros_like(lag, dtype=torch.float32))
    push = dice.normal(*shape, frames) * math.sqrt(1 - keep * keep)
    push[..., 0] = push[..., 0] / math.sqrt(1 - keep * keep)
    velocity = push @ memory.T
    return velocity.cumsum(-1) - velocity[..., :1]


def _turn(angle, vector):
    """Rotates vectors (..., 2) by angles (...)."""
    sine, cosine = angle.sin(), angle.cos()
    x, y = vector[..., 0], vector[..., 1]
    return torch.stack([cosine * x - sine * y, sine * x + cosine * y], -1)


def _excursion(dice, batch, frames):
    """0 at both ends of a random span of frames, 1 in its middle, or 1 from its end on; for most slots always 0: (B, L, T)."""
    time = torch.arange(frames, device=dice.device)
    span = dice.uniform(batch, SLOTS, 1, low=0.4, high=0.9) * frames
    start = 1 + dice.uniform(batch, SLOTS, 1) * (frames - span).clamp(min=0)
    phase = ((time - start) / span).clamp(0, 1)
    phase = torch.where(dice.chance(batch, SLOTS, 1, p=0.4), 0.5 * phase, phase)
    return torch.sin(math.pi * phase).pow(2) * dice.chance(batch, SLOTS, 1, p=0.25)


def draw(dice, batch, frames, aspect):
    """Motion for a batch of clips; `aspect` (B,) is the width of the scene over its height."""
    shape = (batch, SLOTS)
    speed = dice.log_uniform(batch, low=0.12, high=1.6)
    pace = speed[:, None, None] * dice.log_uniform(*shape, 1, low=0.3, high=2.0)
    walk = torch.stack([_walk(dice, *shape, frames=frames), _walk(dice, *shape, frames=frames)], -1)
    start = dice.uniform(*shape, 1, 2, low=-0.75, high=0.75)
    start[:, 0] *= 0.7
    centre = start + 0.05 * pace[..., None] * walk
    angle_rate = 0.06 * pace * _walk(dice, *shape, frames=frames)
    angle = dice.normal(*shape, 1) * torch.where(dice.chance(*shape, 1, p=0.25), 2.0, 0.25) + angle_rate
    area = dice.log_uniform(*shape, 1, low=0.015, high=0.45)
    area[:, 3:] = dice.log_uniform(batch, SLOTS - 3, 1, low=0.01, high=0.25)
    grow = 0.03 * pace * _walk(dice, *shape, frames=frames)
    rate = dice.normal(*shape, 1) * 0.03 * speed[:, None, None] * torch.arange(frames, device=dice.device)
    scale = (area * aspect[:, None, None] / 0.5).sqrt() * torch.exp((grow + rate).clamp(-1.0, 1.0))
    # A second object that crosses the first, in front of it or behind it.
    meet = dice.uniform(batch, 1, low=0.2, high=0.9) * frames
    relative = (torch.arange(frames, device=dice.device) - meet)[..., None] * _turn(
        dice.uniform(batch, high=2 * math.pi), torch.stack([dice.log_uniform(batch, low=0.03, high=0.3), torch.zeros_like(speed)], -1),
    )[:, None]
    crosses = dice.chance(batch, 1, 1, p=0.5)
    centre[:, 3] = torch.where(crosses, centre[:, 0] + relative, centre[:, 3])
    away = dice.uniform(*shape, high=2 * math.pi)
    away = torch.stack([away.cos(), away.sin()], -1)[:, :, None] * 2.2
    centre = centre + away * _excursion(dice, batch, frames)[..., None]
    # Parts hang on their object and swing.
    time = torch.arange(frames, device=dice.device) * speed[:, None, None]
    offset = dice.uniform(*shape, 1, 2, low=-0.5, high=0.5)
    swing = 0.5 * dice.uniform(*shape, 1) * torch.sin(dice.uniform(*shape, 1, low=0.3, high=1.6) * time + 6 * dice.uniform(*shape, 1))
    for slot, parent in enumerate(PARENT):
        if slot != parent:
            scale[:, slot] = scale[:, parent] * dice.uniform(batch, 1, low=0.35, high=0.9)
            arm = _turn(angle[:, parent], offset[:, slot] * scale[:, parent, :, None])
            centre[:, slot] = centre[:, parent] + arm
            angle[:, slot] = angle[:, parent] + swing[:, slot] + offset[:, slot, :, 0] * 2
    stretch = torch.exp(0.25 * dice.normal(*shape, 1) + 0.02 * pace * _walk(dice, *shape, frames=frames))
    shear = 0.15 * dice.normal(*shape, 1) + 0.02 * pace * _walk(dice, *shape, frames=frames)
    return _film(dice, Motion(centre, scale, angle, stretch, shear, None, None, None, speed), frames)


def _film(dice, motion, frames):
    """Adds the camera: it drifts, zooms, rolls, often follows the first object; nearer things shift more."""
    batch = motion.speed.shape[0]
    pace = dice.log_uniform(batch, 1, low=0.1, high=1.6) * dice.chance(batch, 1, p=0.8)
    shift = 0.05 * pace[..., None] * torch.stack([_walk(dice, batch, frames=frames), 0.6 * _walk(dice, batch, frames=frames)], -1)
    follow = dice.uniform(batch, 1, 1, low=0.4, high=1.0) * dice.chance(batch, 1, 1, p=0.5)
    lead = (motion.centre[:, 0] - motion.centre[:, 0, :1]).clamp(-1.5, 1.5)
    shift = shift - follow * lead
    zoom = torch.exp((0.02 * pace * _walk(dice, batch, frames=frames)).clamp(-0.6, 0.6))
    roll = 0.02 * pace * _walk(dice, batch, frames=frames)
    depth = dice.uniform(batch, SLOTS, low=0.8, high=1.3)
    depth[:, 0] = 1.0
    depth = depth[:, dice.constant(*PARENT)]
    seen = _turn(roll[:, None].expand_as(motion.scale), motion.centre * zoom[:, None, :, None])
    motion.centre = seen + shift[:, None] * depth[..., None, None]
    motion.scale = motion.scale * zoom[:, None]
    motion.angle = motion.angle + roll[:, None]
    motion.shift, motion.zoom, motion.roll = shift, zoom, roll
    return motion
