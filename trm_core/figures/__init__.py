"""Figures: functions that take a trace or a board and return a plotly Figure. They never import
torch, and never compute what a trace doesn't already say."""
