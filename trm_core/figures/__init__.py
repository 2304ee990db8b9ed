"""Figures: functions that take a trace, a board or outcomes and return a plotly Figure, an SVG or a
file's bytes. They never import torch, never compute what a record doesn't already say, and ask a
puzzle's Drawing how it is drawn, never what kind it is."""
