"""A look at the chains of an OLE2 compound file (.xls): its fast reader follows a chain that bites its tail for ever.

Structure: [MS-CFB] 2.2 (header), 2.3 (allocation table), 2.4 (mini table), 2.5 (table of tables).
"""

import numpy as np
import numpy.typing as npt

_SPECIAL = 0xFFFFFFFA  # from here on a number ends a chain or marks a sector that is in none
_HEADER = np.dtype("<u4")


def is_sound(data: bytes, /) -> bool:
    """Say whether all chains of a compound file stay inside it and come to an end."""
    if len(data) < 512 or int.from_bytes(data[30:32], "little") not in (9, 12):
        return False
    size = 1 << int.from_bytes(data[30:32], "little")
    head = np.frombuffer(data, _HEADER, 128)
    sectors = _sectors(data, size)
    tables = _tables(head, sectors)
    if tables is None or not _inside(tables, len(sectors)):
        return False
    chains = sectors[tables].ravel()
    if not _ends(chains):
        return False
    mini = _followed(int(head[15]), chains)
    return _inside(mini, len(sectors)) and _ends(sectors[mini].ravel())


def _sectors(data: bytes, size: int) -> npt.NDArray[np.uint32]:
    """Return the sectors after the header as rows of numbers; the last may be cut short in honest files."""
    body = data[size:]
    body += b"\0" * (-len(body) % size)
    return np.frombuffer(body, _HEADER).reshape(-1, size // 4)


def _tables(head: npt.NDArray[np.uint32], sectors: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp] | None:
    """Return the numbers of the sectors that hold the allocation table, None where their list is endless or torn."""
    listed = [head[19:128]]
    at, steps = int(head[17]), 0
    while at < _SPECIAL:
        if at >= len(sectors) or steps > len(sectors):
            return None
        listed.append(sectors[at][:-1])
        at, steps = int(sectors[at][-1]), steps + 1
    numbers = np.concatenate(listed)
    return numbers[numbers < _SPECIAL].astype(np.intp)


def _ends(chains: npt.NDArray[np.uint32]) -> bool:
    """Say whether every chain of an allocation table ends: after doubling the stride often enough, nobody is on the way."""
    end = len(chains)
    after = np.append(np.where(chains >= _SPECIAL, end, chains), end).astype(np.intp)
    if (after > end).any():
        return False
    for _ in range(end.bit_length()):
        after = after[after]
    return bool((after == end).all())


def _followed(at: int, chains: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp]:
    """Return the sectors of one chain, which is known to end."""
    found = []
    while at < len(chains):
        found.append(at)
        at = int(chains[at])
    return np.array(found, np.intp)


def _inside(numbers: npt.NDArray[np.intp], sectors: int) -> bool:
    return bool((numbers < sectors).all())
