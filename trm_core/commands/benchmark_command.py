"""`python -m trm_core benchmark`: ratios measured in one run."""

from __future__ import annotations

import argparse
import json

from trm_core.device import threads_for
from trm_core.measuring.benchmark import PARTS, PUBLISHED, benchmark


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threads",
        type=int,
        default=threads_for(PUBLISHED),
        help="CPU threads (default: as solved)",
    )
    parser.add_argument("--repeats", type=int, default=7, help="rounds a median is taken over")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=(), help="measure these parts")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    result = benchmark(options.threads, options.repeats, options.only)
    print(json.dumps(result.as_dict()) if options.json else result)
    return 0
