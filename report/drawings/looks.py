"""How each thing on a drawing is inked, and its line in the legend; told by line and hatch as well as by colour."""

from collections.abc import Mapping
from types import MappingProxyType

from report.drawings.ink import Look

BLACK = "#111111"
NAME_INK = MappingProxyType(
    {"member": BLACK, "neighbour": "#4a4a4a", "place": "#5d6a52", "street": "#333333"}
)
ALONG_INK = MappingProxyType({"water_name": "#24617f", "water": "#24617f", "rail": "#222222"})
ALONG_SIZE = MappingProxyType({"main": 3.3, "road": 3.1, "rail": 2.6, "water_name": 3.1, "water": 2.8})
STREET_SIZE = 2.5

# from bottom to top; `STREETS` adds the width on the ground of those that have one
GROUND: Mapping[str, Look] = MappingProxyType(
    {
        "plot": Look(face="#f4f4f0", edge="#c4c4bd", width=0.1),
        "park": Look(face="#e9f1e2", edge="#9db38b", width=0.12, hatch="..", hatch_ink="#a9bd98"),
        "water": Look(face="#dcebf4", edge="#4d86a8", width=0.2, hatch="---", hatch_ink="#8fbad2"),
        "wall": Look(edge="#7a7a7a", width=0.15, dashes=(1.1, 0.35, 0.2, 0.35)),
        "cliff": Look(edge="#5a4630", width=0.55, dashes=(0.3, 0.45)),
        "lane_edge": Look(edge="#9a9a9a", width=0.16),
        "branch_edge": Look(edge="#8d8d8d", width=0.18),
        "road_edge": Look(edge="#777777", width=0.22),
        "main_edge": Look(edge="#666666", width=0.25),
        "lane": Look(edge="#ffffff"),
        "branch": Look(edge="#ffffff"),
        "road": Look(edge="#fffaf0"),
        "main": Look(edge="#fff3d6"),
        "rail": Look(edge="#222222", width=0.9),
        "rail_ties": Look(edge="#ffffff", width=0.5, dashes=(1.8, 1.8)),
        "town": Look(edge="#555555", width=0.25, dashes=(5, 1, 0.8, 1)),
    }
)
WIDTH_M = MappingProxyType({"lane": 4.0, "branch": 9.0, "road": 17.0, "main": 26.0})
LEAST_WIDTH = MappingProxyType({"lane": 0.5, "branch": 0.8, "road": 1.2, "main": 1.5})

BOUNDARY = Look(edge="#a3001e", width=0.8, dashes=(4.5, 1.0, 0.8, 1.0))
SKETCH = Look(edge="#a3001e", width=0.5, dashes=(1.6, 1.2))
AREA = Look(face="#f7ead0")
MEMBER = Look(edge="#4c443a", width=0.2)
NEIGHBOUR = Look(face="#f5f5f5", edge="#8b8b8b", width=0.14)
BUILDING = Look(face="#d8cfc0", edge="#222222", width=0.18)
OTHER_BUILDING = Look(face="#ffffff", edge="#a5a5a5", width=0.1)
GRID = Look(edge="#8a76a0", width=0.15, dashes=(2.4, 0.8, 0.3, 0.8))
GATE = Look(face="#111111")
FACILITY = Look(face="#ffffff", edge="#111111", width=0.3)
PLACE = Look(face="#a3001e", edge="#ffffff", width=0.15)
OTHER_PLACE = Look(face="#777777", edge="#ffffff", width=0.15)
FRAME = Look(edge="#111111", width=0.45)
THIN = Look(edge="#111111", width=0.13)
ON_AREA = Look(face=AREA.face, alpha=0.8)
ON_NEIGHBOUR = Look(face=NEIGHBOUR.face, alpha=0.8)
BOUND_BOX = Look(face="#ffffff", edge="#111111", width=0.2)


def on_paper_width(style: str, scale: int) -> float:
    """Return how wide a street or railway is drawn, in mm."""
    if style not in WIDTH_M:
        return GROUND[style].width
    return max(1000 * WIDTH_M[style] / scale, LEAST_WIDTH[style])
