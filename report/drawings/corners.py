"""The corners of a boundary: numbered on the map, listed with their coordinates."""

import numpy as np
import shapely

from geo.wording import say
from report.drawings import looks
from report.drawings.atlas import Subject
from report.drawings.ink import Ink, Look, Mark
from report.drawings.labels import Floats
from report.drawings.panel import Row, heading, paragraph, table_row

CORNER_TOLERANCE_M = 0.05  # what turns aside less than this is no corner


def corners_of(subject: Subject) -> tuple[Floats, ...]:
    """Return the corners of each ring of the legal outline, clockwise from the north-westernmost, in metres."""
    parts = shapely.get_parts(shapely.simplify(subject.outline, CORNER_TOLERANCE_M))
    rings = shapely.get_rings(shapely.orient_polygons(parts, exterior_cw=True))
    found = []
    for ring in rings:
        corners = shapely.get_coordinates(ring)[:-1]
        first = int(np.argmin(corners[:, 0] - corners[:, 1]))
        found.append(np.roll(corners, -first, axis=0))
    return tuple(sorted(found, key=lambda corners: (-corners[0][1], corners[0][0])))


def corner_dots(spots: Floats) -> tuple[Ink, ...]:
    """Return a dot at each corner, shape (n, 2) in mm."""
    if not len(spots):
        return ()
    dot = Look(face="#ffffff", edge=looks.BOUNDARY.edge, width=0.2)
    return (Mark(shapely.buffer(shapely.points(spots), 0.5), dot),)


def corner_rows(corners: tuple[Floats, ...], width: float) -> list[Row]:
    """Return the table of corners, X to the north and Y to the east as surveyors write them, a part of the area after the other."""
    if not corners:
        return []
    head = tuple(say(f"drawings.corner.{key}") for key in ("number", "north", "east"))
    rows = [heading(say("drawings.head.corners")), table_row(head, width)]
    number = 0
    for n, ring in enumerate(corners, 1):
        if len(corners) > 1:
            rows += paragraph(say("drawings.corner.ring", number=n), width)
        for x, y in ring:
            number += 1
            rows.append(table_row((f"J{number}", f"{y:.2f}", f"{x:.2f}"), width))
    return rows
