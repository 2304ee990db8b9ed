"""Printed digits: a small network, trained on the digits of many typefaces, says which it is.

Its weights (`digits.npz`) are made by `python -m trm_core digits FOLDER_OF_FONTS`.
"""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np

WEIGHTS = Path(__file__).with_name("digits.npz")
HEIGHT, WIDTH = 24, 20  # of a normalised glyph, pixels
FEATURES = HEIGHT * WIDTH


def normalised(ink_YX: np.ndarray) -> np.ndarray:
    """A glyph (any size, ink > 0) as features in 0..1: cropped, as tall as `HEIGHT`, centred."""
    rows, cols = np.flatnonzero(ink_YX.any(1)), np.flatnonzero(ink_YX.any(0))
    canvas = np.zeros((HEIGHT, WIDTH), np.float32)
    if not len(rows):
        return canvas.reshape(-1)
    glyph = ink_YX[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].astype(np.float32)
    width = int(np.clip(round(glyph.shape[1] * HEIGHT / glyph.shape[0]), 3, WIDTH))
    small = cv2.resize(glyph / glyph.max(), (width, HEIGHT), interpolation=cv2.INTER_AREA)
    left = (WIDTH - width) // 2
    canvas[:, left : left + width] = small
    return cv2.GaussianBlur(canvas, (0, 0), 0.6).reshape(-1)


def recognise(glyphs: list[np.ndarray], largest: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """The digit of each glyph, 1 to `largest`, and its probability."""
    if not glyphs:
        return np.zeros(0, np.uint8), np.zeros(0)
    weights = _weights()
    h_GF = np.stack([normalised(glyph) for glyph in glyphs])
    for layer in range(len(weights) // 2):
        if layer:
            h_GF = np.maximum(h_GF, 0)
        h_GF = h_GF @ weights[f"weight_{layer}"].T + weights[f"bias_{layer}"]
    logits_GD = h_GF[:, :largest]
    p_GD = np.exp(logits_GD - logits_GD.max(1, keepdims=True))
    p_GD /= p_GD.sum(1, keepdims=True)
    return (p_GD.argmax(1) + 1).astype(np.uint8), p_GD.max(1)


@functools.cache
def _weights() -> dict[str, np.ndarray]:
    with np.load(WEIGHTS) as file:
        return {name: file[name].astype(np.float32) for name in file.files}
