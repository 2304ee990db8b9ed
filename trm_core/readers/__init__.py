"""Readers: what people have in hand, to the cells of a board. They know numpy,
Pillow and OpenCV only."""
