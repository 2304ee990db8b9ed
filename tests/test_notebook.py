"""The notebook in docs runs from its first cell to its last."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_notebook_runs_and_its_experiment_shows_something(capsys):
    notebook = json.loads((ROOT / "docs" / "experiment.ipynb").read_text())
    known: dict = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "experiment.ipynb", "exec"), known)
    printed = capsys.readouterr().out
    assert "True (6, 37, 128)" in printed and "('louder',)" in printed
    assert known["whole"][-1] > 0.9 and len(known["figure"].data) == 5
    assert known["taken"]["question hidden"][-1] < known["whole"][-1]
    assert known["trace"]._repr_html_()
