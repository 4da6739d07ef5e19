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
from geo.overlays import household_shares, households_by_feature
from geo.schema import COMMUNITY_COLUMNS, DataError, findings_table
from geo.wording import say
from jobs.policy import Policy
from jobs.request import Request
from jobs.sources import Sources
from optimizer.candidates import area_cost
from optimizer.checks import Violation, near_minimum
from optimizer.plan import Plan
from optimizer.questions import ask
from optimizer.reasons import Reason
from optimizer.solving import Certificate
from optimizer.standing import pairs, total
from report.comparing import Answered, answered, refused
from report.reasoning import reason_sentence, repair_sentence, violation_sentence
from report.results import (
    AREA_COLUMNS,
    AREA_GRID_COLUMNS,
    CERTIFICATE_COLUMNS,
    OUTCOME_COLUMNS,
    PAIR_COLUMNS,
    VIOLATION_COLUMNS,
    Results,
)

COST_DECIMALS = 3
PLAIN_FACTS = ("no_neighbour", "too_few_within_reach")


@dataclass(frozen=True)
class Answer:
    """A solved district: `graph` with all communities, `why` the reasons by community, `outlines` by area."""

    graph: "nx.Graph[str]"
    links: Links
    plan: Plan
    certificate: Certificate
    violations: list[Violation]
    why: Mapping[str, tuple[Reason, ...]]
    outlines: gpd.GeoDataFrame


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
    near = set(near_minimum(answer.plan, answer.graph, policy.rules))
    summary = _summary(request, policy, sources, answer)
    return Results(
        communities=_communities(sources, answer, names, near),
        areas=_areas(policy, answer, names, near),
        links=answer.links.links,
        refused_links=answer.links.refused,
        findings=findings_table((*sources.findings, *answer.links.findings)),
        violations=_violations(answer.violations, names),
        summary=summary
        | {"seconds": {k: round(v, 3) for k, v in seconds.items()}, "input_sha256": input_sha256},
        rules_text=policy.text,
        title=say("report.title", place=place_of(sources, request)),
        buildings=sources.cleaned.buildings,
        certificate=_certificate(answer.certificate),
        area_grid=_area_grid(sources, answer),
        pairs=_pairs(answer.graph),
        layers=_map_layers(sources),
        answers=tuple(_answered(asked, policy, answer, names) for asked in request.ask),
    )


def _communities(
    sources: Sources, answer: Answer, names: Mapping[str, str], near: set[str]
) -> gpd.GeoDataFrame:
    table = sources.communities
    ids = table.index
    area_of = answer.plan.area_of()
    groups = {c: f"B-{n:03d}" for n, group in enumerate(answer.plan.below_min_groups, 1) for c in group}
    main = {c: why[0] for c, why in answer.why.items() if why}
    said = {
        "area_id": [area_of.get(c) for c in ids],
        "outcome": [answer.plan.outcomes[c] for c in ids],
        "reason_code": [main[c].code if c in main else "" for c in ids],
        "reason": [" ".join(reason_sentence(r, names) for r in _told(answer.why.get(c, ()))) for c in ids],
        "repair": [_repairs(answer.why.get(c, ()), names) for c in ids],
        "below_min_group": [groups.get(c) for c in ids],
        "near_minimum": [area_of.get(c) in near for c in ids],
        "changes_plan": [_changes_plan(answer.why.get(c, ())) for c in ids],
        "lock": [sources.locks.get(c, "") for c in ids],
        "former": [sources.existing.get(c, "") for c in ids],
    }
    added = pd.DataFrame(said, index=ids).astype(OUTCOME_COLUMNS)
    rest = [c for c in table.columns if c not in COMMUNITY_COLUMNS and c != table.geometry.name]
    taken = {c: f"{c} (原表)" for c in rest if c in OUTCOME_COLUMNS}
    return gpd.GeoDataFrame(
        pd.concat([table.drop(columns=table.geometry.name).rename(columns=taken), added], axis=1),
        geometry=table.geometry,
        crs=table.crs,
    )


