"""The notebooks are what their source says, in every language, and what nbgrader itself would release."""

import io
import json
import os
import re
import shutil
import sys
import tokenize
from pathlib import Path

import nbformat
import pytest
from demo_lesson import SOLUTIONS, SOURCE, write_course

from fedgrader.course import ROOT, load_course, release
from tools import build

COURSE = load_course()
SLUGS = [lesson.slug for lesson in COURSE.lessons]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The root of a built demo course."""
    assert build.main(write_course(tmp_path), []) == 0
    return tmp_path


def cells(root: Path, language: str, slug: str = "demo") -> dict[str, dict]:
    """The cells of a student's notebook by id, in order."""
    notebook = json.loads((root / "lessons" / language / f"{slug}.ipynb").read_text(encoding="utf-8"))
    return {cell["id"]: cell | {"source": "".join(cell["source"])} for cell in notebook["cells"]}


def test_committed_files_are_fresh(capsys):
    assert build.main(ROOT, ["--check"]) == 0, capsys.readouterr().err


@pytest.mark.slow
def test_english_lessons_are_what_nbgrader_releases(tmp_path, monkeypatch):
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    # nbgrader starts alembic as a program.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    shutil.copytree(ROOT / "source", tmp_path / "source")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    config.CourseDirectory.root = str(tmp_path)
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    for slug in SLUGS:
        result = api.generate_assignment(slug)
        assert result["success"], result["log"]
        released = tmp_path / "release" / slug
        assert [path.name for path in released.iterdir()] == [f"{slug}.ipynb"]
        assert (ROOT / "lessons/en" / f"{slug}.ipynb").read_bytes() == next(released.iterdir()).read_bytes()


def code_tokens(source: str, *, with_comments: bool) -> list[tuple[int, str]]:
    """The tokens of a cell, language code and message set to one value; IPython's lines stand as strings."""
    source = re.sub(r'(use_language\(|_colab_\w+\.start\(repository, )"\w\w"', r'\1"xx"', source)
    source = re.sub(r'(?m)^( +(?:gone|offline) = )".*"$', r'\1"xx"', source)
    source = re.sub(r"(?m)^( *)(%.*)$", lambda line: f"{line[1]}{line[2]!r}", source)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    ignored = set() if with_comments else {tokenize.COMMENT}
    return [(token.type, token.string) for token in tokens if token.type not in ignored]


def assert_same_code(root: Path, slug: str, language: str) -> None:
    english, translated = cells(root, "en", slug), cells(root, language, slug)
    assert list(english) == list(translated)
    for cell_id, cell in english.items():
        if cell["cell_type"] == "code":
            graded = "nbgrader" in cell["metadata"]
            ours, theirs = (
                code_tokens(c["source"], with_comments=graded) for c in (cell, translated[cell_id])
            )
            assert ours == theirs, cell_id
            assert cell["metadata"] == translated[cell_id]["metadata"]


@pytest.mark.parametrize("language", COURSE.languages[1:])
@pytest.mark.parametrize("slug", SLUGS)
def test_code_is_the_same_in_every_language(slug, language):
    assert_same_code(ROOT, slug, language)


def test_same_code_test_can_fail(course):
    path = course / "lessons" / "zh" / "demo.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("x = 1 ", "x = 2 "), encoding="utf-8")
    with pytest.raises(AssertionError):
        assert_same_code(course, "demo", "zh")


@pytest.mark.parametrize("language", COURSE.languages)
@pytest.mark.parametrize("slug", SLUGS)
def test_committed_notebooks_are_valid(slug, language):
    notebook = nbformat.read(ROOT / "lessons" / language / f"{slug}.ipynb", as_version=4)
    nbformat.validate(notebook)
    written = {"lang": language, "slug": slug, release.KEY: release.record(notebook.cells)}
    assert notebook.metadata.course == written


def test_building_twice_gives_the_same_bytes(course, capsys):
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert build.main(course, []) == 0
    assert capsys.readouterr().out == ""
    for path in course.rglob("lessons/*/*.ipynb"):
        path.unlink()
    build.main(course, [])
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == before


def test_check_names_what_is_stale_and_writes_nothing(course, capsys):
    path = course / "lessons" / "ko" / "demo.ipynb"
    path.write_text("{}")
    (course / "lessons" / "ko" / "gone.ipynb").write_text("{}")
    assert build.main(course, ["--check"]) == 1
    said = capsys.readouterr().err
    assert "lessons/ko/demo.ipynb: stale" in said
    assert "lessons/ko/gone.ipynb: no lesson" in said
    assert path.read_text() == "{}"


