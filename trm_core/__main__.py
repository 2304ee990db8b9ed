"""One door: `python -m trm_core solve | read | page | train | watch | arc | evaluate | rescue | models | import | record | lesson |
generate | mix | digits | benchmark`.

Exit status: 0 as asked, 1 a puzzle was not solved, 2 bad input (one sentence on stderr), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from trm_core.domains import PuzzleError
from trm_core.network.config import ConfigError
from trm_core.weights.card import CheckpointError

COMMANDS = {
    "solve": "solve a puzzle and watch the answer change",
    "read": "say what the app reads from a file",
    "page": "write a page that solves puzzles by itself, in any browser",
    "train": "train a recipe; resumes by itself",
    "watch": "train small models and record how they learn",
    "arc": "learn tasks of ARC from their own pairs",
    "evaluate": "measure a checkpoint on a set of puzzles",
    "rescue": "try what brings puzzles back that a model failed",
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
    words = list(sys.argv[1:] if arguments is None else arguments)
    program = "python -m trm_core"
    if not words or words[0] in ("-h", "--help"):
        listed = "\n".join(f"  {name:<10} {text}" for name, text in COMMANDS.items())
        print(f"{__doc__}\n{listed}\n\n`{program} COMMAND --help` says more.")
        return 0 if words else 2
    name = words[0]
    if name not in COMMANDS:
        print(f"there is no command {name}; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    # Only the chosen command is imported, so that none pays for another's packages.
    module = importlib.import_module(f"trm_core.commands.{name}_command")
    app = App(
        name=f"{program} {name}",
        help=f"{COMMANDS[name][0].upper()}{COMMANDS[name][1:]}.",
        version_flags=(),
        help_on_error=False,
        suppress_keyboard_interrupt=False,  # it is told below
        result_action="return_value",
    )
    app.default(module.run)
    try:
        return app(words[1:], exit_on_error=False, print_error=False) or 0
    except (PuzzleError, CheckpointError, ConfigError, CycloptsError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read it has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


if __name__ == "__main__":
    sys.exit(main())
