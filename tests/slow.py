"""A ledger whose search goes on for half a minute: compounds in rows, in pieces too far apart to be linked."""

import json
from pathlib import Path

import numpy as np

BLOCK_M = 90.0
JITTER_M = 25.0
APART_M = 5_000.0
ROW = 25


def places(units: int, pieces: int) -> list[tuple[str, int, float, float]]:
    """Return id, dwellings, and metres east and north, `units` in each piece."""
    rng = np.random.default_rng(7)
    dwellings = np.clip(45 * np.exp(0.75 * rng.standard_normal((pieces, units))), 10, 400).astype(int)
    shifts = rng.uniform(-JITTER_M, JITTER_M, (pieces, units, 2))
    return [
        (
            f"{p}{k:04d}",
            int(dwellings[p, k]),
            p * APART_M + k % ROW * BLOCK_M + float(shifts[p, k, 0]),
            k // ROW * BLOCK_M + float(shifts[p, k, 1]),
        )
        for p in range(pieces)
        for k in range(units)
    ]


def write_csv(path: Path, *, units: int, pieces: int) -> Path:
    """Write a ledger in metres (EPSG:4544)."""
    rows = [f"{i},{n},{500_000 + x:.1f},{3_250_000 + y:.1f}" for i, n, x, y in places(units, pieces)]
    path.write_text("\n".join(["编号,户数,东坐标,北坐标", *rows]) + "\n", encoding="utf-8")
    return path


def geojson(*, units: int) -> bytes:
    """Return a layer of points that says where it lies: nobody is asked anything about it."""
    features = [
        {
            "type": "Feature",
            "properties": {"小区名称": i, "户数": n},
            "geometry": {"type": "Point", "coordinates": [106.0 + x / 96_500, 29.35 + y / 110_900]},
        }
        for i, n, x, y in places(units, 1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()
