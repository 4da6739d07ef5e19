"""All files of a request, read and cleaned: communities, buildings, layers, and what planners gave by hand."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from geo.barriers import Barriers, read_barriers
from geo.cleaning import Cleaned, CleaningOptions, clean, unknown_filled
from geo.clearance import without_cleared
from geo.drawn import boundary_of, drawn_layer, named_layer, named_places
from geo.given import existing_in, read_existing, read_links, read_locks, read_scope
from geo.headings import normalised, read_fields
from geo.intake import parts_of
from geo.overlays import assign, shares
from geo.reading import RawTable, read_table
from geo.schema import DataError, Finding, finding
from jobs.keeping import NOTHING, Kept
from jobs.policy import Policy
from jobs.request import FileLayer, Request

# key of Results.layers → the fields of ours whose headings may name its features
LAYER_FIELDS = {
    "grids": ("grids",),
    "committees": ("committee",),
    "duties": ("managing_company", "street_town"),
}


@dataclass(frozen=True)
class RawSources:
    """Every table of the request as it lay in its file."""

    communities: RawTable
    buildings: RawTable | None
    outlines: RawTable | None
    boundary: RawTable | None
    clearance: RawTable | None
    barriers: tuple[RawTable, ...]
    layers: Mapping[str, tuple[RawTable, ...]]

    def tables(self) -> tuple[RawTable, ...]:
        """Return all tables there are."""
        single = (self.communities, self.buildings, self.outlines, self.boundary, self.clearance)
        drawn = (*self.barriers, *(raw for group in self.layers.values() for raw in group))
        return (*(raw for raw in single if raw is not None), *drawn)


@dataclass(frozen=True)
class Sources:
    """Clean input of one run; `layers` hold polygons with a `name` column in the communities' CRS.

    `within` are the columns of `communities` whose values no area mixes; `locks` and `existing` hold area ids by community.
    """

    cleaned: Cleaned
    communities: gpd.GeoDataFrame
    barriers: Barriers | None
    layers: Mapping[str, gpd.GeoDataFrame]
    grid_shares: pd.DataFrame | None
    within: tuple[str, ...]
    links: pd.DataFrame | None
    locks: "pd.Series[str]"
    existing: "pd.Series[str]"
    scope_known: bool
    findings: tuple[Finding, ...] = field(default=())


def read_sources(request: Request) -> RawSources:
    """Read every table of the request; raises DataError naming the file that cannot be read and the remedy."""
    layers = {
        "grids": () if request.grids is None else (_read_beside(request.grids),),
        "committees": () if request.committees is None else (_read_beside(request.committees),),
        "duties": tuple(map(_read_beside, request.duties)),
        "landmarks": tuple(map(_read_beside, request.landmarks)),
    }
    return RawSources(
        communities=_read(request.communities),
        buildings=_read_if(request.buildings),
        outlines=_read_if(request.outlines),
        boundary=_read_if(request.boundary),
        clearance=_read_if(request.clearance),
        barriers=tuple(map(_read_beside, request.barriers)),
        layers={key: group for key, group in layers.items() if group},
    )


def clean_sources(raw: RawSources, request: Request, policy: Policy, kept: Kept = NOTHING) -> Sources:
    """Return the request's input cleaned and laid together; `kept` stands in for files that are not given.

    Raises DataError naming what does not fit.
    """
    buildings, outlines = raw.buildings or kept.buildings, raw.outlines or kept.outlines
    cleaned = clean(raw.communities, _cleaning(raw, request), buildings=buildings, outlines=outlines)
    communities, said_survey = _with_survey(_somewhere(cleaned.communities), cleaned, request)
    if cleaned.buildings is not None and cleaned.buildings.crs is None:
        cleaned = replace(cleaned, buildings=cleaned.buildings.set_crs(communities.crs))
    layers, said_layers = _layers(raw, communities, request)
    layers |= kept.layers_in(communities.crs)
    communities = _with_overlays(communities, layers)
    communities, scope_known = _with_scope(communities, cleaned, request, kept.scope)
    communities, said_clearance = _without_cleared(raw, communities, cleaned, request)
    barriers, said_barriers = _barriers(raw, communities, request, policy)
    known = communities.index
    none: pd.Series[str] = pd.Series({}, dtype="str")
    locks = read_locks(request.locks, known=known) if request.locks else none
    existing, said_existing = _existing(cleaned, request)
    for community in (i for asked in request.ask for i in asked if i not in known):
        raise DataError("sources.ask_id", given=community)
    findings = (f for table in raw.tables() for f in table.findings)
    return Sources(
        cleaned=cleaned,
        communities=communities,
        barriers=barriers or kept.barriers_in(communities.crs),
        layers=layers,
        grid_shares=shares(communities, layers["grids"], id_column="name") if "grids" in layers else None,
        within=_within(cleaned, communities, request, policy),
        links=read_links(request.links, known=known) if request.links else kept.links_among(known),
        locks=locks,
        existing=existing,
        scope_known=scope_known,
        findings=(
            *findings,
            *cleaned.findings,
            *said_survey,
            *said_layers,
            *said_clearance,
            *said_barriers,
            *said_existing,
        ),
    )


def _existing(cleaned: Cleaned, request: Request) -> "tuple[pd.Series[str], tuple[Finding, ...]]":
    """Return the areas in use by community: as a file of its own says them, else a column of the ledger."""
    communities = cleaned.communities
    if request.existing:
        return read_existing(request.existing, known=communities.index)
    heading = cleaned.columns.get("existing", "")
    if heading not in communities.columns:
        return pd.Series({}, dtype="str"), ()
    return existing_in(communities, heading, heading=heading, file=request.communities.path.name)


def input_sha256(request: Request) -> str:
    """Return the hash over the content of all input files, in the order of Request.files, each with its parts."""
    digest = hashlib.sha256()
    for path in (part for file in request.files() for part in parts_of(file)):
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _read(source: FileLayer) -> RawTable:
    return read_table(source.path, layer=source.layer)


def _read_beside(source: FileLayer) -> RawTable:
    """Read a file whose layer is named after a colon: --layer only speaks of the communities."""
    try:
        return _read(source)
    except DataError as error:
        if error.code in ("reading.layer_several", "reading.layer_missing"):
            code = f"sources.{error.code.removeprefix('reading.')}"
            raise DataError(code, **error.values) from error
        raise


def _read_if(source: FileLayer | None) -> RawTable | None:
    return None if source is None else _read_beside(source)


def _cleaning(raw: RawSources, request: Request) -> CleaningOptions:
    fields = read_fields(
        request.fields, id=request.id_column, name=request.name_column, count=request.count_column
    )
    boundary = None if raw.boundary is None else boundary_of(raw.boundary, option=request.boundary_crs)
    # Counts that the survey knows are filled in after cleaning, the others must stay unknown until then.
    unknown = "hold" if request.survey is not None else request.unknown
    return CleaningOptions(
        fields=fields, crs=request.crs, where=request.where, unknown=unknown, boundary=boundary
    )


def _somewhere(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return communities with a CRS: a ledger without any place has none, and what draws and writes wants metres."""
    return communities if communities.crs is not None else communities.set_crs("EPSG:4544")


