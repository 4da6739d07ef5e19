"""Sentences of the screen as a paper prints them: with the wide marks of Chinese, and no blanks around figures."""

import re
from collections.abc import Iterable

from geo.wording import language

_CHINESE = "\u3007\u4e00-\u9fff\u3001-\u3003\u3008-\u3011\uff01-\uff5e“”‘’—"
_WIDE = str.maketrans({",": "，", ":": "：", ";": "；", "!": "！", "?": "？"})
_NARROW = re.compile(r"[,:;!?() ]")
_MARK = re.compile(rf"(?<=[{_CHINESE}])\s*[,:;!?]\s*|\s*[,:;!?]\s*(?=[{_CHINESE}])|(?<=\))\s*[,:;]")
_PAIR = re.compile(rf"\((?=[^()]*[{_CHINESE}])([^()]*)\)|(?<=[{_CHINESE}])\(([^()]*)\)")
_BLANK = re.compile(
    rf"(?<=[。；，：]) +|(?<=[{_CHINESE}]) +(?=[0-9A-Za-z])|(?<=[0-9A-Za-z%]) +(?=[{_CHINESE}])"
)


def widened(text: str, names: Iterable[str] = ()) -> str:
    """Return a sentence with wide marks where they stand beside Chinese; every one of `names` in it stays as it is.

    A paper in another language has the marks of that language, also beside a Chinese name.
    """
    if language() != "zh":
        return text
    kept = sorted({name for name in names if _NARROW.search(name)}, key=len, reverse=True)
    if not kept:
        return _widened(text)
    parts = re.split(f"({'|'.join(map(re.escape, kept))})", text)
    return "".join(part if n % 2 else _widened(part) for n, part in enumerate(parts))


def _widened(text: str) -> str:
    paired = _PAIR.sub(lambda found: f"（{found[1] or found[2] or ''}）", text)
    marked = _MARK.sub(lambda found: found[0].strip().translate(_WIDE), paired)
    return _BLANK.sub("", marked)
