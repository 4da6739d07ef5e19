"""The sample street as a request, the way its street office delivered it."""

from pathlib import Path

from jobs.request import FileLayer, Request

BARRIER_LAYERS = ("streets", "water", "railway", "retaining_walls", "walls", "gates", "bridges")
LANDMARK_LAYERS = ("landmarks", "facilities")
DUTY_LAYERS = ("police", "street", "companies")


def sample_request(folder: Path) -> Request:
    """Return the request that plans the sample street in `folder` (data/sample)."""
    return Request(
        FileLayer(folder / "ledger.xlsx"),
        outlines=FileLayer(folder / "outlines.zip"),
        buildings=FileLayer(folder / "buildings.geojson"),
        barriers=tuple(FileLayer(folder / "base.gpkg", layer) for layer in BARRIER_LAYERS),
        committees=FileLayer(folder / "committees.geojson"),
        grids=FileLayer(folder / "grids.geojson"),
        duties=tuple(FileLayer(folder / "duties.gpkg", layer) for layer in DUTY_LAYERS),
        landmarks=tuple(FileLayer(folder / "base.gpkg", layer) for layer in LANDMARK_LAYERS),
        links=folder / "links.csv",
        scope=folder / "scope.csv",
    )
