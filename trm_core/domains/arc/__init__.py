"""The tasks of ARC: grids and pairs, and the rules that bring a question to the size of its answer."""
