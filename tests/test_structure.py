"""The architecture holds: one exercise, one path; the sandbox shows one folder; rooms use what lies below."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from fedgrader.course import ROOT, load_course
from fedgrader.course.files import GUEST, TOOLKIT
from fedgrader.running.sandbox.host import bubblewrap

PACKAGE = GUEST.parent
LONGEST = 400  # lines
TREES = (PACKAGE / "checks", GUEST / "harness", ROOT / "tests" / "answers")
SOURCES = [
    path
    for folder in ("autograder", "fedcourse", "solutions", "tools", "benchmarks", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def modules(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py")} - {"__init__"}


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_an_exercise_has_the_same_path_in_each_tree(tree: Path):
    lessons = {path.name for path in tree.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert lessons == {lesson.slug for lesson in load_course().lessons}
    for lesson in load_course().lessons:
        known = {exercise.name for exercise in lesson.exercises}
        found = modules(tree / lesson.slug)
        assert found - known <= {"shared"}
        # A harness may be one that all of a lesson's exercises share.
        assert known <= found or (tree.name == "harness" and "shared" in found)


def test_the_sandbox_holds_the_guest_and_the_toolkit_and_nothing_else_of_the_course():
    listing = [*bubblewrap(), "/usr/bin/find", "/course", "-type", "f", "-not", "-path", "*/__pycache__/*"]
    seen = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    mounted = {"/course/fedgrader/guest": GUEST, "/course/fedcourse": TOOLKIT}
    assert set(seen) == {
        f"{inside}/{path.relative_to(outside)}"
        for inside, outside in mounted.items()
        for path in outside.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_no_solution_check_or_question_is_anywhere_in_the_sandbox():
    """Neither in the course's own folder nor among the packages."""
    names = ("checks", "solutions", "questions", "course.toml")
    wanted = [word for name in names for word in ("-o", "-name", name)][1:]
    places = ["/course", "/packages/fedcourse", "/packages/fedgrader"]
    listing = [*bubblewrap(), "/usr/bin/find", *places, *wanted]
    assert subprocess.run(listing, capture_output=True, text=True, check=False).stdout == ""


def test_rooms_use_only_what_lies_below_them():
    ended = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.slow
def test_the_types_of_what_judges_and_grades_are_sound():
    ended = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


def test_no_file_holds_two_things():
    lengths = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert [path for path, lines in lengths.items() if lines > LONGEST and "answers" not in path] == []


def test_a_class_has_a_name_of_its_own():
    parts = ("autograder", "fedcourse", "tools")
    names = Counter(
        node.name
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] in parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_older_notebooks_find_what_they_import():
    code = (
        "import fedcourse; from autograder import check, guess, hint, use_language; print(check.__module__)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "fedgrader.study.instant"
