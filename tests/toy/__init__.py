"""A puzzle added as README says: one file (`latin`), one line in the table, one page, one route.

It is no part of the app. The contract, figure and page tests run on it as on every other puzzle, so that
the way to add one stays as short as it is told.
"""
