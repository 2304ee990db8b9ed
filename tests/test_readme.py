"""What README and the page of checkpoints say, held to the code, the cards and the table of published figures."""

import re
from pathlib import Path

from trm_core.commands.models_command import models_page
from trm_core.record.published import PUBLISHED
from trm_core.weights.card import bundled, read_card, small

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_the_python_section_runs_as_it_stands(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].endswith(" True")  # solved
    assert 0.9 < float(printed[-4]) <= 1  # exact of 50


def test_every_share_in_the_readme_stands_in_a_card_or_in_the_table_of_published_ones():
    section = README.split("## How good the bundled models are")[1].split("## ")[0]
    said = set(re.findall(r"(\d+(?:\.\d)?) %", section))
    shares = [
        100 * share
        for path in bundled().values()
        for result in read_card(path).results
        for share in result["exact"].values()
    ]
    known = {f"{share:.0f}" for share in shares} | {f"{share:.1f}" for share in shares}
    assert len(said) > 5
    assert said <= known | {f"{figure.percent:.1f}" for figure in PUBLISHED}


def test_the_page_of_checkpoints_is_made_from_their_cards():
    assert (ROOT / "checkpoints" / "README.md").read_text() == models_page()


def test_published_figures_are_typed_in_one_place():
    """Everybody else asks the table."""
    figures = {f"{f.percent:.1f}" for f in PUBLISHED if f.percent not in (0.0, 0.7, 1.3, 3.0, 5.0)}
    for path in [*(ROOT / "pages").rglob("*.py"), *(ROOT / "trm_core").rglob("*.py")]:
        if path.name != "published.py":
            found = set(re.findall(r"(?<![\d.])(\d\d?\.\d) ?%", path.read_text())) & figures
            assert not found, f"{path.name} types {found}"


def test_hosting_installs_what_the_requirements_pin():
    (pin,) = re.findall(r"^torch==[\d.]+$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    for name in ("Dockerfile", "docs/hosting.md"):
        assert f"{pin} --index-url" in (ROOT / name).read_text()
    copied = set(re.findall(r"^COPY (.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    for name in " ".join(copied).split():
        assert (ROOT / name).exists()
        assert f"!{name}" in (ROOT / ".dockerignore").read_text().splitlines()


def _shares_of_cards() -> set[str]:
    """Every share on a card, at any of its steps, as it might be written."""
    shares = [
        100 * share
        for path in (bundled() | small()).values()
        for result in read_card(path).results
        for share in (*result["exact"].values(), result.get("solved") or 0.0)
    ]
    return {f"{share:.0f}" for share in shares} | {f"{share:.1f}" for share in shares}


def test_shares_in_what_is_new_stand_on_a_card_or_were_so_before():
    """Of the changes that are not released yet: what was so before says so."""
    changes = (ROOT / "CHANGELOG.md").read_text().split("\n## ")[1]
    changes = re.sub(r"\((?:before:|[\d.]+ % before|instead of)[^)]*\)", "", changes)
    said = set(re.findall(r"(\d+(?:\.\d)?) %", changes))
    known = _shares_of_cards() | {f"{figure.percent:.1f}" for figure in PUBLISHED}
    assert said <= known, said - known


def test_pages_compute_the_shares_they_tell():
    """A share is read from a card, a set or a run; typed are only a threshold, an interval's level and how mazes are made."""
    for path in (ROOT / "pages").rglob("*.py"):
        typed = set(re.findall(r"(?<![\w{:.])(\d+(?:\.\d+)?) ?%", path.read_text()))
        assert typed <= {"50", "95"}, f"{path.name}: {typed}"
