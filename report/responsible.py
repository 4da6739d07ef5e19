"""Who is responsible for each area, role by role, and who is missing: from the ledger, the layers, and what planners entered."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from geo.overlays import assign
from geo.wording import listed, say
from report.duties import COMMITTEE, POLICE, STATION, STREET, unit_name
from report.layers import duty_kinds
from report.results import Results

ROLES = ("street_town", "committee", "police", "grids", "company", "contact")
ENTERED = ("street_town", "committee", "police", "company")  # what planners may enter; grids belong to others
OTHER = "other"  # what lies in a duty layer of no kind that is known
WITH_COMPANY = ("professional", "package")  # the management modes that need a managing company
_ROLE_OF = {"street": "street_town", "police": "police", "companies": "company", "duties": OTHER}
_IN_LEDGER = {
    "street_town": "street_town",
    "committee": "committee",
    "grids": "grids",
    "company": "managing_company",
}
_UNIT_HERE = {STREET: "street_town", COMMITTEE: "committee", POLICE: "police", STATION: "police"}


@dataclass(frozen=True)
class Said:
    """What planners said of an area: the contact post, the management mode and its evidence, names `entered` by role."""

    contact: str = ""
    mode: str = ""
    evidence: str = ""
    entered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """Who holds a role: `names`, the communities `without` anybody, and whether the area needs somebody, None where that is open."""

    names: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    needed: bool | None = True

    @property
    def missing(self) -> bool:
        """Tell whether somebody is missing, for a part of the area at least."""
        return self.needed is True and (not self.names or bool(self.without))

    @property
    def words(self) -> str:
        """Return it in words."""
        if not self.missing:
            return listed(self.names) or say(f"duties.cell.{'open' if self.needed is None else 'not_needed'}")
        if not self.names:
            return say("duties.cell.missing")
        return say("duties.cell.partly", names=self.names, without=self.without)


@dataclass(frozen=True)
class Responsible:
    """An area with its households, who holds each of ROLES, and how it is to be managed."""

    area_id: str
    called: str
    households: int
    roles: Mapping[str, Held]
    said: Said

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the roles that nobody holds, in the order of ROLES."""
        return tuple(role for role in ROLES if self.roles[role].missing)

    @property
    def mode_words(self) -> str:
        """Return the management mode in words."""
        if not self.said.mode:
            return say("duties.cell.not_chosen")
        mode = say(f"duties.mode.{self.said.mode}")
        if not self.said.evidence:
            return say("duties.cell.no_evidence", mode=mode)
        return say("duties.cell.mode", mode=mode, evidence=self.said.evidence)


# --- from the data ---------------------------------------------------------------------------------


def known_by_place(results: Results) -> pd.DataFrame:
    """Return who is known for each community: columns of ROLES but the contact, and OTHER; "" where nobody is.

    Index community_id. The ledger speaks first, then the duty layer in which most of the community lies; several names
    are joined by "、". No edit of a plan changes it.
    """
    table = results.communities
    known = pd.DataFrame("", index=table.index, columns=[*ROLES[:-1], OTHER], dtype="str")
    for role, column in _IN_LEDGER.items():
        known[role] = table[column].fillna("").astype("str")
    for role, names in _drawn(results):
        known[role] = known[role].where(known[role] != "", names)
    return known


def _drawn(results: Results) -> Iterator[tuple[str, "pd.Series[str]"]]:
    """Yield for each kind of duty layer whose duty each community is."""
    layer = results.layers.get("duties")
    if layer is None:
        return
    for kind, part in layer.groupby(duty_kinds(layer), sort=True):
        yield _ROLE_OF[str(kind)], assign(results.communities, gpd.GeoDataFrame(part), column="name")


# --- area by area ----------------------------------------------------------------------------------


