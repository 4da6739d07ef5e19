"""The catalogue: the same sentences in every language, each of them used, filled and found; no text beside it."""

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Thread

import pytest

from geo import wording
from geo.wording import LANGUAGES, catalogue, language, listed, say, sentence, speaking

HERE = Path(__file__).parent.parent
ROOMS = ("geo", "optimizer", "store", "report", "jobs", "ui")
SOURCES = [HERE / "app.py", *(path for room in ROOMS for path in sorted((HERE / room).rglob("*.py")))]
DESK = [HERE / "app.py", *sorted((HERE / "ui").rglob("*.py"))]
SCRIPTS = sorted(path for room in ("ui", "report") for path in (HERE / room).rglob("*.js"))

# called with a literal key → the sentences it says
SPOKEN_BY = {
    "say": ["{}"],
    "sentence": ["{}"],
    "DataError": ["errors.{}"],
    "finding": ["findings.{}.found", "findings.{}.done"],
}
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
CHINESE_IN_ENGLISH = {"desk.language.other"}  # the switch is named in the language it leads to
WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")  # what only a sentence has
CHINESE_FILES = [
    *sorted((HERE / "data" / "language" / "zh").glob("*.toml")),
    HERE / "data" / "rules" / "chongqing.toml",
    HERE / "data" / "procedures.toml",
]
NARROW_MARK = re.compile(r"[\u4e00-\u9fff”][,:;!?()].{,9}|.{,9}[,:;!?()] ?[\u4e00-\u9fff“]")
FIELD = re.compile(r"\{[^{}]*\}")
TAGS = re.compile(r"<[^>]*>?|&[a-z]+;")
NOT_FOR_PEOPLE = {"re.compile", "_incident"}  # expressions, and what only the log says
NOT_SHOWN = {"、"}  # joins names within the cells of our tables


# --- what the code says ----------------------------------------------------------------------------


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def spoken() -> Iterator[tuple[str, ast.Call]]:
    """Every sentence that the code names in full, and where: say("a.b"), DataError("a.b"), finding("a.b")."""
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                named = node.args[0]
                if node.func.id in SPOKEN_BY and isinstance(named, ast.Constant):
                    yield from ((pattern.format(named.value), node) for pattern in SPOKEN_BY[node.func.id])


def texts(module: ast.Module) -> Iterator[ast.Constant]:
    """Every piece of text in a module but its docstrings, what it raises and what is not for people."""
    bodies = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    apart = [node.body[0] for node in ast.walk(module) if isinstance(node, bodies)]
    apart = [line for line in apart if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)]
    apart += [node for node in ast.walk(module) if isinstance(node, ast.Raise)]
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    apart += [node for node in calls if ast.unparse(node.func) in NOT_FOR_PEOPLE]
    hidden = {id(part) for node in apart for part in ast.walk(node)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in hidden:
            yield node


def patterns() -> set[str]:
    """Every key or table of keys that some text of the code spells, as an expression: f"a.{b}" is "a[.].+"."""
    found = set()
    for path in SOURCES:
        if path.name == "schema.py":  # puts "errors." and "findings." before every code
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                pieces = [p.value if isinstance(p, ast.Constant) else None for p in node.values]
                if pieces[0] not in (None, "errors.", "findings."):
                    found.add("".join(".+" if p is None else re.escape(p) for p in pieces))
    return {pattern for pattern in found if re.match(r"\w+\\\.", pattern)}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


# --- every key -------------------------------------------------------------------------------------


def test_every_key_the_code_names_is_in_the_catalogue():
    assert sorted({key for key, _ in spoken()} - set(catalogue())) == []


def test_every_sentence_is_given_its_fields():
    short = {
        f"{key} lacks {name}"
        for key, call in spoken()
        if ast.unparse(call.func) != "sentence" and None not in {given.arg for given in call.keywords}
        for name in fields(catalogue().get(key, "")) - {given.arg for given in call.keywords}
    }
    assert short == set()


def test_every_sentence_is_said_somewhere():
    said = re.compile("|".join(rf"(errors\.|findings\.)?{p}(\.found|\.done)?" for p in patterns()))
    tables = re.compile("|".join(rf"{p}\.\w+" for p in patterns()))
    assert [key for key in catalogue() if not said.fullmatch(key) and not tables.fullmatch(key)] == []


@pytest.mark.parametrize("other", LANGUAGES[1:])
def test_every_language_has_the_same_sentences(other):
    first, second = catalogue(LANGUAGES[0]), catalogue(other)
    assert [key for key in first if key not in second] == []
    assert [key for key in second if key not in first] == []


@pytest.mark.parametrize("other", LANGUAGES[1:])
def test_a_sentence_has_the_same_fields_in_every_language(other):
    first, second = catalogue(LANGUAGES[0]), catalogue(other)
    assert {
        key: fields(first[key]) ^ fields(second[key])
        for key in first
        if fields(first[key]) != fields(second[key])
    } == {}


@pytest.mark.parametrize("known", LANGUAGES)
@pytest.mark.parametrize("number", [1, 2])
def test_every_sentence_can_be_filled(known, number):
    with speaking(known):
        for key in catalogue():
            said = say(key, **dict.fromkeys(fields(sentence(key)), number))
            assert not re.search(r"[{}|]", said), key


def test_english_holds_no_chinese():
    english = catalogue("en")
    assert [key for key in english if CHINESE.search(english[key]) and key not in CHINESE_IN_ENGLISH] == []


@pytest.mark.parametrize("path", CHINESE_FILES, ids=lambda path: path.name)
def test_chinese_stands_with_chinese_marks(path):
    found = NARROW_MARK.findall(FIELD.sub("", path.read_text(encoding="utf-8")))
    assert found == []


def test_fields_are_plain_or_a_choice_of_two_words():
    for known in LANGUAGES:
        for key, text in catalogue(known).items():
            for _, name, spec, conversion in string.Formatter().parse(text):
                assert not name or name.isidentifier(), key
                assert not spec or spec.count("|") == 1, key
                assert not conversion, key


def test_each_number_of_the_headline_stands_once():
    for known in LANGUAGES:
        text = catalogue(known)["report.summary_line"]
        named = [name for _, name, _, _ in string.Formatter().parse(text) if name]
        assert named == ["areas", "groups", "alone", "fixed", "exceptions", "held"]


# --- nothing beside the catalogue ------------------------------------------------------------------


@pytest.mark.parametrize("path", DESK, ids=lambda path: path.stem)
def test_the_desk_shows_no_text_of_its_own(path):
    shown = [
        f"{path.name}:{node.lineno} {node.value!r}"
        for node in texts(tree(path))
        if (CHINESE.search(node.value) and node.value not in NOT_SHOWN)
        or WORDS.search(TAGS.sub("", node.value))
    ]
    assert shown == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_show_no_text_of_their_own(path):
    code = re.sub(r"^\s*//.*$|\s// .*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    quoted = [text for _, text in re.findall(r"""(["'`])((?:(?!\1).)*)\1""", code)]
    assert [text for text in quoted if CHINESE.search(text) or re.match(r"[A-Z][a-z]+ [a-z]+", text)] == []


# --- saying ----------------------------------------------------------------------------------------


def test_values_are_never_read_as_templates():
    assert "{file}" in say("errors.rules.unreadable", file="{file}")


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError):
        say("errors.no_such_sentence")


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError):
        say("errors.rules.unreadable")


