"""Lesson: scenes with a guess before every answer, and the experiments that a visitor runs in them."""
