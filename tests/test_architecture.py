"""The house rules that a reader relies on, held by reading the syntax trees."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pages.stage.routes import ROUTES

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    ROOT / "streamlit_app.py",
    *sorted((ROOT / "trm_core").rglob("*.py")),
    *sorted((ROOT / "pages").rglob("*.py")),
]

# The arrows between rooms: what each may import of the project. Nothing else is allowed.
ARROWS = {
    "streamlit_app": {"pages.stage"},
    "trm_core": set(),  # its names are loaded when first used
    "trm_core.__main__": {"domains", "network.config", "weights.card"},
    "network": set(),
    "domains": set(),
    "device": {"network.config"},
    "record": {"domains"},
    "weights": {"network", "domains"},
    "readers": {"domains", "record"},
    "figures": {"domains", "record"},
    "solving": {"device", "network", "domains", "record"},
    "measuring": {"device", "network", "domains", "record", "solving", "weights", "figures"},
    "training": {
        "device",
        "network",
        "domains",
        "record",
        "readers",
        "solving",
        "measuring",
        "weights",
    },
    "lesson": {
        *("domains", "network", "record", "solving", "weights"),
        *("training.data", "training.learner", "training.recipe", "training.watched", "device"),
    },
    "commands": {
        "lesson",
        *("device", "domains", "network", "record", "weights", "readers", "figures"),
        *("solving", "measuring", "training"),
    },
    # Doors: each opens a room, and says what is its own.
    "pages": {
        *("pages.stage", "pages.models", "pages.puzzle", "pages.lesson", "pages.inspector"),
        *("pages.trainer", "pages.tasks", "domains"),
    },
    # No room of a page stands on another one: each on the stage and on the models alone.
    "pages.stage": {
        *("domains", "record", "figures", "readers", "network.config", "weights.card"),
        "solving.settings",
    },
    "pages.models": {
        *("pages.stage", "domains", "record", "figures", "network", "weights"),
        *("solving", "device"),
    },
    "pages.puzzle": {
        *("pages.stage", "pages.models", "domains", "record", "figures", "readers"),
        *("network.config", "weights.card", "solving"),
    },
    "pages.lesson": {
        *("pages.stage", "pages.models", "domains", "record", "figures", "lesson"),
        "training.data",
    },
    "pages.inspector": {
        *("pages.stage", "pages.models", "domains", "record", "figures", "readers"),
        *("network.config", "weights.card", "solving.settings", "measuring"),
    },
    "pages.trainer": {
        *("pages.stage", "pages.models", "domains", "record", "figures", "network", "weights"),
        *("training", "measuring.throughput", "solving.settings"),
    },
    "pages.tasks": {
        *("pages.stage", "pages.models", "domains", "record", "figures", "readers"),
        *("weights.card", "solving.settings", "training"),
    },
}
# Packages that a room may not load, anywhere in its files; `Path("a.py")` names one file of it.
FORBIDDEN = {
    "trm_core": {"streamlit"},
    "trm_core/network/config.py": {"torch", "numpy"},
    "trm_core/domains": {"torch", "plotly", "streamlit"},
    "trm_core/record": {"torch", "plotly"},
    "trm_core/readers": {"torch", "plotly"},
    "trm_core/figures": {"torch"},
    "trm_core/lesson/trials.py": {"torch"},
    "trm_core/weights/card.py": {"torch"},
    "trm_core/solving/settings.py": {"torch", "numpy"},
    "pages": {"torch", "plotly"},
    "streamlit_app.py": {"torch", "plotly"},
}


def module_of(path: Path) -> str:
    """The dotted name of a source file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """All that a file imports, by full name; relative imports are resolved."""
    package = module_of(path) if path.stem == "__init__" else module_of(path).rpartition(".")[0]
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def room_of(module: str) -> str:
    """The room a module of ours lies in: a key of `ARROWS`."""
    parts = module.split(".")
    if parts[0] == "pages":
        room = ".".join(parts[:2])
        return room if room in ARROWS else "pages"
    if parts[0] != "trm_core" or len(parts) == 1:
        return parts[0]
    return module if parts[1] == "__main__" else parts[1]


def within(module: str, place: str) -> bool:
    place = place if place.startswith(("pages", "trm_core")) else f"trm_core.{place}"
    return module == place or module.startswith(place + ".")


def test_imports_point_one_way():
    modules, wrong = {module_of(source) for source in SOURCES}, []
    for path in SOURCES:
        room = room_of(module_of(path))
        own = module_of(path) if room == "pages" else room
        for name in imported(path):
            ours = name if name in modules else name.rpartition(".")[0]
            if ours not in modules or ours in ("trm_core", "pages") or within(ours, own):
                continue
            if not any(within(ours, place) for place in ARROWS[room]):
                wrong.append(f"{module_of(path)} imports {name}")
    assert not wrong


