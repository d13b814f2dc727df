"""The build writes over nobody's work: what somebody put into a generated notebook, it names and leaves."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from demo_lesson import SOURCE, write_course
from learner_edits import edited

from fedgrader.course import ROOT
from tools import build, demo


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The root of a built demo course, of which every notebook is stale now."""
    assert build.main(write_course(tmp_path), []) == 0
    source = tmp_path / "source" / "demo" / "demo.md"
    source.write_text(SOURCE.replace("Prose again.", "Prose, otherwise."), encoding="utf-8")
    return tmp_path


def notebooks(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.glob("lessons/*/*.ipynb")}


def change(path: Path, change_it) -> None:
    nb = nbformat.read(path, as_version=4)
    change_it(nb)
    nbformat.write(nb, path)


def solve(nb: nbformat.NotebookNode) -> None:
    [cell] = [cell for cell in nb.cells if cell.id == "solution-double"]
    cell.source = "def double(x):\n    return 2 * x"


def add(nb: nbformat.NotebookNode) -> None:
    nb.cells.append(nbformat.v4.new_code_cell("mine = 1"))


def run(nb: nbformat.NotebookNode) -> None:
    [cell] = [cell for cell in nb.cells if cell.id == "setup"]
    cell.outputs = [nbformat.v4.new_output("stream", text="shown")]


def solve_an_older_one(nb: nbformat.NotebookNode) -> None:
    del nb.metadata.course["released"]
    solve(nb)


def add_to_an_older_one(nb: nbformat.NotebookNode) -> None:
    del nb.metadata.course["released"]
    add(nb)


def note_in_a_bare_one(nb: nbformat.NotebookNode) -> None:
    """Tools that save notebooks may drop all metadata."""
    nb.metadata.clear()
    nb.cells[0].source += "\nMy note"


def solve_a_bare_one(nb: nbformat.NotebookNode) -> None:
    solve(nb)
    nb.metadata.clear()
    for cell in nb.cells:
        cell.metadata.clear()


WORK = [solve, add, run, solve_an_older_one, add_to_an_older_one, note_in_a_bare_one, solve_a_bare_one]


@pytest.mark.parametrize("work", WORK)
def test_a_notebook_with_work_in_it_is_left_and_the_command_to_move_it_works(course, capsys, work):
    path = course / "lessons" / "ko" / "demo.ipynb"
    change(path, work)
    before = notebooks(course)
    capsys.readouterr()
    assert build.main(course, []) == 1
    said = capsys.readouterr()
    after = notebooks(course)
    assert after["lessons/ko/demo.ipynb"] == before["lessons/ko/demo.ipynb"]
    assert after["lessons/pt/demo.ipynb"] != before["lessons/pt/demo.ipynb"], "the others are built"
    assert "wrote lessons/ko" not in said.out
    [line] = said.err.splitlines()
    assert line.startswith("lessons/ko/demo.ipynb holds somebody's work")
    command = line.partition("build again: ")[2]
    subprocess.run(command, shell=True, check=True, cwd=course)
    assert (course / "my" / "ko" / "demo.ipynb").read_bytes() == before["lessons/ko/demo.ipynb"]
    assert build.main(course, []) == 0
    assert build.main(course, ["--check"]) == 0


def test_the_command_writes_over_nothing_either(course, capsys):
    (course / "my" / "en").mkdir(parents=True)
    (course / "my" / "en" / "demo.ipynb").write_text("earlier work")
    change(course / "lessons" / "en" / "demo.ipynb", solve)
    capsys.readouterr()
    assert build.main(course, []) == 1
    subprocess.run(capsys.readouterr().err.partition("build again: ")[2], shell=True, check=True, cwd=course)
    assert (course / "my" / "en" / "demo.ipynb").read_text() == "earlier work"
    moved = course / "my" / "en" / "demo.from-lessons-1.ipynb"
    assert "return 2 * x" in moved.read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", range(20))
def test_whatever_a_learner_wrote_is_left_byte_by_byte(course, seed):
    path = course / "lessons" / random.Random(seed).choice(["en", "zh", "ko", "pt"]) / "demo.ipynb"
    nb, texts = edited(nbformat.read(path, as_version=4), seed)
    nbformat.write(nb, path)
    before = path.read_bytes()
    code = build.main(course, [])
    assert (path.read_bytes() == before and code == 1) or not texts


def test_a_damaged_notebook_is_left_since_nobody_knows_what_is_in_it(course, capsys):
    path = course / "lessons" / "zh" / "demo.ipynb"
    half = path.read_bytes()[:500]
    path.write_bytes(half)
    assert build.main(course, []) == 1
    assert path.read_bytes() == half and "lessons/zh/demo.ipynb holds" in capsys.readouterr().err


def test_what_is_stale_or_was_only_opened_is_built(course):
    for language in ("en", "zh"):
        change(course / "lessons" / language / "demo.ipynb", lambda nb: nb.metadata.update(widgets={}))
    change(course / "lessons" / "ko" / "demo.ipynb", lambda nb: nb.metadata.course.pop("released"))
    assert build.main(course, []) == 1, "without a record the prose that has gone may be a learner's"
    (course / "lessons" / "ko" / "demo.ipynb").unlink()
    assert build.main(course, []) == 0
    assert build.main(course, ["--check"]) == 0


def test_check_says_the_same_and_does_not_send_the_reader_to_make_build(course, capsys):
    change(course / "lessons" / "pt" / "demo.ipynb", solve)
    capsys.readouterr()
    assert build.main(course, ["--check"]) == 1
    said = capsys.readouterr().err
    assert "lessons/pt/demo.ipynb holds somebody's work" in said
    assert "lessons/pt/demo.ipynb: stale" not in said and "lessons/ko/demo.ipynb: stale" in said


def test_a_notebook_of_somebodys_own_is_not_to_be_removed(course, capsys):
    own = course / "lessons" / "en" / "notes.ipynb"
    own.write_text(json.dumps({"cells": []}))
    assert build.main(course, []) == 1
    assert (
        "lessons/en/notes.ipynb: no lesson in course.toml makes it; move it away" in capsys.readouterr().err
    )
    assert own.exists()


@pytest.mark.parametrize("is_the_demos", [True, False])
def test_make_clean_leaves_every_file_that_is_somebodys(tmp_path, is_the_demos):
    shutil.copy(ROOT / "Makefile", tmp_path)
    theirs = ("my/ko/lesson01.ipynb", "lessons/en/lesson01.ipynb", "submitted/ana/x.ipynb", "gradebook.db")
    demo_files = ("demo/grades.csv", f"demo/{demo.MARK}") if is_the_demos else ()
    theirs = theirs if is_the_demos else (*theirs, "demo/ana.ipynb")
    for name in (*theirs, *demo_files, ".venv/complete"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("theirs")
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {*theirs, "Makefile"}


def test_git_leaves_the_learners_folder_out():
    ignored = subprocess.run(
        ["git", "check-ignore", "my/en/x.ipynb", "lessons/en/x.ipynb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ignored.stdout.split() == ["my/en/x.ipynb"]
