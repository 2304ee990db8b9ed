"""The house rules that a reader relies on, held by reading the syntax trees."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    ROOT / "streamlit_app.py",
    *sorted((ROOT / "trm_core").rglob("*.py")),
    *sorted((ROOT / "pages").rglob("*.py")),
]

# What each part may not import, anywhere in its files.
FORBIDDEN = {
    "trm_core": {"streamlit", "pages"},
    "trm_core/domains": {
        "torch",
        "plotly",
        "trm_core.network.model",
        "trm_core.figures",
        "trm_core.record.trace",
    },
    "trm_core/readers": {"torch", "plotly", "trm_core.domains", "trm_core.network.model"},
    "trm_core/figures": {
        "torch",
        "trm_core.network.model",
        "trm_core.solving.solver",
        "trm_core.weights.checkpoint",
    },
    "trm_core/trace.py": {"torch", "plotly", "trm_core.network.model", "trm_core.solving.solver"},
    "trm_core/verdict.py": {"torch", "plotly"},
    "trm_core/config.py": {"torch", "numpy", "trm_core"},
    "trm_core/layers.py": {"trm_core.network.model", "trm_core.network.slots"},
    "trm_core/model.py": {
        "trm_core.network.slots",
        "trm_core.record.trace",
        "trm_core.domains",
        "numpy",
    },
    "pages": {"torch", "plotly"},
    "streamlit_app.py": {"torch", "plotly", "trm_core"},
}


def imported(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    relative = path.relative_to(ROOT).as_posix()
    for part, forbidden in FORBIDDEN.items():
        if relative == part or relative.startswith(part + "/"):
            for name in imported(path):
                for bad in forbidden:
                    assert name != bad and not name.startswith(bad + "."), f"imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text())), "no docstring"


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_every_page_is_short_and_in_the_route_table(path):
    assert len(path.read_text().splitlines()) <= 140
    assert f"pages/{path.name}" in (ROOT / "streamlit_app.py").read_text()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_name_says_nothing(path):
    assert path.stem not in {"utils", "helpers", "common", "manager", "misc"}
