"""Solving: from a question to an answer. Settings in, steps out as they come (solver), many solves
at once and each in its turn (engine), one step to numpy (recorder), and the one place that says when
a solve ends and which answer wins (endings). Change how a puzzle is asked here."""
