"""The lesson's words, each with what it means and, where there is one, its sign on the board."""

# The word, what it means, and the class of its sign (`assets/page.css`) with what stands in it.
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
        "As many numbers again, that nobody reads: what the network has worked out so far. Also called the latent.",
        "moved",
        "",
    ),
    ("network call", "One use of the small network, with the same numbers every time.", "", ""),
    ("cycle", "n calls that think and one that writes.", "", ""),
    (
        "supervision step",
        "T cycles. In training, the answer is compared with the solution after each of them.",
        "",
        "",
    ),
    ("changed", "A cell whose digit is another one than a moment before.", "changed", ""),
    ("halting head", "The part that says how likely it is that every cell is right.", "", ""),
    (
        "residual",
        "How far the scratchpad moved in one refinement, as a share of its length; 0 is at rest.",
        "",
        "",
    ),
    (
        "deep supervision",
        "Learning from the answer of every step, not only of the last one.",
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