def test_a_lesson_can_include_what_its_solutions_take_from_another_lesson(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "earlier.py").write_text("def lent(x):\n    return x\n")
    taking = SOLUTIONS.replace("\n\n", "\n\nfrom solutions.earlier import lent\n\n", 1)
    source = SOURCE.replace(":include: FACTOR", ":include: lent, FACTOR")
    assert build.main(write_course(tmp_path, source=source, solutions=taking), []) == 0
    assert any("def lent(x):" in cell["source"] for cell in cells(tmp_path, "en").values())


def test_students_get_stubs_and_teachers_get_solutions(course):
    student = cells(course, "en")
    assert student["solution-double"]["source"] == (
        'def double(x):\n    """Twice `x`, a number."""\n    raise NotImplementedError'
    )
    assert student["solution-Mean"]["source"].count("raise NotImplementedError") == 2
    assert student["check-double"]["source"] == 'check("demo.double", double)'
    assert student["check-Mean"]["metadata"]["nbgrader"]["points"] == 3.5
    assert "Secret" not in (course / "lessons" / "en" / "demo.ipynb").read_text()
    instructor = nbformat.read(course / "source" / "demo" / "demo.ipynb", as_version=4)
    (double,) = (cell for cell in instructor.cells if cell.id == "solution-double")
    assert double.source.splitlines()[2:] == [
        "    ### BEGIN SOLUTION",
        "    # Secret thought.",
        "    return FACTOR * helper(x)",
        "    ### END SOLUTION",
    ]


def test_included_definitions_keep_comments_and_decorators(course):
    (included,) = (cell["source"] for cell in cells(course, "en").values() if "FACTOR" in cell["source"])
    assert included == (
        "# Why two: it is even.\nFACTOR = 2\nOTHER = 3\n\n\n"
        "# Remembered, for it is slow.\n@functools.cache\ndef helper(x):\n    return x  # unchanged"
    )


def test_equal_cells_get_different_ids(course):
    ids = [cell_id for cell_id, cell in cells(course, "en").items() if cell["source"] == "Prose again."]
    assert ids[1] == f"{ids[0]}-2"


def test_header_links_to_the_other_languages(course):
    header = cells(course, "ko")["header"]["source"]
    assert "](../zh/demo.ipynb)" in header
    assert "](../ko/demo.ipynb)" not in header
    assert "someone/course/blob/v1.2/lessons/pt/demo.ipynb" in header
    assert 'use_language("ko")' in cells(course, "ko")["setup"]["source"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# A demo", "A demo", r"demo.md:1: begin with .*# Title"),
        (":setup: true", ":set-up: true", r"demo.md:5: .*at most one of :setup:"),
        ("```{code-cell}\n:setup: true\n```", "", r"there is no cell with `:setup: true`; add one"),
        (":include: FACTOR", ":include: FACTR", r"demo.md:16: no 'FACTR'; did you mean 'FACTOR'\?"),
        (":include: FACTOR", ":include: double", r"demo.md:16: .*show a solution; use `:solution: double`"),
        (":check: double", ":check: doubel", r"demo.md:29: no 'doubel'; did you mean 'double'\?"),
        ("```{code-cell}\n:check: Mean\n```", "", r"there is no cell with `:check: Mean`; add one"),
        (":solution: Mean", ":solution: double", r"demo.md:33: `:solution: double` stands in line 25 too"),
        (":check: double", ":check: double\ncheck(1)", r"demo.md:29: .*leave it empty"),
        ("x = 1", "x = (1", r"demo.md:20: .*EOF in multi-line statement"),
    ],
)
def test_wrong_source_is_named_with_its_line(old, new, message, tmp_path, capsys):
    assert old in SOURCE
    assert build.main(write_course(tmp_path, source=SOURCE.replace(old, new, 1)), []) == 1
    assert re.search(message, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("def double", "def treble", r"demo.md:25: no 'double'; "),
        ('    """Twice `x`, a number."""\n', "", r"demo.md:25: double: it must be .* with a docstring"),
        ("    return FACTOR * helper(x)\n", "", r"demo.md:25: double: nothing follows its docstring"),
    ],
)
def test_wrong_solution_is_named_with_the_line_that_uses_it(old, new, message, tmp_path, capsys):
    assert build.main(write_course(tmp_path, solutions=SOLUTIONS.replace(old, new, 1)), []) == 1
    assert re.search(message, capsys.readouterr().err)


def test_missing_source_is_named(tmp_path, capsys):
    write_course(tmp_path)
    (tmp_path / "source/demo/demo.md").unlink()
    assert build.main(tmp_path, []) == 1
    assert "demo.md: no such file; write the lesson" in capsys.readouterr().err
