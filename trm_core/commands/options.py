"""How a command says what it can be asked: a dataclass, each of whose fields is an argument; the string under a field is
its help."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cyclopts import Parameter

HYPHEN = Parameter(allow_leading_hyphen=True)  # of an argument that may be "-": what is piped in
FLAT = Parameter(
    name="*", negative=""
)  # of a dataclass: its fields are the command's own arguments
Stop = Literal["halt", "rules", "steps"]


def is_file(text: str) -> bool:
    """Whether what a person typed is the path of a file."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name
        return False
