"""Mazes of any size: cells and text, shortest paths, and the makers of each kind."""
