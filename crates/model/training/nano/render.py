"""Renders clips with perfect masks, a whole batch at once on the device: no file, no CPU work per frame."""

import math

import torch
import torch.nn.functional as F

from . import degrade, motion, patterns
from .motion import GROUP, PARENT, SLOTS, TARGETS, Dice
from .textures import SIDE


class Renderer:
    """Endless clips from one pack; the same seed gives the same clips."""

    def __init__(self, textures, device, seed):
        self.textures, self.dice = textures, Dice(device, seed)

    @torch.no_grad()
    def clips(self, batch, frames, size):
        """Pictures (B, T, 3, S, S) in 0..1, masks (K, B, T, S, S) bool, and which targets exist: (K, B) bool."""
        dice = self.dice
        aspect = dice.uniform(batch, low=1.0, high=1.85)
        scene = motion.draw(dice, batch, frames, aspect)
        backdrop = dice.below(batch, limit=self.textures.photos.shape[0])
        grid = _grid(size, aspect)
        sprites, present, order = self._sprites(batch, backdrop, scene)
        waves = self._waves(batch, scene.speed)
        share = torch.zeros(batch, TARGETS, frames, size, size, device=dice.device)
        colour = torch.zeros(batch, 3, frames, size, size, device=dice.device)
        left = torch.ones(batch, 1, frames, size, size, device=dice.device)
        group = dice.constant(*GROUP)
        rows = torch.arange(batch, device=dice.device)
        for depth in range(SLOTS):  # nearest first
            slot = order[:, depth]
            rgba = _place(sprites[rows, slot], scene, rows, slot, grid, [wave[rows, slot] for wave in waves], size)
            seen = left * rgba[:, 3:] * present[rows, slot][:, None, None, None, None]
            colour += seen * rgba[:, :3]
            left -= seen
            belongs = group[slot][:, None] == torch.arange(TARGETS, device=dice.device)
            share += seen * belongs[:, :, None, None, None]
        behind = self._backdrop(backdrop, scene, grid, size)
        behind = behind * _shadow(dice, left)
        pictures = (colour + left * behind).transpose(1, 2)
        pictures = degrade.apply(dice, pictures.clamp(0, 1), scene)
        return pictures, *self._targets(share, present)

    def _targets(self, share, present):
        """Shuffles the targets, so that how one is prompted has nothing to do with what it is."""
        batch, targets = share.shape[:2]
        shuffle = self.dice.uniform(batch, targets).argsort(1)
        rows = torch.arange(batch, device=share.device)[:, None]
        first = self.dice.constant(*(GROUP.index(target) for target in range(targets)))
        masks = (share > 0.5)[rows, shuffle].transpose(0, 1)
        exists = present[:, first][rows, shuffle].transpose(0, 1)
        # A target has to be seen on the first frame, where it is prompted.
        enough = masks[:, :, 0].flatten(2).float().mean(2) > 0.002
        return masks.contiguous(), exists & enough

    def _sprites(self, batch, backdrop, scene):
        """A texture for every slot (B, L, 4, 160, 160) f32, which slots are there (B, L), and their order in depth."""
        dice, pack = self.dice, self.textures
        shape = (batch, SLOTS)
        kind = dice.uniform(*shape)
        any_cutout = dice.below(*shape, limit=pack.cutouts)
        any_blob = pack.cutouts + dice.below(*shape, limit=pack.blobs)
        any_region = pack.cutouts + pack.blobs + dice.below(*shape, limit=max(1, pack.regions))
        count = pack.count[backdrop][:, None].expand(shape)
        own_region = pack.first[backdrop][:, None] + dice.below(*shape, limit=count)
        own = dice.chance(*shape, p=0.3) & (count > 0)
        region = torch.where(own, own_region, any_region)
        is_cutout, is_blob = kind < 0.42, kind > 0.92
        chosen = torch.where(is_cutout, any_cutout, torch.where(is_blob, any_blob, region))
        # Look-alikes: the second or third object is a copy of the first.
        for slot, chance in ((3, 0.22), (5, 0.22), (6, 0.25)):
            copies = dice.chance(batch, p=chance)
            chosen[:, slot] = torch.where(copies, chosen[:, 0], chosen[:, slot])
        sprites = pack.rgba[chosen.clamp(max=pack.rgba.shape[0] - 1)].float() / 255
        painted = is_blob | (dice.chance(*shape, p=0.4) & is_cutout) | dice.chance(*shape, p=0.06)
        patch = self._patches(batch, backdrop)
        rgb = torch.where(painted[:, :, None, None, None], patch, sprites[:, :, :3])
        rgb = patterns.paint(dice, _recolour(dice, rgb), chance=0.25)
        sprites = torch.cat([rgb, sprites[:, :, 3:]], 2)
        sprites = _coarser(sprites, scene.scale.amax(2))
        flip = dice.chance(*shape, p=0.5)
        sprites = torch.where(flip[..., None, None, None], sprites.flip(-1), sprites)
        there = dice.constant(1.0, 0.45, 0.25, 0.85, 0.3, 0.7, 0.6)
        parent = dice.constant(*PARENT)
        present = dice.uniform(*shape) < there
        present = present & present[:, parent]
        key = dice.uniform(*shape)
        order = (key[:, parent] + 0.02 * key).argsort(1)
        return sprites, present, order

    def _patches(self, batch, backdrop):
        """Squares of photographs (B, L, 3, 160, 160), a third of them of the clip's own backdrop."""
        dice, photos = self.dice, self.textures.photos
        rows, columns = photos.shape[2:]
        which = dice.below(batch, SLOTS, limit=photos.shape[0])
        which = torch.where(dice.chance(batch, SLOTS, p=0.35), backdrop[:, None], which)
        step = dice.log_uniform(batch, SLOTS, low=0.35, high=2.2)
        along = torch.arange(SIDE, device=dice.device) * step[..., None]
        top = dice.uniform(batch, SLOTS, 1) * (rows - along[..., -1:])
        left = dice.uniform(batch, SLOTS, 1) * (columns - along[..., -1:])
        y, x = (top + along).long().clamp(0, rows - 1), (left + along).long().clamp(0, columns - 1)
        patch = photos[which[:, :, None, None], :, y[:, :, :, None], x[:, :, None, :]]
        return patch.permute(0, 1, 4, 2, 3).float() / 255

    def _waves(self, batch, speed):
        """Three slow waves that bend a texture: where to (B, L, 3, 2), wave vector (B, L, 3, 2), phase and rate (B, L, 3)."""
        dice = self.dice
        much = dice.normal(batch, SLOTS, 1, 1).abs() * dice.chance(batch, SLOTS, 1, 1, p=0.75) * 0.07
        rate = dice.normal(batch, SLOTS, 3) * 0.7 * speed[:, None, None]
        return (much * dice.normal(batch, SLOTS, 3, 2), dice.normal(batch, SLOTS, 3, 2) * 0.8,
                dice.uniform(batch, SLOTS, 3, high=2 * math.pi), rate)

    def _backdrop(self, which, scene, grid, size):
        """The photograph behind everything, seen by the camera: (B, 3, T, S, S)."""
        dice, batch, frames = self.dice, which.shape[0], scene.zoom.shape[1]
        point = grid[:, None] - scene.shift[:, :, None, None]
        point = motion._turn(-scene.roll[:, :, None, None], point) / scene.zoom[:, :, None, None, None]
        half = dice.log_uniform(batch, 1, 1, 1, low=0.3, high=0.8)
        middle = dice.uniform(batch, 1, 1, 1, 2, low=-1, high=1) * (1 - half[..., None])
        view = torch.stack([point[..., 0] * half / 1.5, point[..., 1] * half], -1) + middle
        # Some backdrops move by themselves: water, leaves.
        ripple = 0.012 * dice.chance(batch, 1, 1, 1, p=0.3) * dice.uniform(batch, 1, 1, 1)
        time = torch.arange(frames, device=dice.device)[None, :, None, None] * scene.speed[:, None, None, None]
        view[..., 0] += ripple * torch.sin(7 * point[..., 1] + time)
        view = _enlarge(view, size).flatten(1, 2)
        photo = self.textures.photos[which].float() / 255
        photo = _recolour(dice, photo[:, None])[:, 0]
        picture = F.grid_sample(photo, view, padding_mode="reflection", align_corners=True)
        return picture.unflatten(2, (frames, size))


