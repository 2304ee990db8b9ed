"""Sudokus of any size: the rules, the exact search that checks and rates them, and the maker."""