def _told(why: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return the reasons worth a sentence: that nobody is near enough says nothing new beside what stands between."""
    return tuple(r for n, r in enumerate(why) if n == 0 or r.code not in PLAIN_FACTS)


def _repairs(why: tuple[Reason, ...], names: Mapping[str, str]) -> str:
    """Return the repairs in words; the same links to open are one repair, whatever reason leads to them."""
    distinct = {
        r.repair.numbers.get("links", repair_sentence(r.repair, names)): r.repair
        for r in why[::-1]
        if r.repair
    }
    return " ".join(repair_sentence(repair, names) for repair in list(distinct.values())[::-1])


def _changes_plan(why: tuple[Reason, ...]) -> bool:
    return any(r.code == "count_unknown" and r.numbers.get("frees", 0) != 0 for r in why)


def _areas(policy: Policy, answer: Answer, names: Mapping[str, str], near: set[str]) -> gpd.GeoDataFrame:
    rows = []
    for area in answer.plan.areas:
        cost = area_cost(answer.graph, policy.rules, area.members)
        parts = {f"cost_{part}": round(value, COST_DECIMALS) for part, value in cost.parts.items()}
        rows.append(
            {
                "center_id": area.center_id,
                "communities": len(area.members),
                "count": total(answer.graph, area.members),
                "cost": round(cost.total, COST_DECIMALS),
                **parts,
                "kind": answer.plan.outcomes[area.members[0]],
                "near_minimum": area.area_id in near,
                "names": "、".join(names[m] for m in area.members),
            }
        )
    index = pd.Index([a.area_id for a in answer.plan.areas], name="area_id", dtype="str")
    table = pd.DataFrame(rows, columns=list(AREA_COLUMNS), index=index).astype(AREA_COLUMNS)
    outlines = answer.outlines.geometry.reindex(index)
    return gpd.GeoDataFrame(table, geometry=outlines.to_numpy(), crs=answer.outlines.crs).sort_index()


def _violations(violations: list[Violation], names: Mapping[str, str]) -> pd.DataFrame:
    rows = [
        (v.rule, names.get(v.place, v.place), str(v.value), str(v.limit), violation_sentence(v, names))
        for v in violations
    ]
    return pd.DataFrame(rows, columns=list(VIOLATION_COLUMNS)).astype(VIOLATION_COLUMNS)


def _certificate(certificate: Certificate) -> pd.DataFrame:
    """Return a row for each connected part, those with the largest open rest first."""
    rows = sorted(
        certificate.parts, key=lambda part: (part.bound - part.cost, -part.communities, part.first_id)
    )
    table = pd.DataFrame([asdict(part) for part in rows], columns=list(CERTIFICATE_COLUMNS))
    return table.astype(CERTIFICATE_COLUMNS).round({"cost": COST_DECIMALS, "bound": COST_DECIMALS})


def _answered(asked: tuple[str, ...], policy: Policy, answer: Answer, names: Mapping[str, str]) -> Answered:
    try:
        return answered(ask(answer.plan, answer.graph, policy.rules, asked), names)
    except DataError as error:
        return refused(asked, str(error), names)


def _area_grid(sources: Sources, answer: Answer) -> pd.DataFrame | None:
    parts, buildings = sources.grid_shares, sources.cleaned.buildings
    if parts is None:
        return None
    if buildings is not None:
        parts = household_shares(sources.communities, sources.layers["grids"], buildings, id_column="name")
    area_of = pd.Series(answer.plan.area_of(), dtype="str")
    table = households_by_feature(sources.communities["count"], area_of, parts)
    renamed = table.rename(columns={"layer_id": "grid", "count": "households"})
    return renamed[list(AREA_GRID_COLUMNS)].astype(AREA_GRID_COLUMNS)


def _pairs(graph: "nx.Graph[str]") -> pd.DataFrame:
    rows = [(a, b, kind) for kind in ("together", "apart") for a, b in pairs(graph, kind)]
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS)).astype(PAIR_COLUMNS)


def _map_layers(sources: Sources) -> dict[str, gpd.GeoDataFrame]:
    layers = dict(sources.layers)
    if sources.barriers is not None:
        features = sources.barriers.features
        unnamed = features["wall"] | (features["name"] == "")  # a label on every wall would hide the map
        layers["barriers"] = features.assign(name=features["name"].mask(unnamed, None))
    return layers


def _summary(request: Request, policy: Policy, sources: Sources, answer: Answer) -> dict[str, Any]:
    outcomes = pd.Series(list(answer.plan.outcomes.values()), dtype="str").value_counts()
    kinds = pd.Series(
        [answer.plan.outcomes[a.members[0]] for a in answer.plan.areas], dtype="str"
    ).value_counts()
    certificate = answer.certificate
    shapes, crs = sources.communities.geometry, sources.communities.crs
    return {
        "communities": len(sources.communities),
        "areas": len(answer.plan.areas),
        "groups": int(kinds.get("grouped", 0)),
        "alone": int(kinds.get("alone", 0)),
        "fixed": int(kinds.get("fixed", 0)),
        "exceptions": int(outcomes.get("exception", 0)),
        "held": int(outcomes.get("held", 0)),
        "excluded": int(outcomes.get("excluded", 0)),
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
        "violations": len(answer.violations),
        "caveats": _caveats(policy, sources, answer),
        "rows": {
            "in": sources.cleaned.rows_in,
            "used": sources.cleaned.rows_used,
            "refused": sources.cleaned.rows_refused,
        },
        "rules": policy.name,
        "given": asdict(policy.given),
        "within": list(policy.rules.within),
        "next_number": answer.plan.next_number,
        "seed": request.seed,
        "version": version("zutuan"),
        "crs": "" if shapes.isna().all() else ":".join(crs.to_authority() or (crs.to_wkt(),)),
    }


def _caveats(policy: Policy, sources: Sources, answer: Answer) -> list[str]:
    """Return codes of "report.caveat.", with a detail after a colon where they have one, the gravest first."""
    shapes = sources.communities.geometry
    told = {
        f"violations:{len(answer.violations)}": bool(answer.violations),
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
