"""The lesson's words, each with what it means and, where there is one, its sign on the board."""

# The word, what it means, and the class of its sign (`pages/stage/page.css`) with what stands in it.
WORDS: tuple[tuple[str, str, str, str], ...] = (
    (
        "question x",
        "What is given: the bold digits. It is read again at every call that thinks.",
        "given",
        "5",
    ),
    (
        "answer y",
        "Some numbers for every cell, from which a digit is read: stronger blue, surer. Only the call that writes changes it.",
        "guess",
        "5",
    ),
    (
        "scratchpad z",
        "As many numbers again, never shown as digits: what the network has worked out so far. Also called the latent.",
        "moved",
        "",
    ),
    ("network call", "One use of the small network, with the same numbers every time.", "", ""),
    ("cycle", "n calls that think and one that writes.", "", ""),
    (
        "supervision step",
        "T cycles. In training, the answer is compared with the solution once, at the end of the step.",
        "",
        "",
    ),
    ("changed", "A cell whose digit is another one than a moment before.", "changed", ""),
    (
        "halting head",
        "One number more, read off y: how likely it is that every cell is right.",
        "",
        "",
    ),
    (
        "residual",
        "How far the scratchpad moved in one call that thinks, as a share of its length; 0 is at rest.",
        "",
        "",
    ),
    (
        "deep supervision",
        "Learning from the answer of every step, not only of the last one.",
        "",
        "",
    ),
    (
        "breaks a rule",
        "A row, column or box with a digit twice. The model is never told.",
        "broken",
        "5",
    ),
    (
        "minimal",
        "A puzzle that has several solutions as soon as any given digit is taken away.",
        "",
        "",
    ),
    ("mixed", "Minimal puzzles with up to twelve digits given more.", "", ""),
    (
        "fresh",
        "Made for the measurement, apart from the training puzzles. (Of 4 × 4 there are so few kinds that it has met nearly all.)",
        "",
        "",
    ),
    (
        "Extreme",
        "Puzzles among the hardest there are; plain logic does not get through them.",
        "",
        "",
    ),
    ("intervention", "A change of y or z from outside, while the model thinks.", "", ""),
    (
        "pencil marks",
        "The digits still possible in a cell, where y is made of them.",
        "marks",
        "¹²³",
    ),
    (
        "contradiction",
        "A cell without candidates, or a board the model takes for one: all is taken back.",
        "dead",
        "",
    ),
)