def test_one_is_told_from_many():
    with speaking("en"):
        assert say("report.households", count=1) == "1 household"
        assert say("report.households", count="1") == "1 household"
        assert say("report.households", count=0) == "0 households"
        assert say("report.households", count=21) == "21 households"


def test_a_list_is_told_with_the_commas_of_the_language():
    assert say("answers.title", names=("东苑", "西苑")) == "若把这些小区组成一个区域：东苑、西苑"
    with speaking("en"):
        assert (
            say("answers.title", names=("东苑", "西苑")) == "If these communities formed one area: 东苑, 西苑"
        )
        assert listed(iter((1, 2))) == "1, 2"


# --- which language --------------------------------------------------------------------------------


@pytest.fixture
def nobody_asked(monkeypatch):
    monkeypatch.setattr(wording, "_person", None)
    monkeypatch.delenv("ZUTUAN_LANGUAGE", raising=False)


@pytest.mark.usefixtures("nobody_asked")
def test_chinese_unless_somebody_chooses():
    assert language() == "zh"


@pytest.mark.usefixtures("nobody_asked")
@pytest.mark.parametrize(("given", "heard"), [("en", "en"), ("zh", "zh"), ("tlh", "zh"), ("", "zh")])
def test_the_environment_chooses(monkeypatch, given, heard):
    monkeypatch.setenv("ZUTUAN_LANGUAGE", given)
    assert language() == heard


@pytest.mark.usefixtures("nobody_asked")
def test_the_person_at_the_screen_comes_before_the_environment(monkeypatch):
    monkeypatch.setenv("ZUTUAN_LANGUAGE", "en")
    wording.listen_to(lambda: "zh")
    assert language() == "zh"
    assert wording.language_of_runs() == "en"


@pytest.mark.usefixtures("nobody_asked")
def test_a_person_who_is_not_there_or_says_something_else_is_passed_over(monkeypatch):
    monkeypatch.setenv("ZUTUAN_LANGUAGE", "en")
    for answer in ("", "tlh"):
        wording.listen_to(lambda answer=answer: answer)
        assert language() == "en"


@pytest.mark.usefixtures("nobody_asked")
def test_a_block_comes_before_the_person_and_ends(monkeypatch):
    wording.listen_to(lambda: "zh")
    with speaking("en"):
        assert say("desk.list.areas") == "Areas"
        with speaking("zh"):
            assert say("desk.list.areas") == "区域"
        assert say("desk.list.areas") == "Areas"
    assert say("desk.list.areas") == "区域"


@pytest.mark.usefixtures("nobody_asked")
def test_a_block_holds_for_its_own_thread_alone():
    heard = []
    with speaking("en"):
        other = Thread(target=lambda: heard.append(language()))
        other.start()
        other.join()
    assert heard == ["zh"]
