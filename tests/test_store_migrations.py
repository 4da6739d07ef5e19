"""Projects of every age open: what schema 1 was is written down here, and never changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from geo.schema import DataError
from store.database import engine_of, writing
from store.migrations import latest, migrated
from store.office import Office
from store.project import open_project
from tests.offices import office, row_town

# A project of the first schema, as sqlite3 dumps it.
SCHEMA_1 = r"""
CREATE TABLE audit (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	at TEXT NOT NULL,
	who TEXT NOT NULL,
	action TEXT NOT NULL,
	draft_id INTEGER,
	revision INTEGER,
	"before" TEXT,
	"after" TEXT,
	before_hash TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (project_id, number),
	FOREIGN KEY(project_id) REFERENCES project (id),
	FOREIGN KEY(draft_id) REFERENCES draft (id)
);
INSERT INTO "audit" VALUES(1,1,1,'2026-11-23T05:09:12.528+00:00','李科长','create',NULL,NULL,NULL,'{"title":"永川"}','','958e2ac7f18f587f45e5f478a3138e1bc85673f752fb893984b8a42070b692d7');
INSERT INTO "audit" VALUES(2,1,2,'2026-11-23T05:09:12.538+00:00','李科长','begin',1,1,NULL,'{"title":"草稿一"}','958e2ac7f18f587f45e5f478a3138e1bc85673f752fb893984b8a42070b692d7','85bb962dd769d29d341a614660a5b7184a60e97dcb3e40c2161441fb8d6bf138');
INSERT INTO "audit" VALUES(3,1,3,'2026-11-23T05:09:12.548+00:00','李科长','append',1,2,'{"position":0,"undone":[]}','{"command":{"area":"PMA-001","kind":"rename","name":"第1名","version":1},"position":1}','85bb962dd769d29d341a614660a5b7184a60e97dcb3e40c2161441fb8d6bf138','21d4e2e3aee21c3776718a960bc2622324805bd914a2094c4ebfbbbddfb2a036');
INSERT INTO "audit" VALUES(4,1,4,'2026-11-23T05:09:12.553+00:00','王主任','append',1,3,'{"position":1,"undone":[]}','{"command":{"communities":["e"],"kind":"move","to_area":"PMA-002","version":1},"position":2}','21d4e2e3aee21c3776718a960bc2622324805bd914a2094c4ebfbbbddfb2a036','5767f0f6fb7a167fb3ba7c6d8c224b2af1a2190046a796d919b5cd9657680467');
INSERT INTO "audit" VALUES(5,1,5,'2026-11-23T05:09:12.556+00:00','李科长','undo',1,4,'{"command":{"communities":["e"],"kind":"move","to_area":"PMA-002","version":1},"position":2}','{"position":1}','5767f0f6fb7a167fb3ba7c6d8c224b2af1a2190046a796d919b5cd9657680467','748ba80346c21f3d6eb1edd4aee64c3fda8677d56313a4e364d83bbce8b67826');
INSERT INTO "audit" VALUES(6,1,6,'2026-11-23T05:09:12.568+00:00','李科长','freeze',1,4,NULL,'{"number":1,"sha256":"52ab03d8b01dd8da39add60fc98185e3a4e2a629d74401fc4ee0b047f814f38d"}','748ba80346c21f3d6eb1edd4aee64c3fda8677d56313a4e364d83bbce8b67826','30c8d87909e6fa6aa4e7f749e88476136ac6882d37689c40018ffa5af90c8d19');
CREATE TABLE command (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	draft_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	record TEXT NOT NULL,
	at TEXT NOT NULL,
	who TEXT NOT NULL,
	UNIQUE (draft_id, position),
	FOREIGN KEY(draft_id) REFERENCES draft (id)
);
INSERT INTO "command" VALUES(1,1,1,'{"area":"PMA-001","kind":"rename","name":"第1名","version":1}','2026-11-23T05:09:12.548+00:00','李科长');
INSERT INTO "command" VALUES(2,1,2,'{"communities":["e"],"kind":"move","to_area":"PMA-002","version":1}','2026-11-23T05:09:12.553+00:00','王主任');
CREATE TABLE community (
	fid INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	community_id TEXT NOT NULL,
	geom GEOMETRY,
	name TEXT,
	count INTEGER,
	count_status TEXT,
	scope TEXT,
	address TEXT,
	street_town TEXT,
	committee TEXT,
	grids TEXT,
	buildings INTEGER,
	dwellings INTEGER,
	households INTEGER,
	owners INTEGER,
	built_year INTEGER,
	floor_area_m2 FLOAT,
	managing_company TEXT,
	ownership TEXT,
	lift TEXT,
	managed TEXT,
	source_rows TEXT,
	other TEXT,
	PRIMARY KEY (fid),
	UNIQUE (project_id, community_id),
	FOREIGN KEY(project_id) REFERENCES project (id)
);
INSERT INTO "community" VALUES(1,1,'a',X'47500001C0110000010600000001000000010300000001000000050000000000000000004440000000000000000000000000000044400000000000003E4000000000000000000000000000003E400000000000000000000000000000000000000000000044400000000000000000','a小区{{7*7}}',60,'','','','','','',NULL,NULL,NULL,NULL,NULL,1.5,'','','','','','[["备注","改造"],["areas",0]]');
INSERT INTO "community" VALUES(2,1,'h',X'47500001C0110000010600000002000000010300000001000000050000000000000000002240000000000000000000000000000022400000000000002240000000000000000000000000000022400000000000000000000000000000000000000000000022400000000000000000010300000001000000050000000000000000003D4000000000000000000000000000003D40000000000000224000000000000034400000000000002240000000000000344000000000000000000000000000003D400000000000000000','h小区{{7*7}}',NULL,'','','','','','',NULL,NULL,NULL,NULL,NULL,1.5,'','','','','','[["备注","改造"],["areas",6]]');
INSERT INTO "community" VALUES(3,1,'x',X'47500001C011000001010000000000000000001C400000000000002040','x小区{{7*7}}',40,'','','','','','',NULL,NULL,NULL,NULL,NULL,1.5,'','','','','','[["备注","改造"],["areas",7]]');
INSERT INTO "community" VALUES(4,1,'y',NULL,'y小区{{7*7}}',30,'','','','','','',NULL,NULL,NULL,NULL,NULL,1.5,'','','','','','[["备注","改造"],["areas",8]]');
CREATE TABLE draft (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	title TEXT NOT NULL,
	position INTEGER NOT NULL,
	length INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	at TEXT NOT NULL,
	who TEXT NOT NULL,
	PRIMARY KEY (id),
	CHECK (0 <= position AND position <= length),
	FOREIGN KEY(project_id) REFERENCES project (id)
);
INSERT INTO "draft" VALUES(1,1,'草稿一',1,2,4,'2026-11-23T05:09:12.555+00:00','李科长');
CREATE TABLE finding (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	file TEXT,
	"row" INTEGER,
	"column" TEXT,
	code TEXT,
	found TEXT,
	done TEXT,
	PRIMARY KEY (id),
	FOREIGN KEY(project_id) REFERENCES project (id)
);
CREATE TABLE gpkg_contents (
        table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
        description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
        min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
        CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
INSERT INTO "gpkg_contents" VALUES('community','features','community','','2026-11-23T05:09:12.510Z',0.0,0.0,40.0,30.0,4544);
INSERT INTO "gpkg_contents" VALUES('finding','attributes','finding','','2026-11-23T05:09:12.510Z',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE gpkg_geometry_columns (
        table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
        srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
        CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
        CONSTRAINT uk_gc_table_name UNIQUE (table_name),
        CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
        CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
INSERT INTO "gpkg_geometry_columns" VALUES('community','geom','GEOMETRY',4544,0,0);
CREATE TABLE gpkg_spatial_ref_sys (
        srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
        organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO "gpkg_spatial_ref_sys" VALUES('Undefined Cartesian SRS',-1,'NONE',-1,'undefined',NULL);
INSERT INTO "gpkg_spatial_ref_sys" VALUES('Undefined geographic SRS',0,'NONE',0,'undefined',NULL);
INSERT INTO "gpkg_spatial_ref_sys" VALUES('WGS 84',4326,'EPSG',4326,'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]',NULL);
INSERT INTO "gpkg_spatial_ref_sys" VALUES('CGCS2000 / 3-degree Gauss-Kruger CM 105E',4544,'EPSG',4544,'PROJCS["CGCS2000 / 3-degree Gauss-Kruger CM 105E",GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]],AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4490"]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",105],PARAMETER["scale_factor",1],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AUTHORITY["EPSG","4544"]]',NULL);
CREATE TABLE project (
	id INTEGER NOT NULL,
	title TEXT NOT NULL,
	crs TEXT NOT NULL,
	rules_id INTEGER NOT NULL,
	audit_rows INTEGER NOT NULL,
	audit_hash TEXT NOT NULL,
	at TEXT NOT NULL,
	who TEXT NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "project" VALUES(1,'永川','EPSG:4544',1,6,'30c8d87909e6fa6aa4e7f749e88476136ac6882d37689c40018ffa5af90c8d19','2026-11-23T05:09:12.510+00:00','李科长');
CREATE TABLE rules (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	text TEXT NOT NULL,
	at TEXT NOT NULL,
	who TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (project_id, sha256),
	FOREIGN KEY(project_id) REFERENCES project (id)
);
INSERT INTO "rules" VALUES(1,1,'62ea2ba941ef6c6576b8e60f6a1a0b514deaa682ce5f32d9a4fcae3bd699f758','# 规则
','2026-11-23T05:09:12.526+00:00','李科长');
CREATE TABLE schema_step (
	number INTEGER NOT NULL,
	at TEXT NOT NULL,
	PRIMARY KEY (number)
);
INSERT INTO "schema_step" VALUES(1,'2026-11-23T05:09:12.507+00:00');
CREATE TABLE snapshot (
	draft_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	record TEXT NOT NULL,
	PRIMARY KEY (draft_id, position),
	FOREIGN KEY(draft_id) REFERENCES draft (id)
);
INSERT INTO "snapshot" VALUES(1,0,'{"accepted":{},"checked":[],"consents":{},"links":{},"locked":[],"names":{},"plan":{"areas":[{"area_id":"PMA-001","center_id":"a","locked":false,"members":["a","b"]},{"area_id":"PMA-002","center_id":"d","locked":false,"members":["c","d"]},{"area_id":"PMA-003","center_id":"f","locked":false,"members":["f"]}],"below_min_groups":[["e","y"]],"next_number":4,"outcomes":{"a":"grouped","b":"grouped","c":"grouped","d":"grouped","e":"exception","f":"fixed","h":"held","x":"excluded","y":"exception"}},"reasons":{},"scopes":{}}');
CREATE TABLE version (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	draft_id INTEGER NOT NULL,
	rules_id INTEGER NOT NULL,
	title TEXT NOT NULL,
	record TEXT NOT NULL,
	violations TEXT NOT NULL,
	communities_sha256 TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	at TEXT NOT NULL,
	who TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (project_id, number),
	FOREIGN KEY(project_id) REFERENCES project (id),
	FOREIGN KEY(draft_id) REFERENCES draft (id),
	FOREIGN KEY(rules_id) REFERENCES rules (id)
);
INSERT INTO "version" VALUES(1,1,1,1,1,'一稿','{"accepted":{},"checked":[],"consents":{},"links":{},"locked":[],"names":{"PMA-001":"第1名"},"plan":{"areas":[{"area_id":"PMA-001","center_id":"a","locked":false,"members":["a","b"]},{"area_id":"PMA-002","center_id":"d","locked":false,"members":["c","d"]},{"area_id":"PMA-003","center_id":"f","locked":false,"members":["f"]}],"below_min_groups":[["e","y"]],"next_number":4,"outcomes":{"a":"grouped","b":"grouped","c":"grouped","d":"grouped","e":"exception","f":"fixed","h":"held","x":"excluded","y":"exception"}},"reasons":{},"scopes":{}}','[]','a3c1a31b63dac3827d528df1930212d06c4890ad75b4d16fc69fef6ee996979b','52ab03d8b01dd8da39add60fc98185e3a4e2a629d74401fc4ee0b047f814f38d','2026-11-23T05:09:12.566+00:00','李科长');
CREATE TRIGGER rules_no_update BEFORE UPDATE ON rules BEGIN SELECT RAISE(ABORT, 'written once'); END;
CREATE TRIGGER rules_no_delete BEFORE DELETE ON rules BEGIN SELECT RAISE(ABORT, 'written once'); END;
CREATE TRIGGER version_no_update BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'written once'); END;
CREATE TRIGGER version_no_delete BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'written once'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'written once'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'written once'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('command',2);
"""


@pytest.fixture
def first(tmp_path: Path) -> Path:
    path = tmp_path / "first.gpkg"
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.executescript(SCHEMA_1)
    return path


def made_of(path: Path) -> set[tuple[str, str, str]]:
    """Every table, index and trigger of a file, blanks aside."""
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {(kind, name, "".join(sql.split())) for kind, name, sql in rows}


def test_a_file_of_schema_1_opens(first: Path) -> None:
    graph = row_town()
    with open_project(first) as project:
        opened = project.draft(1, graph)
        assert (project.title(), opened.title, opened.revision) == ("永川", "草稿一", 4)
        assert opened.state.names == {"PMA-001": "第1名"}
        assert [step.undone for step in project.steps(1)] == [False, True]
        assert project.redo(1, 4, "李科长") == 5
        assert project.draft(1, graph).state.plan.area_of()["e"] == "PMA-002"
        assert list(project.communities().index) == ["a", "h", "x", "y"]
        (version,) = project.versions()
        assert version.title == "一稿"
        assert project.broken_audit() is None


def test_a_file_of_schema_1_becomes_what_is_made_today(first: Path, tmp_path: Path) -> None:
    open_project(first).close()
    today = tmp_path / "today.gpkg"
    office(today).close()
    assert made_of(first) == made_of(today)


def test_the_last_version_of_an_old_file_begins_the_procedure(first: Path) -> None:
    """Its hash is what it was: what drafts have learnt to hold since is no part of it."""
    with open_project(first) as project:
        (version,) = project.versions()
        assert version.sha256 == "52ab03d8b01dd8da39add60fc98185e3a4e2a629d74401fc4ee0b047f814f38d"
        assert (version.state.bounds, version.state.modes, version.state.contacts) == ({}, {}, {})
        told = [(row.version, row.area_id, row.state, row.on, row.who) for row in project.proceedings()]
        assert told == [(1, f"PMA-00{n}", "frozen", "2026-11-23", "李科长") for n in (1, 2, 3)]
        project.proceed(1, ["PMA-001"], "consulting", on="2026-11-24", reason="", who="李科长", expected=3)
        assert (project.office(), project.filings(), project.follow_ups()) == (Office(), (), ())


def test_versions_before_the_last_of_an_old_file_are_in_no_procedure(first: Path) -> None:
    with closing(sqlite3.connect(first)) as file:
        file.execute(
            "INSERT INTO version SELECT 2, project_id, 2, draft_id, rules_id, title, record, violations, "
            "communities_sha256, sha256, at, who FROM version"
        )
        file.commit()
    with open_project(first) as project:
        assert {row.version for row in project.proceedings()} == {2}


def add_colour(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE draft ADD COLUMN colour TEXT"))


def fill_colour(connection: Connection) -> None:
    connection.execute(text("UPDATE draft SET colour = '红'"))


def fail(connection: Connection) -> None:
    fill_colour(connection)
    msg = "half way"
    raise RuntimeError(msg)


def test_steps_run_once_and_in_order(first: Path) -> None:
    engine = engine_of(first)
    steps = {3: fill_colour, 2: add_colour}
    assert latest(steps) == 3
    for found in (1, 3):
        with writing(engine) as session:
            assert migrated(session.connection(), "2026-03-01", file="a", steps=steps) == found
    with closing(sqlite3.connect(first)) as file:
        assert file.execute("SELECT colour FROM draft").fetchall() == [("红",)]
        assert file.execute("SELECT number FROM schema_step").fetchall() == [(1,), (2,), (3,)]
    engine.dispose()


def test_a_step_that_fails_leaves_the_file_as_it_was(first: Path) -> None:
    before, engine = made_of(first), engine_of(first)
    with pytest.raises(RuntimeError, match="half way"), writing(engine) as session:
        migrated(session.connection(), "2026-03-01", file="a", steps={2: add_colour, 3: fail})
    engine.dispose()
    assert made_of(first) == before
    open_project(first).close()


def test_a_file_of_a_newer_program_is_refused(first: Path) -> None:
    with closing(sqlite3.connect(first, isolation_level=None)) as file:
        file.execute("INSERT INTO schema_step VALUES (99, '2030-01-01')")
    with pytest.raises(DataError) as refused:
        open_project(first)
    known = latest()
    assert str(refused.value) == (
        f"first.gpkg 由较新的程序建立（格式 99，本程序只认到 {known}）。请使用新版程序打开。"
    )


def test_a_geopackage_of_others_is_no_project(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.gpkg")) as file:
        file.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
    with pytest.raises(DataError, match=r"x.gpkg 不是项目文件"):
        open_project(tmp_path / "x.gpkg")