def _grid(size, aspect):
    """Scene coordinates of a coarse grid over the frame: (B, s, s, 2), fine enough for smooth maps."""
    line = torch.linspace(-1, 1, size // 4 + 1, device=aspect.device)
    y, x = torch.meshgrid(line, line, indexing="ij")
    plain = torch.stack([x, y], -1)[None].repeat(aspect.shape[0], 1, 1, 1)
    plain[..., 0] *= aspect[:, None, None]
    return plain


def _enlarge(coarse, size):
    """A smooth map (B, T, s, s, 2) at every pixel: (B, T, S, S, 2)."""
    batch, frames = coarse.shape[:2]
    fine = F.interpolate(coarse.flatten(0, 1).permute(0, 3, 1, 2), size=(size, size), mode="bilinear", align_corners=True)
    return fine.permute(0, 2, 3, 1).unflatten(0, (batch, frames))


def _place(sprite, scene, rows, slot, grid, waves, size):
    """One slot of every clip drawn on its frames: (B, 4, T, S, S)."""
    centre, scale, angle = scene.centre[rows, slot], scene.scale[rows, slot], scene.angle[rows, slot]
    stretch, shear = scene.stretch[rows, slot], scene.shear[rows, slot]
    frames = scale.shape[1]
    local = motion._turn(-angle[:, :, None, None], grid[:, None] - centre[:, :, None, None]) / scale[:, :, None, None, None]
    x, y = local[..., 0], local[..., 1]
    x = x / stretch[:, :, None, None] + shear[:, :, None, None] * y
    y = y * stretch[:, :, None, None]
    bend, vector, phase, rate = waves
    time = torch.arange(frames, device=grid.device)
    u, v = x.clone(), y.clone()
    for wave in range(bend.shape[1]):
        turn = phase[:, wave, None] + rate[:, wave, None] * time
        field = vector[:, wave, 0, None, None, None] * x + vector[:, wave, 1, None, None, None] * y
        value = torch.sin(math.pi * field + turn[:, :, None, None])
        u += bend[:, wave, 0, None, None, None] * value
        v += bend[:, wave, 1, None, None, None] * value
    view = _enlarge(torch.stack([u, v], -1).clamp(-4, 4), size)
    drawn = F.grid_sample(sprite, view.flatten(1, 2), align_corners=True)
    return drawn.unflatten(2, (frames, size))


def _coarser(sprites, scale):
    """Low-passes textures (B, L, 4, A, A) that will be drawn small, so that they do not flicker."""
    flat = sprites.flatten(0, 1)
    weight = flat[:, 3:].clamp(min=0.02)
    heavy = torch.cat([flat[:, :3] * weight, weight], 1)
    result = flat
    for factor, limit in ((2, 0.55), (4, 0.28)):
        small = F.avg_pool2d(heavy, factor)
        small = torch.cat([small[:, :3] / small[:, 3:], F.avg_pool2d(flat[:, 3:], factor)], 1)
        back = F.interpolate(small, size=sprites.shape[-2:], mode="bilinear", align_corners=False)
        result = torch.where((scale.flatten() < limit)[:, None, None, None], back, result)
    return result.view_as(sprites)


def _recolour(dice, rgb):
    """Another light for each texture (B, L, 3, A, A): gain, gamma, mixed channels, shading to one side."""
    shape = rgb.shape[:2]
    gain = torch.exp(0.2 * dice.normal(*shape, 1, 1, 1) + 0.1 * dice.normal(*shape, 3, 1, 1))
    gamma = torch.exp(0.2 * dice.normal(*shape, 1, 1, 1))
    mixed = torch.where(dice.chance(*shape, 1, 1, p=0.2), 0.5, 0.06) * dice.normal(*shape, 3, 3)
    mixed = mixed + torch.eye(3, device=rgb.device)
    mixed = mixed / mixed.sum(-1, keepdim=True).abs().clamp(min=0.5)
    rgb = torch.einsum("blij,bljhw->blihw", mixed, rgb).clamp(0.001, 1).pow(gamma) * gain
    lines = [torch.linspace(-1, 1, extent, device=rgb.device) for extent in rgb.shape[-2:]]
    slope = 0.25 * dice.normal(*shape, 2, 1, 1)
    shade = 1 + slope[:, :, :1] * lines[0][:, None] + slope[:, :, 1:] * lines[1]
    return (rgb * shade[:, :, :1]).clamp(0, 1)


def _shadow(dice, left):
    """What objects take of the light behind them: (B, 1, T, S, S), a soft, shifted copy of their outline in some clips."""
    batch, _, frames, size, _ = left.shape
    coarse = F.avg_pool2d(1 - left[:, 0], size // 32, size // 32)
    coarse = F.pad(coarse, (2, 2, 4, 0), mode="replicate")[..., :32, 1:33]
    soft = F.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=False)
    strength = dice.uniform(batch, 1, 1, 1, high=0.6) * dice.chance(batch, 1, 1, 1, p=0.4)
    return (1 - strength * soft)[:, None]
