"""Readers: whatever people have, to a board: files (upload, puzzle_file) and pictures (picture,
digits, maze_picture). They know the puzzles, never the other way round. A new kind of file is read
here; what can't be read gets one sentence."""
