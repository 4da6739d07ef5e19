"""What a run found, laid out as the tables and figures that reports and the desk show."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd

from geo.adjacency import Links
from geo.overlays import household_parts, household_shares
from geo.schema import COMMUNITY_COLUMNS, DataError, findings_table
from geo.wording import say
from jobs.explained import (
    COST_DECIMALS,
    Explained,
    area_grid_table,
    areas_table,
    figures,
    plan_columns,
    violations_table,
)
from jobs.policy import Policy
from jobs.request import Request
from jobs.sources import Sources
from optimizer.questions import ask
from optimizer.solving import Certificate
from optimizer.standing import pairs
from report.comparing import Answered, answered, refused
from report.results import (
    BEYOND_COLUMNS,
    CERTIFICATE_COLUMNS,
    COMMUNITY_GRID_COLUMNS,
    OUTCOME_COLUMNS,
    PAIR_COLUMNS,
    Results,
)


@dataclass(frozen=True)
class Answer:
    """A solved district: the plan `found` and explained, its `certificate`, and what later edits are explained by."""

    found: Explained
    certificate: Certificate
    links: Links
    beyond: pd.DataFrame
    grounds: gpd.GeoSeries
    outlines: gpd.GeoSeries


def results_of(
    request: Request,
    policy: Policy,
    sources: Sources,
    answer: Answer,
    *,
    seconds: Mapping[str, float],
    input_sha256: str,
) -> Results:
    """Return everything a finished run says, as plain tables."""
    names = sources.communities["name"].to_dict()
    summary = _summary(request, policy, sources, answer)
    community_grid = _community_grid(sources)
    return Results(
        communities=_communities(sources, answer, names),
        areas=areas_table(answer.found, names, answer.outlines),
        links=answer.links.links,
        refused_links=answer.links.refused,
        findings=findings_table((*sources.findings, *answer.links.findings)),
        violations=violations_table(answer.found, names),
        summary=summary
        | {"seconds": {k: round(v, 3) for k, v in seconds.items()}, "input_sha256": input_sha256},
        rules_text=policy.text,
        title=say("report.title", place=place_of(sources, request)),
        buildings=sources.cleaned.buildings,
        certificate=certificate_table(answer.certificate),
        area_grid=None if community_grid is None else area_grid_table(answer.found.plan, community_grid),
        community_grid=community_grid,
        grounds=answer.grounds,
        beyond=answer.beyond[list(BEYOND_COLUMNS)].astype(BEYOND_COLUMNS),
        pairs=_pairs(answer.found.graph),
        layers=_map_layers(sources),
        answers=tuple(_answered(asked, policy, answer, names) for asked in request.ask),
    )


def _communities(sources: Sources, answer: Answer, names: Mapping[str, str]) -> gpd.GeoDataFrame:
    table = sources.communities
    ids = table.index
    said = {
        "accepted": "",
        "lock": [sources.locks.get(c, "") for c in ids],
        "former": [sources.existing.get(c, "") for c in ids],
    }
    found = plan_columns(answer.found, names).reindex(ids).assign(**said)
    added = found[list(OUTCOME_COLUMNS)].astype(OUTCOME_COLUMNS)
    rest = [c for c in table.columns if c not in COMMUNITY_COLUMNS and c != table.geometry.name]
    taken = {c: f"{c} （原表）" for c in rest if c in OUTCOME_COLUMNS}
    return gpd.GeoDataFrame(
        pd.concat([table.drop(columns=table.geometry.name).rename(columns=taken), added], axis=1),
        geometry=table.geometry,
        crs=table.crs,
    )


def certificate_table(certificate: Certificate) -> pd.DataFrame:
    """Return a row for each connected part, those with the largest open rest first."""
    rows = sorted(
        certificate.parts, key=lambda part: (part.bound - part.cost, -part.communities, part.first_id)
    )
    table = pd.DataFrame([asdict(part) for part in rows], columns=list(CERTIFICATE_COLUMNS))
    return table.astype(CERTIFICATE_COLUMNS).round({"cost": COST_DECIMALS, "bound": COST_DECIMALS})


def _answered(asked: tuple[str, ...], policy: Policy, answer: Answer, names: Mapping[str, str]) -> Answered:
    try:
        return answered(ask(answer.found.plan, answer.found.graph, policy.rules, asked), names)
    except DataError as error:
        return refused(asked, str(error), names)


def _community_grid(sources: Sources) -> pd.DataFrame | None:
    shares, buildings = sources.grid_shares, sources.cleaned.buildings
    if shares is None:
        return None
    if buildings is not None:
        shares = household_shares(sources.communities, sources.layers["grids"], buildings, id_column="name")
    parts = household_parts(sources.communities["count"], shares)
    return parts.set_axis(list(COMMUNITY_GRID_COLUMNS), axis=1).astype(COMMUNITY_GRID_COLUMNS)


def _pairs(graph: "nx.Graph[str]") -> pd.DataFrame:
    rows = [(a, b, kind) for kind in ("together", "apart") for a, b in pairs(graph, kind)]
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS)).astype(PAIR_COLUMNS)


def _map_layers(sources: Sources) -> dict[str, gpd.GeoDataFrame]:
    layers = dict(sources.layers)
    if sources.barriers is not None:
        features = sources.barriers.features
        unnamed = features["wall"] | (features["name"] == "")  # a label on every wall would hide the map
        layers["barriers"] = features.assign(name=features["name"].mask(unnamed, None))
        crossings = sources.barriers.crossings
        if len(crossings):
            layers["crossings"] = crossings.assign(name="")
    return layers


def _summary(request: Request, policy: Policy, sources: Sources, answer: Answer) -> dict[str, Any]:
    certificate = answer.certificate
    shapes, crs = sources.communities.geometry, sources.communities.crs
    return {
        "communities": len(sources.communities),
        **figures(answer.found),
        "exceptions_bound": certificate.exceptions_bound,
        "minimum": policy.rules.minimum,
        "count": sources.cleaned.count_heading,
        "total": int(sources.communities["count"].fillna(0).sum()),
        "cost": round(certificate.cost, COST_DECIMALS),
        "bound": round(certificate.bound, COST_DECIMALS),
        "gap": certificate.gap,
        "status": certificate.status,
        "stopped_by": certificate.stopped_by,
        "areas_bound": certificate.areas_bound,
        "caveats": _caveats(policy, sources, answer),
        "rows": {
            "in": sources.cleaned.rows_in,
            "used": sources.cleaned.rows_used,
            "refused": sources.cleaned.rows_refused,
        },
        "rules": policy.name,
        "given": asdict(policy.given),
        "within": list(policy.rules.within),
        "seed": request.seed,
        "version": version("zutuan"),
        "crs": "" if shapes.isna().all() else ":".join(crs.to_authority() or (crs.to_wkt(),)),
    }


def _caveats(policy: Policy, sources: Sources, answer: Answer) -> list[str]:
    """Return codes of "report.caveat.", with a detail after a colon where they have one, the gravest first."""
    shapes = sources.communities.geometry
    told = {
        f"violations:{len(answer.found.violations)}": bool(answer.found.violations),
        "scope_unknown": not sources.scope_known,
        "links_unverified": sources.barriers is None,
        f"barriers_partial:{_unseen(policy, sources)}": bool(_unseen(policy, sources)),
        "counts_estimated": bool((sources.communities["count_status"] == "estimated").any()),
        "points_only": bool(np.isin(shapes.geom_type.dropna().unique(), ["Point", "MultiPoint"]).any()),
        "stopped": answer.certificate.stopped_by == "clock",
        "ended_by_hand": answer.certificate.stopped_by == "cancel",
    }
    return [code for code, true in told.items() if true]


def _unseen(policy: Policy, sources: Sources) -> str:
    """Return the classes that no area may cross and of which the given layers hold none."""
    if sources.barriers is None:
        return ""
    seen = set(sources.barriers.features["barrier_class"])
    return "、".join(c for c in policy.rules.never if c not in seen)


def place_of(sources: Sources, request: Request) -> str:
    """Return the street office where all communities name the same one, else the name of the file."""
    streets = [s for s in sources.communities["street_town"].unique() if s]
    return streets[0] if len(streets) == 1 else request.communities.path.name.split(".")[0]
