"""The sample street as a request, the way its street office delivered it."""

from pathlib import Path

from jobs.request import FileLayer, Request


def sample_request(folder: Path) -> Request:
    """Return the request that plans the sample street in `folder` (data/sample)."""
    return Request(FileLayer(folder / "ledger.xlsx"))
