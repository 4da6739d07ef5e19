"""The one font of all papers and drawings: it comes in a wheel, so that every machine prints the same letters."""

from functools import cache
from pathlib import Path

import noto_cjk_sans_otc  # type: ignore[import-untyped]

FONT = Path(noto_cjk_sans_otc.__file__).parent / "NotoSansCJK-Regular.ttc"
FAMILY = "Noto Sans CJK SC"
FACE = 2  # of the ten in the file: the letter forms of mainland China
STAND_IN = "〓"  # what Chinese printers set where a letter is not in the case


@cache
def letters() -> frozenset[int]:
    """Return the code points that the font draws."""
    from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]

    with FONT.open("rb") as file:
        return frozenset(TTCollection(file, lazy=True).fonts[FACE].getBestCmap())
