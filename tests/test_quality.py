"""What tools say of the code: lint, format and types are part of the suite, so that nothing weaker can pass."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "words",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["lint", "format", "types"],
)
def test_the_tools_have_nothing_to_say(words):
    said = subprocess.run(
        [sys.executable, "-m", *words], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
