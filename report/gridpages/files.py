"""What the files of a grid are called: letters and digits that every phone, disk and address takes, the same at every run."""

import hashlib
import re
from collections.abc import Iterable

from geo.personal import holds_personal

_PLAIN = re.compile(r"[a-z0-9]+")
LEAST = 8  # digits of the hash; two grids that share them get more
INDEX = "index.html"
# What a run writes, and nothing else may lie in its folder.
OURS = re.compile(r"index\.html|grid-[a-z0-9-]+\.(html|png|pdf)")


def file_names(grids: Iterable[str]) -> dict[str, str]:
    """Return the name, without its ending, for each grid.

    It is made of the grid's own name alone, so that a printed QR code still leads there when other grids come or go;
    what of the name is plain stays readable.
    """
    names = sorted(set(grids))
    digests = {name: hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest() for name in names}
    length = LEAST
    while len({digest[:length] for digest in digests.values()}) < len(names):
        length += 1
    return {name: "-".join(["grid", *_plain(name), digests[name][:length]]) for name in names}


def _plain(name: str) -> list[str]:
    if holds_personal(name):
        return []
    readable = "-".join(_PLAIN.findall(name.lower()))[:24].strip("-")
    return [readable] if readable else []
