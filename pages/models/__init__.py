"""Models: who can be asked: the bundled ones, those of a visitor's own, which of them fits a puzzle, and what is known of each."""
