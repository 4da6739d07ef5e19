"""Steps from one schema to the next: a project of any age opens, and is brought up to date in one transaction."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection, inspect, text

from geo.schema import DataError
from store.digests import hash_of_hashes

FIRST = 1
Step = Callable[[Connection], None]


def _to_2(connection: Connection) -> None:
    """Make schema 2: the files that a project was made of lie in it; a version says what was known not to be checked."""
    connection.execute(text("ALTER TABLE version ADD COLUMN confirmed TEXT DEFAULT '[]' NOT NULL"))
    connection.execute(
        text(
            "CREATE TABLE file (id INTEGER NOT NULL, project_id INTEGER NOT NULL, name TEXT NOT NULL, "
            "sha256 TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (id), UNIQUE (project_id, name), "
            "FOREIGN KEY(project_id) REFERENCES project (id))"
        )
    )
    for action in ("update", "delete"):
        head = f"CREATE TRIGGER file_no_{action} BEFORE {action.upper()} ON file"
        connection.execute(text(f"{head} BEGIN SELECT RAISE(ABORT, 'written once'); END"))


def _to_3(connection: Connection) -> None:
    """Make schema 3: disputes, and what meetings decided."""
    connection.execute(
        text(
            "CREATE TABLE dispute (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, "
            "kind TEXT NOT NULL, place TEXT NOT NULL, parties TEXT NOT NULL, claim TEXT NOT NULL, "
            "evidence TEXT NOT NULL, decision TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, "
            "FOREIGN KEY(project_id) REFERENCES project (id))"
        )
    )
    connection.execute(
        text(
            "CREATE TABLE meeting_decision (id INTEGER NOT NULL, project_id INTEGER NOT NULL, question TEXT NOT NULL, "
            "asked TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, PRIMARY KEY (id), "
            "UNIQUE (project_id, question), FOREIGN KEY(project_id) REFERENCES project (id))"
        )
    )


_TABLES_4 = """
CREATE TABLE proceeding (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, version INTEGER NOT NULL,
    area_id TEXT NOT NULL, state TEXT NOT NULL, day TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
    who TEXT NOT NULL, follows INTEGER, by_version INTEGER, paper INTEGER,
    FOREIGN KEY(project_id) REFERENCES project (id), FOREIGN KEY(follows) REFERENCES proceeding (id));
CREATE TABLE office (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, record TEXT NOT NULL,
    at TEXT NOT NULL, who TEXT NOT NULL, FOREIGN KEY(project_id) REFERENCES project (id));
CREATE TABLE filing (
    id INTEGER NOT NULL, project_id INTEGER NOT NULL, version INTEGER NOT NULL, area_id TEXT NOT NULL,
    record TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
    PRIMARY KEY (id), UNIQUE (project_id, version, area_id), FOREIGN KEY(project_id) REFERENCES project (id));
CREATE TABLE follow_up (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL, area_id TEXT NOT NULL,
    kind TEXT NOT NULL, due TEXT NOT NULL, done_on TEXT NOT NULL, note TEXT NOT NULL, at TEXT NOT NULL,
    who TEXT NOT NULL, FOREIGN KEY(project_id) REFERENCES project (id))
"""


def _to_4(connection: Connection) -> None:
    """Make schema 4: the states that areas go through, the office, filings and follow-ups; the last version begins."""
    for statement in _TABLES_4.split(";"):
        connection.execute(text(statement))
    connection.execute(
        text(
            "INSERT INTO proceeding (project_id, version, area_id, state, day, reason, at, who) "
            "SELECT v.project_id, v.number, json_extract(area.value, '$.area_id'), 'frozen', substr(v.at, 1, 10), '', v.at, v.who "
            "FROM version AS v, json_each(v.record, '$.plan.areas') AS area "
            "WHERE v.number = (SELECT max(number) FROM version AS other WHERE other.project_id = v.project_id)"
        )
    )
    for table in ("proceeding", "office"):
        for action in ("update", "delete"):
            head = f"CREATE TRIGGER {table}_no_{action} BEFORE {action.upper()} ON {table}"
            connection.execute(text(f"{head} BEGIN SELECT RAISE(ABORT, 'written once'); END"))


def _to_5(connection: Connection) -> None:
    """Make schema 5: forms for owners, the answers to their themes, and apart what is personal on a form."""
    own = "FOREIGN KEY(project_id) REFERENCES project (id))"
    for table in (
        (
            "opinion_form (id INTEGER NOT NULL, project_id INTEGER NOT NULL, form_no TEXT NOT NULL, version INTEGER NOT NULL, "
            "area_id TEXT NOT NULL, community_id TEXT NOT NULL, building TEXT NOT NULL, area_m2 DOUBLE, units INTEGER NOT NULL, "
            "holder TEXT NOT NULL, copy_of TEXT NOT NULL, alike TEXT NOT NULL, sent_on TEXT NOT NULL, way TEXT NOT NULL, "
            f"answers TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (project_id, form_no), {own}"
        ),
        (
            "opinion_theme (id INTEGER NOT NULL, project_id INTEGER NOT NULL, version INTEGER NOT NULL, area_id TEXT NOT NULL, "
            "text TEXT NOT NULL, reply TEXT NOT NULL, adopted TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL, "
            f"who TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (project_id, version, area_id, text), {own}"
        ),
        (
            "opinion_person (id INTEGER NOT NULL, project_id INTEGER NOT NULL, form_no TEXT NOT NULL, room TEXT NOT NULL, "
            "signer TEXT NOT NULL, handler TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (id), "
            f"UNIQUE (project_id, form_no), {own}"
        ),
    ):
        connection.execute(text(f"CREATE TABLE {table}"))


_TABLES_6 = """
CREATE TABLE basis (
    id INTEGER NOT NULL, project_id INTEGER NOT NULL, number INTEGER NOT NULL, "before" INTEGER,
    sha256 TEXT NOT NULL, crs TEXT NOT NULL, rules_id INTEGER NOT NULL, redrawn TEXT NOT NULL,
    at TEXT NOT NULL, who TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (project_id, number),
    FOREIGN KEY(project_id) REFERENCES project (id), FOREIGN KEY(rules_id) REFERENCES rules (id));
