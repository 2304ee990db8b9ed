"""Training the digit reader: cells drawn from many fonts, degraded as photographs are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from trm_core.domains import PuzzleError
from trm_core.readers.digits import FEATURES, normalised
from trm_core.readers.picture import CELL, glyph_in

_DRAWN = 96  # pixels of a digit before it is put into a cell
_HIDDEN = 96


def font_digits(fonts: Iterable[Path]) -> np.ndarray:
    """The digits 1 to 9 of every font that has them, (fonts, 9, Y, X) uint8."""
    found = []
    for path in fonts:
        try:
            font = ImageFont.truetype(str(path), _DRAWN)
            drawn = np.stack([_drawn(font, digit) for digit in range(1, 10)])
        except OSError:
            continue
        # Fonts without digits draw nothing, or the same box for each.
        if drawn.any((1, 2)).all() and not (drawn[1:] == drawn[0]).all((1, 2)).any():
            found.append(drawn)
    if not found:
        raise PuzzleError("none of these fonts has digits")
    return np.stack(found)


def _drawn(font: ImageFont.FreeTypeFont, digit: int) -> np.ndarray:
    picture = Image.new("L", (2 * _DRAWN, 2 * _DRAWN))
    ImageDraw.Draw(picture).text((_DRAWN, _DRAWN), str(digit), fill=255, font=font, anchor="mm")
    return np.asarray(picture)


def sample(digits_FDYX: np.ndarray, count: int, rng: np.random.Generator):
    """`count` glyphs as features (count, F), as the reader cuts them out of cells, and digits."""
    features: list[np.ndarray] = []
    labels: list[int] = []
    while len(features) < count:
        font, digit = rng.integers(len(digits_FDYX)), int(rng.integers(9))
        ink = glyph_in(_cell(digits_FDYX[font, digit], rng)).ink
        if ink is not None:
            features.append(normalised(ink))
            labels.append(digit)
    return np.stack(features), np.array(labels)


def _cell(digit_YX: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A digit in a cell: placed, turned, sheared; then small, blurred, noisy, as it comes."""
    side = CELL - 2 * (CELL // 10)
    scale = rng.uniform(0.42, 0.74) * CELL / _DRAWN
    angle = np.radians(rng.normal(0, 4))
    shear = rng.normal(0, 0.08)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * turn @ np.array([[rng.uniform(0.85, 1.15), shear], [0, 1]])
    middle = np.array([side / 2, side / 2]) + rng.normal(0, 2, 2)
    transform = np.c_[linear, middle - linear @ np.array([_DRAWN, _DRAWN])]
    cell = cv2.warpAffine(digit_YX, transform, (side, side), flags=cv2.INTER_AREA)
    if rng.random() < 0.7:  # as few pixels as a small picture gives
        small = int(side * rng.uniform(0.35, 1.0))
        cell = cv2.resize(cell, (small, small), interpolation=cv2.INTER_AREA)
        cell = cv2.resize(cell, (side, side), interpolation=cv2.INTER_LINEAR)
    cell = cell.astype(np.float32) * rng.uniform(0.3, 0.9)
    if rng.random() < 0.7:
        cell = cv2.GaussianBlur(cell, (0, 0), rng.uniform(0.3, 2.2))
    return (cell + rng.normal(0, rng.uniform(0, 7), cell.shape)).clip(0, 255).astype(np.uint8)


def train(digits_FDYX: np.ndarray, count: int, epochs: int, seed: int) -> dict[str, np.ndarray]:
    """The weights that `readers.digits` reads, in fp16."""
    rng = np.random.default_rng(seed)
    features, labels = sample(digits_FDYX, count, rng)
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(FEATURES, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, 9))
    x, y = torch.from_numpy(features), torch.from_numpy(labels)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    updates = max(1, epochs * (count // 256))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, updates)
    for _ in range(updates):
        batch = torch.randint(count, (256,))
        loss = F.cross_entropy(network(x[batch]), y[batch], label_smoothing=0.02)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    arrays = {}
    for i, layer in enumerate(layers):
        arrays[f"weight_{i}"] = layer.weight.detach().numpy().astype(np.float16)
        arrays[f"bias_{i}"] = layer.bias.detach().numpy().astype(np.float16)
    return arrays
