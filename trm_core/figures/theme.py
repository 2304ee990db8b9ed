"""Colours and type, the same meaning everywhere, in light and dark.

The meanings come from the Okabe-Ito palette, which colour-blind people can tell apart; no
meaning is carried by colour alone (rings, crosses, outlines, weight of type say it too).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FONT = '"Source Sans", system-ui, sans-serif'


@dataclass(frozen=True)
class Theme:
    ink: str  # givens, text
    soft_ink: str  # secondary text
    line: str  # thick board lines
    thin_line: str
    ground: str  # a cell nothing is known about
    given_ground: str
    solid: str  # a filled cell, such as a wall
    guess: str  # the model's digits
    sure_ground: str  # ground of a cell the model is sure of; unsure cells fade to `ground`
    changed: str
    changed_text: str  # the same meaning, dark enough for words
    wrong: str
    right: str
    halting: str
    latent: str
    cursor: str
    button: str
    page: str  # the ground behind the figure


LIGHT = Theme(
    ink="#1A1C23",
    soft_ink="#5B6270",
    line="#1A1C23",
    thin_line="#C9CDD6",
    ground="#FFFFFF",
    given_ground="#ECEEF2",
    solid="#4B5160",
    guess="#00507C",
    sure_ground="#9CCBEC",
    changed="#E69F00",
    changed_text="#8F5F00",
    wrong="#D55E00",
    right="#007F5F",
    halting="#B3568C",
    latent="#4A7574",
    cursor="#1A1C23",
    button="#F3F4F7",
    page="#FFFFFF",
)
DARK = Theme(
    ink="#F2F4F8",
    soft_ink="#A3ABB9",
    line="#D5DAE3",
    thin_line="#3A404D",
    ground="#12151C",
    given_ground="#2A303C",
    solid="#626B7C",
    guess="#8CCBF2",
    sure_ground="#0B4A73",
    changed="#F0B030",
    changed_text="#F0B030",
    wrong="#F0803C",
    right="#2FC59B",
    halting="#DB8FBA",
    latent="#8FBDBB",
    cursor="#F2F4F8",
    button="#232833",
    page="#12151C",
)


def theme(dark: bool) -> Theme:
    return DARK if dark else LIGHT


def plain_layout(colours: Theme) -> dict[str, Any]:
    """What the layouts of all figures have in common: no ground of their own, our type, no dragging."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "color": colours.ink, "size": 13},
        "hoverlabel": {"font": {"family": FONT, "size": 14}},
        "dragmode": False,
    }
