"""The house of CONTRIBUTING.md: who may import whom, and where each heavy library lives."""

import ast
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent

# room → what of ours it may import, besides itself
MAY_IMPORT = {
    "geo": set(),
    "optimizer": {"geo.schema"},
    "store": {"optimizer", "geo"},
    "report": {"optimizer", "geo"},
    "jobs": {"store", "report", "optimizer", "geo"},
    "ui": {"jobs", "store", "report", "optimizer", "geo"},
    "app": {"ui"},
    "run": set(),
}

# library → the rooms it may live in; a library of this list found elsewhere is a breach
HOME = {
    "ortools": {"optimizer"},
    "numba": {"optimizer"},
    "shapely": {"geo", "report"},
    "pyogrio": {"geo", "report"},
    "python_calamine": {"geo", "report"},
    "openpyxl": set(),
    "sqlalchemy": {"store"},
    "folium": {"report"},
    "branca": {"report"},
    "xlsxwriter": {"report"},
    "xstatic": {"report"},
    "typst": {"report"},
    "docx": {"report"},
    "matplotlib": {"report"},
    "fontTools": {"report"},
    "segno": {"report"},
    "distributed": {"jobs"},
    "typer": {"jobs"},
    "rich": {"jobs"},
    "streamlit": {"ui", "app"},
    "streamlit_folium": set(),  # benchmarks only
}

FORBIDDEN_NAMES = {"utils", "common", "helpers", "core", "manager", "region", "zone"}

NOT_ROOMS = {"tests", "benchmarks", "data", "docs"}


def modules() -> list[Path]:
    """Every Python file of the product, tests, benchmarks and data scripts aside."""
    found = list(HERE.glob("*.py"))
    for folder in HERE.iterdir():
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in NOT_ROOMS:
            found += folder.rglob("*.py")
    return sorted(p for p in found if ".venv" not in p.parts)


def room_of(path: Path) -> str:
    return path.relative_to(HERE).parts[0].removesuffix(".py")


def imports_of(source: str) -> list[str]:
    """Full dotted names of all that is imported anywhere in the source, also inside functions."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def breaches(room: str, source: str) -> list[str]:
    """What of a source's imports its room may not have."""
    found = []
    for name in imports_of(source):
        top = name.split(".")[0]
        if top in MAY_IMPORT:
            allowed = {room, *MAY_IMPORT[room]}
            if not any(name == a or name.startswith(f"{a}.") for a in allowed):
                found.append(f"{room} imports {name}")
        if top in HOME and room not in HOME[top]:
            found.append(f"{top} lives in {sorted(HOME[top])}, not in {room}")
        if room == "run" and top not in sys.stdlib_module_names:
            found.append(f"run.py imports {name}, which a bare Python does not have")
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(HERE)))
def test_a_module_imports_only_what_its_room_may(path: Path):
    room = room_of(path)
    assert room in MAY_IMPORT, f"{room} has no rule in MAY_IMPORT"
    assert breaches(room, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(HERE)))
def test_no_module_has_a_name_that_says_nothing(path: Path):
    assert not FORBIDDEN_NAMES & set(path.relative_to(HERE).with_suffix("").parts)


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("geo", "from optimizer.plan import Plan"),
        ("optimizer", "from geo.cleaning import clean"),
        ("optimizer", "def f():\n    import shapely"),
        ("report", "import streamlit"),
        ("report", "from jobs import district"),
        ("run", "import numpy"),
    ],
)
def test_a_breach_is_seen(room: str, line: str):
    assert breaches(room, line)
