"""Inspector: a whole set of puzzles: which are solved, in which slices, and what would bring the others back."""
