"""Readers: what people have in hand, to the cells of a board. They know numpy and Pillow only."""