def responsible(
    results: Results,
    known: pd.DataFrame,
    said: Mapping[str, Said],
    *,
    only: Collection[str] = (),
    names: Mapping[str, str] | None = None,
) -> tuple[Responsible, ...]:
    """Return every area, or those of `only`, by id; `known` from `known_by_place`, `said` by area id.

    `names` are what areas are called, by id; without them, as planners named them.
    """
    areas = results.areas
    wanted = areas[areas.index.isin(list(only))] if only else areas
    inside = results.communities.loc[results.communities["area_id"].isin(wanted.index), ["area_id", "name"]]
    here = known.loc[inside.index, list(ROLES[:-1])]
    ids: list[str] = inside.index.tolist()
    members: dict[str, list[str]] = {area_id: [] for area_id in wanted.index}
    for community, area_id in zip(ids, inside["area_id"].tolist(), strict=True):
        members[area_id].append(community)
    by_role = {role: dict(zip(ids, here[role].tolist(), strict=True)) for role in here.columns}
    places = _Places(dict(zip(ids, inside["name"].tolist(), strict=True)), by_role)
    shown = wanted["name"].to_dict() if names is None else names
    return tuple(
        Responsible(
            area_id=str(area_id),
            called=f"{area_id} {shown[str(area_id)]}".strip(),
            households=int(count),
            roles=_roles(places, members[str(area_id)], said.get(str(area_id), Said())),
            said=said.get(str(area_id), Said()),
        )
        for area_id, count in zip(wanted.index, wanted["count"], strict=True)
    )


@dataclass(frozen=True)
class _Places:
    """What communities are called, and by role who is known for each of them."""

    called: Mapping[str, str]
    known: Mapping[str, Mapping[str, str]]


def _roles(places: _Places, members: Sequence[str], said: Said) -> dict[str, Held]:
    roles = {role: _held(places, members, role, said) for role in ROLES[:-1]}
    return roles | {"contact": Held((said.contact,) if said.contact else ())}


def _held(places: _Places, members: Sequence[str], role: str, said: Said) -> Held:
    """Return who holds a role: what was entered fills in for the communities that the data say nothing of."""
    cells = [places.known[role][member] for member in members]
    names, entered = parted(cells), said.entered.get(role, "")
    without = tuple(places.called[m] for m, cell in zip(members, cells, strict=True) if not cell)
    if without and entered:
        names, without = parted([*names, entered]), ()
    if role != "company":
        return Held(names, without)
    return Held(names, without, needed=said.mode in WITH_COMPANY if said.mode else None)


def parted(cells: Iterable[str]) -> tuple[str, ...]:
    """Return the names in cells that hold one, none or several joined by "、", each once, in order."""
    return tuple(dict.fromkeys(part for cell in cells for part in cell.split("、") if part))


def lacking_words(areas: Iterable[Responsible]) -> dict[str, str]:
    """Return by area id who is missing for it, in words; "" where nobody is."""
    words = {role: say(f"duties.role.{role}") for role in ROLES}
    return {
        one.area_id: say("duties.lacking", roles=[words[role] for role in one.missing]) if one.missing else ""
        for one in areas
    }


def incomplete_first(areas: Sequence[Responsible]) -> tuple[Responsible, ...]:
    """Return the areas, those first that lack most."""
    return tuple(sorted(areas, key=lambda one: (-len(one.missing), one.area_id)))


# --- a unit at a place -----------------------------------------------------------------------------


def unit_here(unit: str, roles: Mapping[str, Held]) -> str:
    """Return what a unit is called, with who of it is responsible here, where that is known."""
    names = names_here(unit, roles)
    return say("duties.find.here", unit=unit_name(unit), names=names) if names else unit_name(unit)


def names_here(unit: str, roles: Mapping[str, Held]) -> tuple[str, ...]:
    """Return who of a unit is responsible here, none where the unit has no territories or nobody is known."""
    held = roles.get(_UNIT_HERE.get(unit, ""))
    return held.names if held else ()


def bodies(areas: Iterable[Responsible]) -> tuple[str, ...]:
    """Return the names of all that hold a role by territory, role by role: offices that have a phone of their own."""
    held = list(areas)
    return tuple(dict.fromkeys(name for role in ENTERED for one in held for name in one.roles[role].names))


def roles_of_community(known: pd.DataFrame, community_id: str) -> dict[str, Held]:
    """Return who is responsible for one community, as for an area."""
    row = known.loc[[community_id]]
    return {role: Held(parted(row[role])) for role in ROLES[:-1]}
