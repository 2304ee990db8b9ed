"""Commands: those of `python -m trm_core`, one file each, with `add_arguments` and `run`. They read what
a person typed, call one room, and print. Whatever a command computes itself belongs elsewhere."""
