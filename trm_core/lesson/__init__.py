"""Lesson: the runs that the lesson shows and what was measured for it (ablations, wounds, basins, halting,
learning); `trials` is data. The scenes themselves, their words and guesses, are the page's."""
