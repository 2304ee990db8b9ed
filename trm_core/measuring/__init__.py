"""Measuring: how good and how fast. Every puzzle's outcome on a set and what it comes to (evaluate),
ratios measured in one run (benchmark,
fairness), useful work of a step (throughput). A figure that is shown
anywhere is made by a command that ends here."""
