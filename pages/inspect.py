"""Inspect: what a model can't do, and why: a whole set of puzzles, cut into slices, any of them to be watched."""

from pages.inspector import page as inspector

inspector.show()
