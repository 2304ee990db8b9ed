"""Puzzle: the page of a puzzle, the same for every kind: the question, the solve, all tries, what to keep, and the show."""
