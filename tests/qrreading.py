"""A reader of QR codes by ISO/IEC 18004, versions 1 to 8, level M, bytes: it shares no code with what makes them."""

from collections.abc import Sequence

Modules = Sequence[Sequence[bool]]  # rows from the top, True is dark

# Of level M by version: codewords for correction in each block, and the data codewords of the blocks.
_BLOCKS = {
    1: (10, [16]),
    2: (16, [28]),
    3: (26, [44]),
    4: (18, [32] * 2),
    5: (24, [43] * 2),
    6: (16, [27] * 4),
    7: (18, [31] * 4),
    8: (22, [38] * 2 + [39] * 2),
}
_ALIGNED = {1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38], 8: [6, 24, 42]}
_MASKS = (
    lambda y, x: (y + x) % 2,
    lambda y, _: y % 2,
    lambda _, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)
_LEVEL_M, _BYTES = 0b00, 0b0100


def text_of(modules: Modules) -> str:
    """Return what a code says; raises ValueError where a single bit of it is wrong: what is printed has no excuse."""
    size = len(modules)
    version = (size - 17) // 4
    level, mask = _format(modules)
    if level != _LEVEL_M:
        raise ValueError(f"level {level}")
    fixed = _fixed(size, version)
    bits = [bool(modules[y][x]) != (_MASKS[mask](y, x) == 0) for y, x in _path(size) if (y, x) not in fixed]
    codewords = [_number(bits[n : n + 8]) for n in range(0, len(bits) - 7, 8)]
    data = [bit for word in _corrected(codewords, version) for bit in _bits(word)]
    if _number(data[:4]) != _BYTES:
        raise ValueError("not bytes")
    long = _number(data[4:12])
    return bytes(_number(data[n : n + 8]) for n in range(12, 12 + 8 * long, 8)).decode()


def _format(modules: Modules) -> tuple[int, int]:
    size = len(modules)
    around = [(8, n) for n in (0, 1, 2, 3, 4, 5, 7, 8)] + [(n, 8) for n in (7, 5, 4, 3, 2, 1, 0)]
    apart = [(n, 8) for n in range(size - 1, size - 8, -1)] + [(8, n) for n in range(size - 8, size)]
    first, second = (_number([modules[y][x] for y, x in places]) for places in (around, apart))
    if first != second:
        raise ValueError("its two copies of the format differ")
    told = first ^ 0b101010000010010
    return told >> 13, told >> 10 & 0b111


def _fixed(size: int, version: int) -> set[tuple[int, int]]:
    """Return the modules that hold no data: finders with their formats, timing, alignment, version."""
    corners = [(range(9), range(9)), (range(9), range(size - 8, size)), (range(size - 8, size), range(9))]
    aligned = [
        (range(y - 2, y + 3), range(x - 2, x + 3))
        for y in _ALIGNED[version]
        for x in _ALIGNED[version]
        if (y, x) not in ((6, 6), (6, size - 7), (size - 7, 6))
    ]
    versions = [(range(6), range(size - 11, size - 8)), (range(size - 11, size - 8), range(6))]
    timing = [(range(size), range(6, 7)), (range(6, 7), range(size))]
    boxes = [*corners, *aligned, *timing, *(versions if version >= 7 else [])]
    return {(y, x) for ys, xs in boxes for y in ys for x in xs}


def _path(size: int) -> list[tuple[int, int]]:
    """Return all modules in the order of the data: two columns at a time from the right, upwards and downwards."""
    rights = [*range(size - 1, 6, -2), 5, 3, 1]
    path = []
    for number, right in enumerate(rights):
        ys = range(size - 1, -1, -1) if number % 2 == 0 else range(size)
        path += [(y, x) for y in ys for x in (right, right - 1)]
    return path


def _corrected(codewords: list[int], version: int) -> list[int]:
    """Return the data codewords of all blocks, each of them checked."""
    extra, longs = _BLOCKS[version]
    total = sum(longs)
    blocks: list[list[int]] = [[] for _ in longs]
    order = [b for place in range(max(longs)) for b, long in enumerate(longs) if place < long]
    for block, word in zip(order, codewords[:total], strict=True):
        blocks[block].append(word)
    for place, word in enumerate(codewords[total : total + extra * len(longs)]):
        blocks[place % len(longs)].append(word)
    if any(_syndrome(block, power) for block in blocks for power in range(extra)):
        raise ValueError("its correction finds a mistake")
    return [word for block, long in zip(blocks, longs, strict=True) for word in block[:long]]


def _syndrome(block: list[int], power: int) -> int:
    """Return the polynomial of a block at a power of 2, in the field of 256 by x^8 + x^4 + x^3 + x^2 + 1."""
    at = 1
    for _ in range(power):
        at = _times(at, 2)
    value = 0
    for word in block:
        value = _times(value, at) ^ word
    return value


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def _number(bits: Sequence[bool]) -> int:
    return int("".join("1" if bit else "0" for bit in bits), 2)


def _bits(word: int) -> list[bool]:
    return [bool(word >> n & 1) for n in range(7, -1, -1)]
