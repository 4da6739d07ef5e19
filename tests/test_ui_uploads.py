"""Files handed to the desk: their names are tamed, their bytes kept, their tables become a request by their roles."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from geo.headings import read_fields
from jobs.cli import SAMPLE
from jobs.district import plan_district
from jobs.request import FileLayer
from jobs.roles import UNUSED, Part, parts_of_files
from ui.uploads import Draft, safe_name

DELIVERED = ("ledger.xlsx", "outlines.zip", "buildings.geojson", "base.gpkg", "committees.geojson", "grids.geojson",
             "duties.gpkg", "links.csv", "scope.csv")  # fmt: skip


@dataclass
class Sent:
    name: str
    data: bytes = b"x"

    def getbuffer(self):
        return memoryview(self.data)


def handed_over(*given: tuple[str, str]) -> Draft:
    """A draft with these files, each of one table with this role."""
    draft = Draft()
    paths = draft.keep([Sent(name) for name, _ in given])
    draft.add([Part(path, None, role) for path, (_, role) in zip(paths, given, strict=True)])
    return draft


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("台账.xlsx", "台账.xlsx"),
        ("胜利路街道 (终稿).xlsx", "胜利路街道 (终稿).xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\台账.csv", "台账.csv"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("", "file"),
        (".csv", "csv"),
        ("a:b|c?.csv", "a_b_c_.csv"),
        ("台账\n\x00.csv", "台账__.csv"),
        ("长" * 300 + ".xlsx", "长" * 115 + ".xlsx"),
    ],
)
def test_a_name_cannot_lead_out_of_its_folder(name, kept):
    assert safe_name(name) == kept
    assert Path(safe_name(name)).name == safe_name(name)


def test_tables_become_a_request_by_their_roles():
    draft = Draft()
    ledger, roads, scope = draft.keep([Sent("台账.xlsx", b"abc"), Sent("路.gpkg"), Sent("范围.csv")])
    draft.add([Part(ledger, "表2", "communities"), Part(scope, None, "scope"), Part(roads, "院墙", UNUSED)])
    draft.add([Part(roads, layer, "barriers") for layer in ("道路", "河流")])
    draft.answers["crs"] = "bd09"
    request = draft.request(minimum=80)
    assert request.communities == FileLayer(ledger, "表2")
    assert request.communities.path.read_bytes() == b"abc"
    assert request.barriers == (FileLayer(roads, "道路"), FileLayer(roads, "河流"))
    assert request.scope.name == "范围.csv"
    assert (request.crs, request.minimum, request.grids, request.fields) == ("bd09", 80, None, None)
    assert all(path.is_relative_to(draft.folder.path) for path in request.files())


def test_matched_columns_reach_the_reader_as_they_were_chosen():
    draft = handed_over(("a.csv", "communities"))
    draft.match("count", '户数,"总"')
    draft.match("lift", "")
    fields = read_fields(draft.request().fields)
    assert (dict(fields.given), fields.absent) == ({"count": '户数,"总"'}, {"lift"})
    first = draft.request().fields
    draft.match("lift", "电梯")
    assert draft.request().fields != first  # else the page would take the new request for the old


def test_what_is_matched_takes_the_place_of_an_answer():
    draft = handed_over(("a.csv", "communities"))
    draft.answers["count_column"] = "套数"
    assert draft.columns_said() == {"count": "套数"}
    draft.match("count", "户数")
    assert (draft.answers, draft.columns_said()) == ({}, {"count": "户数"})


def test_a_new_ledger_takes_its_old_answers_with_it():
    draft = handed_over(("a.csv", "communities"), ("b.csv", UNUSED))
    draft.answers["count_column"] = "套数"
    draft.match("name", "小区")
    draft.use(1, "barriers")
    assert draft.answers
    draft.use(0, UNUSED)
    assert (draft.answers, draft.matched, draft.has_ledger()) == ({}, {}, False)


def test_a_file_takes_the_place_of_one_of_the_same_name():
    draft = handed_over(("a.csv", "communities"), ("b.csv", "scope"))
    (again,) = draft.keep([Sent("a.csv", b"new")])
    draft.add([Part(again, None, "communities")])
    assert [(part.path.name, part.role) for part in draft.parts] == [
        ("b.csv", "scope"),
        ("a.csv", "communities"),
    ]
    assert draft.request().communities.path.read_bytes() == b"new"


def test_a_role_for_one_file_is_not_given_to_two():
    draft = handed_over(
        ("a.csv", "communities"), ("b.csv", "communities"), ("c.gpkg", "barriers"), ("d.gpkg", "barriers")
    )
    assert draft.twice() == {"communities": 2}


def test_the_parts_of_a_shapefile_stay_together():
    draft = Draft()
    read = draft.keep(
        [Sent("小区.dbf"), Sent("小区.shp"), Sent("小区.prj"), Sent("单独.dbf"), Sent("台账.csv")]
    )
    assert [path.name for path in read] == ["小区.shp", "单独.dbf", "台账.csv"]
    assert {path.name for path in read[0].parent.iterdir()} == {"小区.dbf", "小区.shp", "小区.prj"}


def test_the_folder_goes_with_the_draft():
    draft = Draft()
    draft.keep([Sent("a.csv")])
    folder = draft.folder.path
    assert folder.exists()
    del draft
    assert not folder.exists()


def test_the_files_of_the_sample_dropped_together_give_the_plan_of_the_sample():
    draft = Draft()
    paths = draft.keep([Sent(name, (SAMPLE / name).read_bytes()) for name in DELIVERED])
    draft.add(parts_of_files(paths, ledger_there=False))
    told = plan_district(draft.request()).summary
    assert (told["areas"], told["exceptions"], told["held"]) == (22, 6, 3)