def test_every_arrow_is_one_that_is_used():
    """The list is the picture of the house, so that it holds no arrow that is not there."""
    modules, unused = {module_of(source) for source in SOURCES}, []
    for room, places in ARROWS.items():
        names = set()
        for path in SOURCES:
            if room_of(module_of(path)) == room:
                names |= {n if n in modules else n.rpartition(".")[0] for n in imported(path)}
        unused += [f"{room} -> {p}" for p in places if not any(within(n, p) for n in names)]
    assert not unused


def test_rooms_load_only_the_packages_they_may():
    wrong = []
    for path in SOURCES:
        relative = path.relative_to(ROOT).as_posix()
        for part, forbidden in FORBIDDEN.items():
            if relative == part or relative.startswith(part + "/"):
                names = {name.split(".")[0] for name in imported(path)} & forbidden
                wrong += [f"{relative} imports {name}" for name in names]
    assert not wrong


def test_the_arrows_have_no_circle():
    """Every room can be put above all that it imports."""
    rooms = {
        room: {place if place in ARROWS else place.split(".")[0] for place in places}
        for room, places in ARROWS.items()
    }
    while rooms:
        lowest = [room for room, places in rooms.items() if not places & rooms.keys()]
        assert lowest, f"a circle among {sorted(rooms)}"
        rooms = {room: places for room, places in rooms.items() if room not in lowest}


def test_a_relative_import_is_resolved(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "trm_core" / "figures" / "x.py"
    path.parent.mkdir(parents=True)
    path.write_text("from ..solving import solver\nfrom . import theme\nfrom .board import rings\n")
    found = imported(path)
    assert {"trm_core.solving.solver", "trm_core.figures.theme", "trm_core.figures.board"} <= found


def test_the_first_screen_loads_no_torch():
    """What every page imports before anybody presses Solve."""
    code = (
        "import sys, pages.puzzle.page, trm_core.record.trace, trm_core.figures.solve; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT).returncode == 0


def test_every_module_says_what_it_is_for():
    assert not [p for p in SOURCES if not ast.get_docstring(ast.parse(p.read_text()))]


@pytest.mark.parametrize(
    "room",
    sorted(p.parent for p in (ROOT / "trm_core").glob("*/__init__.py")),
    ids=lambda p: p.name,
)
def test_every_room_says_in_three_lines_what_happens_in_it(room):
    words = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
    assert words.startswith(f"{room.name.capitalize()}: ")
    assert 2 <= len(words.splitlines()) <= 4
    assert room.name in {place.split(".")[0] for place in ARROWS}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_every_page_is_short_and_in_the_route_table(path):
    assert len(path.read_text().splitlines()) <= 150
    assert f"pages/{path.name}" in ROUTES.values()


def test_no_module_name_says_nothing():
    assert not {p.stem for p in SOURCES} & {"utils", "helpers", "common", "manager", "misc"}


def test_session_keys_are_spelled_in_one_place():
    """`st.session_state["..."]` stands in the typed state only."""
    for path in sorted((ROOT / "pages").rglob("*.py")):
        if path.name == "state.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "st.session_state":
                assert not isinstance(node.slice, ast.Constant | ast.JoinedStr), ast.unparse(node)
            keyed = isinstance(node, ast.keyword) and node.arg == "key"
            # What names a place that every page has, is no visitor's state.
            place = keyed and ast.unparse(node.value).strip("'").startswith("stage_")
            literal = isinstance(node.value, ast.Constant) if keyed else False
            assert place or not literal, ast.unparse(node)


def test_nobody_asks_what_kind_a_puzzle_is():
    """Figures, painter and pages ask a puzzle's drawing; only readers and makers know the kinds."""
    for path in [*(ROOT / "trm_core" / "figures").glob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
                kinds = ast.unparse(node.args[1])
                # A page knows which puzzles are its own.
                assert path.parent == ROOT / "pages" or kinds not in ("Maze", "Sudoku"), kinds


def test_the_public_names_are_there():
    """Loaded when first used; modules that had been importable from the package still are."""
    import trm_core

    for name in trm_core.__all__:
        assert getattr(trm_core, name) is not None
    from trm_core import Settings, Solver, card, checkpoint, domain, export  # noqa: F401

    with pytest.raises(AttributeError, match="no attribute 'luck'"):
        _ = trm_core.luck
