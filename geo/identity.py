"""Ids and names of communities, and the rows of one community merged: by equal id or by a building column, never by name."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.headings import COUNT_FIELDS, find_count_columns
from geo.numbers import is_missing, squeeze
from geo.reading import RawTable
from geo.rows import row_numbers, row_texts
from geo.schema import DataError, Finding, finding

_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+\d+")


@dataclass(frozen=True)
class Identity:
    """Id and name of every row, on its index; rows of one `community_id` are one community; a name may be ""."""

    community_id: pd.Series
    name: pd.Series
    repeats: pd.Index  # rows that say again, cell for cell, what another row of their id says
    findings: tuple[Finding, ...]


def identify(raw: RawTable, columns: Mapping[str, str], *, id_given: bool) -> Identity:
    """Return ids and names of the rows of `raw`, which come in an order of content.

    The id column makes the id. Without it the name does, and repeated names get "·2", "·3" unless a building column
    shows that the rows are buildings of one community. Without a name too, address and building number do, and at last
    a number made from the content of the row, counts left out so that it outlives their correction. Raises DataError
    for ids that are a running number or were ruined by a spreadsheet ("4.22E+15").
    """
    frame, file = raw.frame, raw.file
    name = _cells(frame, columns, "name")
    ids, findings = _source_ids(raw, columns, id_given=id_given)
    if "name" not in columns and (ids == "").any():
        instead = tuple(_name_headings(columns))
        said_name = (
            finding("cleaning.no_name", file, headings=instead)
            if instead
            else finding("cleaning.no_name_at_all", file)
        )
        findings += (said_name,)
    shown = name.mask(name == "", _place_names(frame, columns))
    nameless = frame.index[(shown == "") & (ids == "")]
    fallback = shown.copy()
    fallback.loc[nameless] = _content_names(frame.loc[nameless], columns)
    if "name" in columns or "address" in columns:
        findings += tuple(finding("cleaning.row_nameless", file, r, id=fallback[r]) for r in nameless)

    unidentified = fallback[ids == ""]
    units, said = _units(frame, columns, unidentified, file)
    unique, repeated = _numbered(unidentified, units, taken=set(ids), file=file)
    community_id = ids.where(ids != "", unique)
    repeats = _repeats(raw, columns, ids)
    findings += said + repeated + tuple(finding("cleaning.row_repeated", file, r, id=ids[r]) for r in repeats)
    return Identity(community_id, name, repeats, findings)


def _source_ids(
    raw: RawTable, columns: Mapping[str, str], *, id_given: bool
) -> tuple[pd.Series, tuple[Finding, ...]]:
    frame, file = raw.frame, raw.file
    if "id" not in columns:
        return pd.Series("", index=frame.index, dtype="str"), ()
    heading = columns["id"]
    ids = frame[heading].str.normalize("NFKC").str.strip().mask(is_missing(frame[heading]), "")
    ruined = frame.index[ids.map(lambda text: bool(_SCIENTIFIC.fullmatch(text.lower())))]
    if len(ruined):
        raise DataError(
            "cleaning.id_ruined", file=file, row=min(ruined), column=heading, text=ids[min(ruined)]
        )
    if _is_running_number(ids):
        if id_given:
            raise DataError("cleaning.running_number", file=file, column=heading)
        nothing = pd.Series("", index=frame.index, dtype="str")
        return nothing, (finding("cleaning.running_number", file, column=heading),)
    return ids, tuple(finding("cleaning.no_id", file, row, heading) for row in sorted(frame.index[ids == ""]))


def _is_running_number(ids: pd.Series) -> bool:
    given = ids[ids != ""]
    if len(given) < 3 or not given.str.fullmatch(r"\d{1,9}").all():
        return False
    numbers = np.sort(given.astype("int64").to_numpy())
    return bool(numbers[0] in (0, 1) and (np.diff(numbers) == 1).all())


def _name_headings(columns: Mapping[str, str]) -> list[str]:
    if "address" not in columns:
        return []
    return [columns[c] for c in ("address", "building") if c in columns]


def _place_names(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.Series:
    headings = _name_headings(columns)
    if not headings:
        return pd.Series("", index=frame.index, dtype="str")
    parts = [frame[h].mask(is_missing(frame[h]), "") for h in headings]
    return (parts[0] + (" " + parts[1] if len(parts) > 1 else "")).str.strip()


def _content_names(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.Series:
    counts = set(find_count_columns(list(frame.columns), taken=set())) | {
        columns[c] for c in COUNT_FIELDS if c in columns
    }
    texts = row_texts(frame[[h for h in frame.columns if h not in counts]])
    return texts.map(lambda text: f"无名-{hashlib.sha256(text.encode()).hexdigest()[:10]}").astype("str")


def _units(
    frame: pd.DataFrame, columns: Mapping[str, str], names: pd.Series, file: str
) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return a key for each row of `names`: equal for the buildings of one community, else the row's own.

    Rows of one name, street and committee are buildings of one community where every one of them has a building
    number and no number comes twice.
    """
    alone = pd.Series([f"row {row}" for row in names.index], index=names.index, dtype="str")
    if "building" not in columns or "name" not in columns:
        return alone, ()
    parts = [
        _cells(frame, columns, c).map(squeeze).loc[names.index] for c in ("name", "street_town", "committee")
    ]
    keys = "of " + parts[0] + "\x1f" + parts[1] + "\x1f" + parts[2]
    building = _cells(frame, columns, "building").map(squeeze).loc[names.index].groupby(keys)
    several = (building.transform("size") > 1) & (parts[0] != "")
    sound = (building.transform("nunique") == building.transform("size")) & (building.transform("min") != "")
    doubtful = keys[several & ~sound]
    findings = tuple(
        finding("cleaning.building_repeated", file, min(rows), columns["building"], rows=row_numbers(rows))
        for rows in doubtful.groupby(doubtful).groups.values()
    )
    return keys.where(several & sound, alone), findings


def _numbered(
    names: pd.Series, units: pd.Series, *, taken: set[str], file: str
) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return an id for each row: the name of its unit; where names repeat, later units get "·2" and so on."""
    unit_names = names.groupby(units, sort=False).first()
    nth = unit_names.groupby(unit_names).cumcount() + 1
    unique = unit_names.where(nth == 1, unit_names + "·" + nth.astype("str"))
    while (clash := unique.isin(taken) | unique.duplicated()).any():
        unique = unique.where(~clash, unique + "·2")
    again = unit_names[unit_names.duplicated(keep=False)]
    firsts = names.index.to_series().groupby(units).min().loc[again.index]
    findings = tuple(
        finding("cleaning.name_repeated", file, row, name=name, id=community_id)
        for row, name, community_id in zip(firsts, again, unique.loc[again.index], strict=True)
    )
    return units.map(unique), findings


def _repeats(raw: RawTable, columns: Mapping[str, str], ids: pd.Series) -> pd.Index:
    # A running number beside it does not make a row another one; another outline does.
    frame = raw.frame
    telling = frame[[h for h in frame.columns if h == columns.get("id") or not _is_running_number(frame[h])]]
    if raw.geometry is not None:
        telling = telling.assign(**{"": raw.geometry.to_wkb(hex=True)})
    return frame.index[(ids != "") & telling.duplicated()]


def _cells(frame: pd.DataFrame, columns: Mapping[str, str], ours: str) -> pd.Series:
    if ours not in columns:
        return pd.Series("", index=frame.index, dtype="str")
    cells = frame[columns[ours]].str.strip()
    return cells.mask(is_missing(cells), "")
