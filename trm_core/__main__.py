"""One door: `python -m trm_core solve | read | train | watch | arc | evaluate | models | import | record | lesson | generate |
mix | digits | benchmark`.

Exit status: 0 as asked, 1 a puzzle was not solved, 2 bad input (one sentence on stderr).
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from trm_core.domains import PuzzleError
from trm_core.network.config import ConfigError
from trm_core.weights.card import CheckpointError

COMMANDS = {
    "solve": "solve a puzzle and watch the answer change",
    "read": "say what the app reads from a file",
    "train": "train a recipe; resumes by itself",
    "watch": "train small models and record how they learn",
    "arc": "learn tasks of ARC from their own pairs",
    "evaluate": "measure a checkpoint on a set of puzzles",
    "models": "say what the bundled checkpoints are and solve",
    "import": "convert a published PyTorch checkpoint",
    "record": "record a solve as a trace file",
    "lesson": "make the recordings and measurements of the lesson anew",
    "generate": "make fresh puzzles as CSV",
    "digits": "train the network that reads digits in pictures",
    "mix": "blend puzzles into training and test sets",
    "benchmark": "measure speed and sizes as ratios in one run",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    listed = "\n".join(f"  {name:<10} {text}" for name, text in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m trm_core",
        description="A Tiny Recursive Model: solve, train, measure.",
        epilog=f"commands:\n{listed}\n\n`python -m trm_core COMMAND --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    chosen = parser.parse_args(arguments[:1]).command
    # Only the chosen command is imported, so that none pays for another's packages.
    module = importlib.import_module(f"trm_core.commands.{chosen}_command")
    own = argparse.ArgumentParser(
        prog=f"python -m trm_core {chosen}", description=COMMANDS[chosen].capitalize() + "."
    )
    module.add_arguments(own)
    try:
        return module.run(own.parse_args(arguments[1:]))
    except (PuzzleError, CheckpointError, ConfigError) as error:
        print(f"{error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