def _layers(
    raw: RawSources, communities: gpd.GeoDataFrame, request: Request
) -> tuple[dict[str, gpd.GeoDataFrame], tuple[Finding, ...]]:
    layers: dict[str, gpd.GeoDataFrame] = {}
    findings: tuple[Finding, ...] = ()
    for key, group in raw.layers.items():
        parts = []
        for table in group:
            try:
                drawn, said = drawn_layer(table, crs=communities.crs, option=request.crs)
            except DataError as error:
                if key == "grids" and error.code == "drawn.nothing":  # the ledger has a column for a list
                    raise DataError("sources.grid_list", file=table.file) from error
                raise
            named = (
                named_layer(drawn, file=table.file, fields=LAYER_FIELDS[key])
                if key in LAYER_FIELDS
                else named_places(drawn, file=table.file)
            )
            parts.append(named.assign(source=table.file))
            findings += said
        layers[key] = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)
    return layers, findings


def _with_overlays(communities: gpd.GeoDataFrame, layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Fill committee and grids from the layers, where the ledger does not say them itself."""
    if "committees" in layers:
        drawn = assign(communities, layers["committees"], column="name")
        said = communities["committee"]
        communities = communities.assign(committee=said.where(said != "", drawn))
    if "grids" in layers:
        rows = shares(communities, layers["grids"], id_column="name")
        rows = rows[rows["layer_id"] != ""]
        joined = rows.groupby("community_id")["layer_id"].agg("、".join).reindex(communities.index).fillna("")
        said = communities["grids"]
        communities = communities.assign(grids=said.where(said != "", joined.astype("str")))
    return communities


def _with_scope(
    communities: gpd.GeoDataFrame, cleaned: Cleaned, request: Request, kept: "pd.Series[str] | None"
) -> tuple[gpd.GeoDataFrame, bool]:
    if request.scope is not None:
        given = read_scope(request.scope, known=communities.index)["scope"]
    elif kept is not None and "scope" not in cleaned.columns:
        given = kept
    else:
        return communities, "scope" in cleaned.columns
    scope = given.reindex(communities.index)
    return communities.assign(scope=scope.where(scope.notna(), communities["scope"]).astype("str")), True


def _with_survey(
    communities: gpd.GeoDataFrame, cleaned: Cleaned, request: Request
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Fill in the counts that a survey sheet brings back, by id; the rest of the unknown ones as asked."""
    if request.survey is None:
        return communities, ()
    from report.survey import read_survey

    rows = read_survey(request.survey).set_index("community_id")
    unknown = rows.index.difference(communities.index)
    if len(unknown):
        raise DataError("sources.survey_id", file=request.survey.name, given=unknown[0])
    count = rows["count"].astype("Int64").reindex(communities.index)
    status = rows["count_status"].reindex(communities.index)
    told = count.notna()
    communities = communities.assign(
        count=count.where(told, communities["count"]),
        count_status=status.where(told, communities["count_status"]).astype("str"),
    )
    file, column = request.communities.path.name, cleaned.count_heading
    communities, said = unknown_filled(communities, request.unknown, file=file, column=column)
    return communities, (finding("sources.survey", file=request.survey.name, number=int(told.sum())), *said)


def _without_cleared(
    raw: RawSources, communities: gpd.GeoDataFrame, cleaned: Cleaned, request: Request
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    if raw.clearance is None:
        return communities, ()
    lines, said_lines = drawn_layer(raw.clearance, crs=communities.crs, option=request.crs)
    planned, said = without_cleared(communities, lines, cleaned.buildings, file=raw.clearance.file)
    return planned, (*said_lines, *said)


def _barriers(
    raw: RawSources, communities: gpd.GeoDataFrame, request: Request, policy: Policy
) -> tuple[Barriers | None, tuple[Finding, ...]]:
    if not raw.barriers:
        return None, ()
    drawn = [(t.file, *drawn_layer(t, crs=communities.crs, option=request.crs)) for t in raw.barriers]
    barriers = read_barriers(
        [(file, table) for file, table, _ in drawn], policy.barriers, crs=communities.crs
    )
    return barriers, (*(f for _, _, said in drawn for f in said), *barriers.findings)


def _within(
    cleaned: Cleaned, communities: gpd.GeoDataFrame, request: Request, policy: Policy
) -> tuple[str, ...]:
    """Return the columns no area crosses: those of the rules that hold any value, and those the planner named."""
    ours = {normalised(heading): field for field, heading in cleaned.columns.items()}
    texts = [str(c) for c in communities.columns if communities[c].dtype == "str"]
    named = []
    for column in request.within:
        field_name = column if column in communities.columns else ours.get(normalised(column), "")
        if field_name not in texts:
            raise DataError("sources.within", given=column, headings=tuple(texts))
        named.append(field_name)
    usual = [c for c in policy.rules.within if c in communities.columns and (communities[c] != "").any()]
    return tuple(dict.fromkeys([*usual, *named]))
