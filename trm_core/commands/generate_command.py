"""`python -m trm_core generate DOMAIN`: fresh puzzles as CSV, each with exactly one solution."""

from __future__ import annotations

import argparse
import csv
import sys

from trm_core.domains import DOMAINS, PuzzleError, domain, visitor_rng


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("domain", help=f"one of {', '.join(DOMAINS)}")
    parser.add_argument("--difficulty", default="mixed", help="as the page calls them, or minimal")
    parser.add_argument("--count", type=int, default=10, help="how many (default: 10)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--csv", help="file to write (default: the terminal)")


def run(options: argparse.Namespace) -> int:
    chosen = domain(options.domain)
    if options.count < 1:
        raise PuzzleError("--count must be at least 1")
    puzzles = chosen.generate_many(visitor_rng(options.seed), options.difficulty, options.count)
    rows = [(chosen.format(p.question_RC), chosen.format(p.solution_RC), p.rating) for p in puzzles]
    if options.csv is None:
        _write(sys.stdout, rows)
    else:
        with open(options.csv, "w", newline="") as file:
            _write(file, rows)
        print(f"wrote {options.csv}: {len(rows)} puzzles")
    return 0


def _write(file, rows: list[tuple[str, str, int | None]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("question", "answer", "rating"))
    writer.writerows(rows)
