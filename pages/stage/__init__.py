"""Stage: what every page stands on: its frame, its state, one board at one place, the player and the painter, its address, and
work behind it. A room for a page stands on this one and on `models`, and on no other room."""

# Whole, before the first figure: plotly takes what it finds of it, also while another visitor's page is loading it.
import pandas as pandas