CREATE TABLE earlier_community (
    fid INTEGER NOT NULL, project_id INTEGER NOT NULL, basis INTEGER NOT NULL, community_id TEXT NOT NULL,
    geom GEOMETRY, name TEXT, count INTEGER, count_status TEXT, scope TEXT, address TEXT, street_town TEXT,
    committee TEXT, grids TEXT, buildings INTEGER, dwellings INTEGER, households INTEGER, owners INTEGER,
    built_year INTEGER, floor_area_m2 FLOAT, managing_company TEXT, ownership TEXT, lift TEXT, managed TEXT,
    source_rows TEXT, other TEXT, PRIMARY KEY (fid), UNIQUE (project_id, basis, community_id),
    FOREIGN KEY(project_id) REFERENCES project (id));
CREATE TABLE file_of_basis (
    id INTEGER NOT NULL, project_id INTEGER NOT NULL, basis INTEGER NOT NULL, name TEXT NOT NULL,
    sha256 TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (id), UNIQUE (project_id, basis, name),
    FOREIGN KEY(project_id) REFERENCES project (id));
INSERT INTO file_of_basis SELECT id, project_id, 1, name, sha256, content FROM file;
DROP TABLE file;
CREATE TABLE file (
    id INTEGER NOT NULL, project_id INTEGER NOT NULL, basis INTEGER NOT NULL, name TEXT NOT NULL,
    sha256 TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (id), UNIQUE (project_id, basis, name),
    FOREIGN KEY(project_id) REFERENCES project (id));
INSERT INTO file SELECT * FROM file_of_basis;
DROP TABLE file_of_basis;
ALTER TABLE draft ADD COLUMN basis INTEGER DEFAULT 1 NOT NULL
"""
_BESIDE_6 = "update.json"  # where an update was a project of its own, it lay beside the plan's files


def _to_6(connection: Connection) -> None:
    """Make schema 6: data that drafts stand on have a number, so that a project takes in others; what there is, is the first."""
    for statement in _TABLES_6.split(";"):
        connection.execute(text(statement))
    hashes: dict[int, dict[str, str]] = {}
    for project_id, name, sha256 in connection.execute(text("SELECT project_id, name, sha256 FROM file")):
        hashes.setdefault(project_id, {}).update({} if name == _BESIDE_6 else {name: sha256})
    first = text(
        "INSERT INTO basis (project_id, number, sha256, crs, rules_id, redrawn, at, who) "
        "SELECT id, 1, :sha256, crs, rules_id, '[]', at, who FROM project WHERE id = :id"
    )
    for (project_id,) in connection.execute(text("SELECT id FROM project")).fetchall():
        told = {"id": project_id, "sha256": hash_of_hashes(hashes.get(project_id, {}))}
        connection.execute(first, told)
    for column in ("crs", "rules_id"):
        connection.execute(text(f"ALTER TABLE project DROP COLUMN {column}"))
    for table in ("file", "earlier_community"):
        for action in ("update", "delete"):
            head = f"CREATE TRIGGER {table}_no_{action} BEFORE {action.upper()} ON {table}"
            connection.execute(text(f"{head} BEGIN SELECT RAISE(ABORT, 'written once'); END"))


# The number a step leads to → what it does. The first schema is what create() made at first; a later step is added
# here, with the statements that make it of the schema before, and never changed again.
STEPS: Mapping[int, Step] = MappingProxyType({2: _to_2, 3: _to_3, 4: _to_4, 5: _to_5, 6: _to_6})

_SEEN = text("INSERT INTO schema_step (number, at) VALUES (:number, :at)")


def latest(steps: Mapping[int, Step] = STEPS) -> int:
    """Return the number of the schema that this program writes."""
    return max(steps, default=FIRST)


def number_of(connection: Connection, file: str) -> int:
    """Return the number of the database's schema; raises DataError where it holds no project."""
    if not inspect(connection).has_table("schema_step"):
        raise DataError("store.not_a_project", file=file)
    found = connection.execute(text("SELECT max(number) FROM schema_step")).scalar()
    if found is None:
        raise DataError("store.not_a_project", file=file)
    return int(found)


def migrated(connection: Connection, at: str, *, file: str, steps: Mapping[int, Step] = STEPS) -> int:
    """Bring the database to the latest schema within the caller's transaction; return the number it had.

    Raises DataError where a newer program made it.
    """
    found = number_of(connection, file)
    if found > latest(steps):
        raise DataError("store.made_by_newer", file=file, found=found, known=latest(steps))
    for number in sorted(step for step in steps if step > found):
        steps[number](connection)
        connection.execute(_SEEN, {"number": number, "at": at})
    return found
