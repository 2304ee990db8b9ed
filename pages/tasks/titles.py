"""What the tasks that we speak of are about, in our words; they have no names of their own."""

from __future__ import annotations

from trm_core.domains import Task

# What the tasks of the gallery are about, in our words; they have none of their own.
TITLES = {
    "66e6c45b": "Corners fly out",
    "6f8cd79b": "Draw a frame",
    "3618c87e": "Blue falls down",
    "23581191": "Lines that cross",
    "b6afb2da": "Dress the blocks",
    "67385a82": "Only larger shapes",
    "bb43febb": "Red inside",
    "c8f0f002": "Orange turns grey",
    "b1948b0a": "Magenta turns red",
    "a699fb00": "Red between blues",
    "aabf363d": "Corner colour",
    "4258a5f9": "Blue around grey",
    "3aa6fb7a": "Fill the square",
    "d511f180": "Change places",
    "4347f46a": "Hollow out",
    "50cb2852": "Azure inside",
    "913fb3ed": "A frame each",
    "dc1df850": "Blue around red",
    "25d8a9c8": "Even rows",
    "ce22a75a": "A block for a dot",
    "e9afcf9a": "Weave two colours",
    "d037b0a7": "Colours run down",
    "25ff71a9": "One step down",
    "a79310a0": "Down, and red",
    "05269061": "Diagonals go on",
    "1bfc4729": "Two frames",
    "5582e5ca": "Most wins",
    "6150a2bd": "Half a turn",
    "67a423a3": "Ring the crossing",
    "794b24be": "Count at the top",
    "a9f96cdd": "Four neighbours",
    "aedd82e4": "Lone ones turn blue",
    "b60334d2": "Flowers",
    "99b1bc43": "One of two",
    "ce4f8723": "One or both",
    "94f9d214": "Neither of two",
    "0520fde7": "Both at once",
    "dae9d2b5": "Left or right",
    "1b2d62fb": "Blank on both sides",
    "6430c8c4": "Green in the gaps",
    "fafffa47": "Red in the gaps",
    "f2829549": "Gaps side by side",
    "a740d043": "Cut it out",
    "b94a9452": "Cut out, swapped",
    "445eab21": "The larger frame",
}


def title(task: Task) -> str:
    """What a task is called before anybody has looked at it: a name in words would tell the rule."""
    return f"Task {task.name}" if task.name else "Your own task"


def about(task: Task) -> str:
    """What it is about, for whoever has seen its answer; empty where we never said."""
    words = TITLES.get(task.name)
    return f"We call it \u201c{words}\u201d." if words else ""
