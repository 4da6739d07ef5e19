"""Frozen things as JSON and back: what commands, drafts and versions are kept as."""

import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from math import isfinite
from typing import Any, TypeVar

T = TypeVar("T")


def plain(value: Any, /) -> Any:
    """Return the value as what JSON knows: a dataclass as an object, a set sorted, a table with pairs as keys as rows."""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: plain(own) for key, own in value.items()}
        return sorted([[plain(key), plain(own)] for key, own in value.items()], key=lambda row: row[0])
    if isinstance(value, frozenset):
        return sorted(plain(own) for own in value)
    return [plain(own) for own in value] if isinstance(value, tuple | list) else value


def typed(record: Any, kind: type[T], /) -> T:
    """Return the thing of this type that `plain` made the record of; raises ValueError where it is none.

    Fields that have a default may be missing: a record made before they were there reads as it did then.
    """
    return typing.cast("T", _typed(record, kind))


def canonical(value: Any, /) -> str:
    """Return the one JSON text of a value: what is hashed."""
    return json.dumps(
        plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def digest(value: Any, /) -> str:
    """Return the SHA-256 of the canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _typed(record: Any, hint: Any) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(record, hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in _OF:
        return _OF[origin](record, inner)
    return _scalar(record, hint)


def _optional(record: Any, inner: tuple[Any, ...]) -> Any:
    (given,) = [kind for kind in inner if kind is not types.NoneType]
    return None if record is None else _typed(record, given)


def _tuple(record: Any, inner: tuple[Any, ...]) -> tuple[Any, ...]:
    rows = _rows(record)
    kinds = [inner[0]] * len(rows) if inner[-1] is Ellipsis else inner
    return tuple(_typed(own, kind) for own, kind in zip(rows, kinds, strict=True))


def _frozenset(record: Any, inner: tuple[Any, ...]) -> frozenset[Any]:
    return frozenset(_typed(own, inner[0]) for own in _rows(record))


def _dataclass(record: Any, kind: type) -> Any:
    if not isinstance(record, dict):
        raise _wrong(record, kind)
    own = {f.name: f for f in fields(kind)}
    needed = {n for n, f in own.items() if f.default is MISSING and f.default_factory is MISSING}
    if not needed <= record.keys() <= own.keys():
        raise _wrong(sorted(record), kind)
    return kind(**{name: _typed(value, _hints(kind)[name]) for name, value in record.items()})


def _mapping(record: Any, inner: tuple[Any, ...]) -> dict[Any, Any]:
    key, value = inner
    rows = record.items() if isinstance(record, dict) else map(_rows, _rows(record))
    return {_typed(k, key): _typed(v, value) for k, v in rows}


def _rows(record: Any) -> list[Any]:
    if not isinstance(record, list):
        raise _wrong(record, list)
    return record


def _scalar(record: Any, kind: Any) -> Any:
    if kind is float and type(record) in (int, float) and isfinite(record):
        return float(record)
    if type(record) is not kind:
        raise _wrong(record, kind)
    return record


def _wrong(record: Any, kind: Any) -> ValueError:
    return ValueError(f"expected {kind.__name__}, given {record!r}")


_OF: Mapping[Any, Callable[[Any, tuple[Any, ...]], Any]] = types.MappingProxyType(
    {
        types.UnionType: _optional,
        typing.Union: _optional,
        tuple: _tuple,
        frozenset: _frozenset,
        Mapping: _mapping,
    }
)
