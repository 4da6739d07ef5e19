"""Names in the order in which people count: 第二网格 before 第三网格 before 第十一网格, 2栋 before 10栋."""

import re
import unicodedata

_NUMBER = re.compile("([0-9]{1,18}|[一二三四五六七八九十]+)")
_DIGITS = "零一二三四五六七八九"


def counted(name: str) -> tuple[tuple[int, str], ...]:
    """Return a key to sort names by; numbers within them count as numbers, in figures or in Chinese up to 99."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return tuple((_value(part), "") if n % 2 else (-1, part) for n, part in enumerate(_NUMBER.split(plain)))


def _value(number: str) -> int:
    if number.isascii():
        return int(number)
    tens, ten, ones = number.partition("十")
    if not ten:
        return int("".join(str(_DIGITS.index(sign)) for sign in number))
    return 10 * (_DIGITS.find(tens) if tens else 1) + (_DIGITS.find(ones) if ones else 0)
