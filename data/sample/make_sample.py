"""Draw the sample street office and write its files: python data/sample/make_sample.py [FOLDER]."""

import sys
import tomllib
from pathlib import Path

import numpy as np
from delivery import deliver
from town import build_town

HERE = Path(__file__).parent
SEED = 67  # 永川府办发〔2020〕67号


def main(folder: Path) -> None:
    """Write the sample into `folder`."""
    plan = tomllib.loads((HERE / "town.toml").read_text(encoding="utf-8"))
    faults = tomllib.loads((HERE / "faults.toml").read_text(encoding="utf-8"))
    town = build_town(plan, np.random.default_rng(SEED))
    folder.mkdir(parents=True, exist_ok=True)
    deliver(town, faults, tuple(plan["origin"]), folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
