"""What planners give by hand as small csv files: links, scope and locks, checked against the communities."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from geo.reading import RawTable, read_layer, read_ledger
from geo.schema import DataError, Finding, finding

KINDS = {
    "adjacent": "adjacent",
    "相邻": "adjacent",
    "not_adjacent": "not_adjacent",
    "不相邻": "not_adjacent",
    "together": "together",
    "须同区": "together",
    "apart": "apart",
    "不得同区": "apart",
}
SCOPE_WORDS = {
    "to_group": "to_group",
    "待组团": "to_group",
    "fixed": "fixed",
    "维持现状": "fixed",
    "host": "host",
    "可吸收相邻小区": "host",
    "excluded": "excluded",
    "不纳入": "excluded",
}
HEADINGS = {
    "a": ("a", "小区甲", "甲", "编号甲"),
    "b": ("b", "小区乙", "乙", "编号乙"),
    "kind": ("kind", "关系"),
    "reason": ("reason", "理由", "原因", "依据"),
    "community_id": ("community_id", "小区编号", "编号"),
    "scope": ("scope", "组团范围"),
    "area_id": ("area_id", "区域编号", "现有区域", "现有物业管理区域"),
}
CONTRADICTIONS = ({"adjacent", "not_adjacent"}, {"together", "apart"})


def read_links(path: Path, /, *, known: pd.Index) -> pd.DataFrame:
    """Return the given links of a csv `a,b,kind,reason`.

    Columns a, b (a < b), kind (one of GIVEN_KINDS), reason, row; one row a pair and kind. Raises DataError naming
    file, row and column for an unknown community or kind, a pair with itself, and kinds that contradict each other.
    """
    raw = read_ledger(path)
    table = _columns(raw, ("a", "b", "kind"), optional=("reason",))
    _refuse_unknown_ids(raw, table, ("a", "b"), known)
    table["kind"] = _words(raw, table, "kind", KINDS)
    for row in table.index[table["a"] == table["b"]]:
        raise DataError("given.self", file=raw.file, row=row, community=table.at[row, "a"])
    low, high = table[["a", "b"]].min(axis=1), table[["a", "b"]].max(axis=1)
    table = table.assign(a=low, b=high, row=table.index)
    kinds = table.groupby(["a", "b"])["kind"].agg(set)
    for pair in kinds.index[kinds.map(lambda k: any(c <= k for c in CONTRADICTIONS))]:
        both = table[(table["a"] == pair[0]) & (table["b"] == pair[1])]
        raise DataError(
            "given.contradiction",
            file=raw.file,
            row=both.index[-1],
            a=pair[0],
            b=pair[1],
            kinds=tuple(both["kind"]),
        )
    return table.drop_duplicates(["a", "b", "kind"]).sort_values(["a", "b", "kind"]).reset_index(drop=True)


def read_scope(path: Path, /, *, known: pd.Index) -> pd.DataFrame:
    """Return scope and reason by community_id of a csv `community_id,scope,reason`; raises DataError as read_links."""
    raw = read_ledger(path)
    table = _columns(raw, ("community_id", "scope"), optional=("reason",))
    _refuse_unknown_ids(raw, table, ("community_id",), known)
    table["scope"] = _words(raw, table, "scope", SCOPE_WORDS)
    return _one_value(raw, table, "scope").set_index("community_id")[["scope", "reason"]].sort_index()


def read_locks(path: Path, /, *, known: pd.Index) -> "pd.Series[str]":
    """Return area_id by community_id of a csv `community_id,area_id`; raises DataError as read_links."""
    raw = read_ledger(path)
    table = _columns(raw, ("community_id", "area_id"))
    _refuse_unknown_ids(raw, table, ("community_id",), known)
    for row in table.index[table["area_id"] == ""]:
        raise DataError("given.empty", file=raw.file, row=row, column="area_id")
    return _one_value(raw, table, "area_id").set_index("community_id")["area_id"].sort_index()


def read_existing(path: Path, /, *, known: pd.Index) -> "tuple[pd.Series[str], tuple[Finding, ...]]":
    """Return area_id by community_id of an existing plan: a csv `community_id,area_id`, or the plan.gpkg of a run.

    Communities without an area stay away; those that are no longer in `known` do too, with a finding. Raises DataError
    where the file is neither, a community has two areas, or none of them is known.
    """
    raw = _plan_layer(path) if path.suffix.lower() == ".gpkg" else read_ledger(path)
    table = _columns(raw, ("community_id", "area_id"))
    table = table[(table["area_id"] != "") & (table["community_id"] != "")]
    gone = sorted(set(table["community_id"]) - set(known))
    table = table[table["community_id"].isin(known)]
    if table.empty:
        raise DataError("given.existing_other", file=raw.file)
    area_id = _one_value(raw, table, "area_id").set_index("community_id")["area_id"].sort_index()
    said = finding(
        "given.existing_gone", raw.file, column="community_id", number=len(gone), ids=tuple(gone[:10])
    )
    return area_id, (said,) if gone else ()


def existing_in(
    communities: pd.DataFrame, column: str, /, *, heading: str, file: str
) -> "tuple[pd.Series[str], tuple[Finding, ...]]":
    """Return area_id by community_id as a column of the ledger names the areas in use, and a finding that says so.

    `heading` is what the ledger calls the `column`. Communities without an area stay away.
    """
    named = communities[column].astype("str").str.strip()
    area_id = named[named != ""].sort_index()
    said = finding(
        "given.existing_column",
        file,
        column=heading,
        heading=heading,
        number=len(area_id),
        areas=area_id.nunique(),
    )
    return area_id, (said,) if len(area_id) else ()


def _plan_layer(path: Path) -> RawTable:
    try:
        return read_layer(path, layer="communities")
    except DataError as error:
        if error.code == "reading.layer_missing":
            raise DataError("given.existing_layer", file=path.name) from error
        raise


def _columns(raw: RawTable, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> pd.DataFrame:
    ours = {theirs: column for column in (*required, *optional) for theirs in HEADINGS[column]}
    frame = raw.frame.rename(columns=ours)
    frame = frame.loc[:, ~frame.columns.duplicated()]
    missing = [c for c in required if c not in frame.columns]
    if missing:
        raise DataError(
            "given.columns",
            file=raw.file,
            missing=tuple(missing),
            expected=",".join((*required, *optional)),
        )
    table = frame.reindex(columns=[*required, *optional], fill_value="")
    return table[(table[list(required)] != "").any(axis=1)]


def _refuse_unknown_ids(
    raw: RawTable, table: pd.DataFrame, columns: tuple[str, ...], known: pd.Index
) -> None:
    for column in columns:
        for row in table.index[~table[column].isin(known)]:
            raise DataError(
                "given.unknown_id", file=raw.file, row=row, column=column, given=table.at[row, column]
            )


def _words(raw: RawTable, table: pd.DataFrame, column: str, words: Mapping[str, str]) -> "pd.Series[str]":
    for row in table.index[~table[column].isin(list(words))]:
        raise DataError(
            "given.word",
            file=raw.file,
            row=row,
            column=column,
            given=table.at[row, column],
            known=tuple(words),
        )
    return table[column].map(words)


def _one_value(raw: RawTable, table: pd.DataFrame, column: str) -> pd.DataFrame:
    values = table.drop_duplicates(["community_id", column])
    twice = values[values["community_id"].duplicated()]
    for row in twice.index:
        raise DataError(
            "given.twice", file=raw.file, row=row, community=twice.at[row, "community_id"], column=column
        )
    return values
