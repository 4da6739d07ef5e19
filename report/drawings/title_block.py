"""What is asked of a drawing, and what is printed on it that no table of the plan says."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["bounds", "board"]  # the four-bounds drawing, or the board of the area's buildings
Form = Literal["pdf", "png"]


@dataclass(frozen=True)
class TitleBlock:
    """Words of the title, and of the fields beside the map (图签); "" leaves a blank to be filled in by hand."""

    name: str  # of the area, as the papers call it
    issuer: str = ""
    version: str = ""
    data_date: str = ""
    drawn_by: str = ""
    checked_by: str = ""
    approved_by: str = ""
    review_number: str = ""  # 审图号
    watermark: str = ""
