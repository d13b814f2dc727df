"""A learner's notebooks are theirs: made once, told of what is newer, renewed when asked, and never lost."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from learner_edits import edited, newer

from fedcourse.i18n import use_language
from fedgrader.cli import main
from fedgrader.course import ROOT, load_course, release
from fedgrader.study import originals, workspace
from fedgrader.study.workspace import Workspace

SLUG = "lesson06_fedavg_by_hand"
LESSON = load_course().lesson(SLUG)
LANGUAGES = load_course().languages
ANSWER = "def evaluate(server_weights, client_data, count_correct):\n    return 1"


@pytest.fixture(autouse=True)
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The course's own notebooks, in a place where they can be changed."""
    folder = tmp_path / "clone" / "lessons"
    shutil.copytree(ROOT / "lessons", folder)
    monkeypatch.setattr(originals, "FOLDER", folder)
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FEDCOURSE_WORK", raising=False)
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "my")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def answer(path: Path) -> None:
    """Write an answer into the notebook."""
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.id == "solution-evaluate":
            cell.source = ANSWER
    nbformat.write(nb, path)


def answers(path: Path) -> list[str]:
    nb = nbformat.read(path, as_version=4)
    return [
        cell.source for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "evaluate"
    ]


def publish(lessons: Path, seed: int = 0, language: str = "en") -> bytes:
    """Have the course bring out a newer version of the lesson; its file's content."""
    path = lessons / language / f"{SLUG}.ipynb"
    nbformat.write(newer(nbformat.read(path, as_version=4), seed), path)
    return path.read_bytes()


def commit(lessons: Path) -> None:
    names = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for step in (["init", "-q"], ["add", "."], [*names, "commit", "-qm", "lessons"]):
        subprocess.run(["git", *step], cwd=lessons.parent, check=True)


# --- made once ---


def test_the_copies_are_the_lessons_in_all_languages_and_the_links_between_them_lead_somewhere(mine, lessons):
    [welcome] = mine.prepare([LESSON])
    assert str(mine.folder) in welcome
    assert contents(mine.folder) == {
        f"{language}/{SLUG}.ipynb": (lessons / language / f"{SLUG}.ipynb").read_bytes()
        for language in LANGUAGES
    }
    header = nbformat.read(mine.copy(LESSON, "ko"), as_version=4).cells[1].source
    for language in {"en", "zh", "pt"}:
        assert f"](../{language}/{SLUG}.ipynb)" in header
        assert (mine.copy(LESSON, "ko").parent / f"../{language}/{SLUG}.ipynb").exists()


@pytest.mark.parametrize("seed", range(12))
def test_a_copy_with_work_in_it_is_left_alone_byte_by_byte(mine, lessons, seed):
    mine.prepare([LESSON])
    path = mine.copy(LESSON, LANGUAGES[seed % 4])
    nb, _texts = edited(nbformat.read(path, as_version=4), seed)
    nbformat.write(nb, path)
    mine.copy(LESSON, LANGUAGES[(seed + 1) % 4]).write_bytes(b"{ half a notebook")
    before = contents(mine.folder)
    for language in LANGUAGES:
        publish(lessons, seed, language)
    mine.prepare([LESSON])
    after = contents(mine.folder)
    for number in (seed, seed + 1):
        name = f"{LANGUAGES[number % 4]}/{SLUG}.ipynb"
        assert after[name] == before[name]


def test_a_copy_that_was_only_opened_follows_the_course_and_says_nothing(mine, lessons):
    mine.prepare([LESSON])
    path = mine.copy(LESSON, "en")
    nb = nbformat.read(path, as_version=4)
    nb.metadata.language_info["version"] = "3.11.7"  # as Jupyter does
    nbformat.write(nb, path)
    saved = path.read_bytes()
    assert mine.prepare([LESSON]) == mine.newer([LESSON]) == [] and path.read_bytes() == saved
    later = publish(lessons)
    assert mine.prepare([LESSON]) == mine.newer([LESSON]) == []
    assert path.read_bytes() == later


def test_a_newer_version_is_told_of_and_running_and_saving_raises_no_alarm(mine, lessons):
    mine.prepare([LESSON])
    path = mine.copy(LESSON, "en")
    answer(path)
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="shown")], 1
    nbformat.write(nb, path)
    assert mine.newer([LESSON]) == []
    publish(lessons)
    [said] = mine.newer([LESSON])
    assert SLUG in said and "fedcourse update lesson06" in said


def test_a_notebook_that_lost_its_record_is_compared_by_its_text(mine, lessons):
    mine.prepare([LESSON])
    path = mine.copy(LESSON, "en")
    answer(path)
    nb = nbformat.read(path, as_version=4)
    del nb.metadata["course"]
    nbformat.write(nb, path)
    assert mine.newer([LESSON]) == []
    original = lessons / "en" / f"{SLUG}.ipynb"
    later = nbformat.read(original, as_version=4)
    later.cells[3].source += " More."
    later.metadata.course[release.KEY] = release.record(later.cells)
    nbformat.write(later, original)
    assert len(mine.newer([LESSON])) == 1


# --- work that somebody has written into lessons/ ---


def test_work_in_the_courses_own_file_is_taken_over_once_and_left_there(mine, lessons):
    theirs = lessons / "ko" / f"{SLUG}.ipynb"
    answer(theirs)
    before = theirs.read_bytes()
    _welcome, said = mine.prepare([LESSON])
    assert str(theirs) in said and str(mine.copy(LESSON, "ko")) in said
    assert mine.copy(LESSON, "ko").read_bytes() == theirs.read_bytes() == before
    assert mine.prepare([LESSON]) == []
    assert mine.choose(LESSON, None) == mine.copy(LESSON, "ko")


def test_work_begun_in_the_wrong_place_later_is_taken_over_as_long_as_the_copy_is_untouched(mine, lessons):
    mine.prepare([LESSON])
    theirs = lessons / "en" / f"{SLUG}.ipynb"
    answer(theirs)
    assert len(mine.prepare([LESSON])) == 1
    assert answers(mine.copy(LESSON, "en")) == [ANSWER]
    nb = nbformat.read(theirs, as_version=4)
    nb.cells[4].source = "other work"
    nbformat.write(nb, theirs)
    before = contents(mine.folder)
    assert mine.prepare([LESSON]) == [] and contents(mine.folder) == before, (
        "there is work in the copy by now"
    )


def test_after_a_reset_the_old_work_does_not_come_back(mine, lessons, capsys):
    commit(lessons)
    theirs = lessons / "en" / f"{SLUG}.ipynb"
    original = theirs.read_bytes()
    answer(theirs)
    mine.prepare([LESSON])
    assert main(["reset", "6", "--folder", str(mine.folder)]) == 0
    assert mine.copy(LESSON, "en").read_bytes() == original, "from git, for the file is changed"
    assert mine.prepare([LESSON]) == [] and mine.copy(LESSON, "en").read_bytes() == original
    assert answers(mine.folder / "en" / f"{SLUG}.before-reset-1.ipynb") == [ANSWER]


def test_where_the_course_has_no_clean_lesson_a_reset_changes_nothing_and_says_why(mine, lessons, capsys):
    answer(lessons / "en" / f"{SLUG}.ipynb")
    mine.prepare([LESSON])
    before = contents(mine.folder)
    assert main(["reset", "6", "--folder", str(mine.folder)]) == 2
    assert "git checkout" in capsys.readouterr().err
    assert contents(mine.folder) == before


# --- update, reset ---


def test_update_keeps_the_answers_and_the_file_as_it_was(mine, lessons, capsys):
    mine.prepare([LESSON])
    for language in ("en", "ko"):
        answer(mine.copy(LESSON, language))
        publish(lessons, 1, language)
    before = mine.copy(LESSON, "en").read_bytes()
    ko = mine.copy(LESSON, "ko").read_bytes()
    assert main(["update", "lesson06", "--lang", "en", "--folder", str(mine.folder)]) == 0
    said = capsys.readouterr().out
    kept = mine.folder / "en" / f"{SLUG}.before-update-1.ipynb"
    assert str(kept) in said and "evaluate" in said
    assert kept.read_bytes() == before
    assert answers(mine.copy(LESSON, "en")) == [ANSWER]
    assert mine.copy(LESSON, "ko").read_bytes() == ko, "another language was not asked for"
    assert len(mine.newer([LESSON])) == 1
    assert main(["update", "--folder", str(mine.folder)]) == 0
    assert answers(mine.copy(LESSON, "ko")) == [ANSWER] and mine.newer([LESSON]) == []
    after = contents(mine.folder)
    capsys.readouterr()
    assert main(["update", "6", "--folder", str(mine.folder)]) == 0
    assert "is the latest version" in capsys.readouterr().out and contents(mine.folder) == after


def test_kept_files_never_replace_one_another(mine, lessons):
    mine.prepare([LESSON])
    path, seen = mine.copy(LESSON, "en"), []
    for number in range(3):
        answer(path)
        nb = nbformat.read(path, as_version=4)
        nb.cells.append(nbformat.v4.new_code_cell(f"attempt = {number}"))
        nbformat.write(nb, path)
        seen.append(path.read_bytes())
        assert main(["reset", "6", "--folder", str(mine.folder)]) == 0
    kept = [path.with_name(f"{SLUG}.before-reset-{number}.ipynb").read_bytes() for number in (1, 2, 3)]
    assert kept == seen


def test_a_reset_of_what_is_new_changes_nothing(mine, capsys):
    mine.prepare([LESSON])
    before = contents(mine.folder)
    assert main(["reset", "6", "--folder", str(mine.folder)]) == 0
    assert contents(mine.folder) == before and "nothing was changed" in capsys.readouterr().out


def test_a_damaged_copy_is_not_updated_but_can_be_reset(mine, capsys):
    mine.prepare([LESSON])
    path = mine.copy(LESSON, "zh")
    path.write_bytes(b"{ half a notebook")
    assert main(["update", "6", "--folder", str(mine.folder)]) == 2
    assert "`fedcourse reset lesson06 --lang zh`" in capsys.readouterr().err
    assert path.read_bytes() == b"{ half a notebook"
    assert main(["reset", "6", "--folder", str(mine.folder)]) == 0
    assert path.with_name(f"{SLUG}.before-reset-1.ipynb").read_bytes() == b"{ half a notebook"


def test_a_damaged_copy_holds_up_no_other_and_all_that_was_done_is_said(mine, lessons, capsys):
    mine.prepare(load_course().lessons[5:7])
    answer(mine.copy(LESSON, "en"))
    publish(lessons, 1)
    mine.copy(LESSON, "pt").write_bytes(b"{ half a notebook")
    assert main(["update", "--folder", str(mine.folder)]) == 2
    said = capsys.readouterr()
    assert answers(mine.copy(LESSON, "en")) == [ANSWER] and mine.newer([LESSON]) == []
    assert "before-update-1" in said.err and "lesson06 --lang pt" in said.err
    assert "lesson07_clipping is the latest version" in said.out


ODD = {
    "half an emoji": lambda nb: nb["cells"][3].update(source="\ud83d"),
    "no text": lambda nb: nb["cells"][3].update(source=None),
    "text that is none": lambda nb: nb["cells"][3].update(source=[1, {}]),
    "a kind that is none": lambda nb: nb["cells"][3].update(cell_type="x"),
    "no kind": lambda nb: nb["cells"][3].pop("cell_type"),
    "no outputs": lambda nb: [cell.pop("outputs", 0) for cell in nb["cells"]],
    "marks that are none": lambda nb: nb["cells"][3].update(metadata={"nbgrader": 1, "id": []}),
    "depth": lambda nb: nb.update(metadata=json.loads("[" * 900 + "]" * 900)),
}


@pytest.mark.parametrize("spoil", ODD.values(), ids=ODD)
def test_an_odd_copy_is_renewed_or_refused_in_words_and_kept(mine, lessons, capsys, spoil):
    mine.prepare([LESSON])
    path = mine.copy(LESSON, "en")
    answer(path)
    notebook = json.loads(path.read_bytes())
    spoil(notebook)
    path.write_text(json.dumps(notebook))
    spoilt = path.read_bytes()
    publish(lessons, 1)
    if main(["update", "6", "--folder", str(mine.folder)]) == 2:
        assert "fedcourse reset lesson06 --lang en" in capsys.readouterr().err
        assert path.read_bytes() == spoilt
    assert main(["reset", "6", "--folder", str(mine.folder)]) == 0
    assert spoilt in {kept.read_bytes() for kept in path.parent.glob(f"{SLUG}.before-*.ipynb")}


def test_a_copy_behind_a_link_stays_behind_it_with_its_rights(mine, lessons, tmp_path):
    mine.prepare([LESSON])
    path, there = mine.copy(LESSON, "en"), tmp_path / "drop" / "x.ipynb"
    there.parent.mkdir()
    path.rename(there)
    path.symlink_to(there)
    there.chmod(0o600)
    answer(path)
    publish(lessons, 1)
    assert main(["update", "6", "--folder", str(mine.folder)]) == 0
    assert path.is_symlink() and there.stat().st_mode & 0o777 == 0o600
    assert answers(there) == [ANSWER] and mine.newer([LESSON]) == []


def test_update_puts_a_check_back_that_was_deleted(mine):
    mine.prepare([LESSON])
    path = mine.copy(LESSON, "en")
    answer(path)
    nb = nbformat.read(path, as_version=4)
    nb.cells = [cell for cell in nb.cells if cell.id != "check-evaluate"]
    nbformat.write(nb, path)
    assert main(["update", "6", "--folder", str(mine.folder)]) == 0
    assert "check-evaluate" in [cell.id for cell in nbformat.read(path, as_version=4).cells]
    assert answers(path) == [ANSWER]


def test_a_notebook_of_another_language_is_updated_in_its_own(mine, lessons):
    mine.prepare([LESSON])
    shutil.copy(mine.copy(LESSON, "ko"), mine.copy(LESSON, "en"))
    answer(mine.copy(LESSON, "en"))
    publish(lessons, 2, "ko")
    publish(lessons, 2, "en")
    main(["update", "6", "--folder", str(mine.folder)])
    nb = nbformat.read(mine.copy(LESSON, "en"), as_version=4)
    assert nb.metadata.course.lang == "ko" and "6강" in nb.cells[0].source
    assert answers(mine.copy(LESSON, "en")) == [ANSWER]


# --- which folder, which copy ---


def test_the_copy_last_worked_in_is_meant_unless_a_language_is_named(mine):
    mine.prepare([LESSON])
    use_language("pt")
    assert mine.choose(LESSON, None) == mine.copy(LESSON, "pt")
    for seconds, language in ((2_000_000_000, "zh"), (1_000_000_000, "ko")):
        answer(mine.copy(LESSON, language))
        os.utime(mine.copy(LESSON, language), (seconds, seconds))
    os.utime(mine.copy(LESSON, "en"), (3_000_000_000, 3_000_000_000))
    assert mine.choose(LESSON, None) == mine.copy(LESSON, "zh")
    assert mine.choose(LESSON, "ko") == mine.copy(LESSON, "ko")


def test_a_folder_that_cannot_be_used_is_named_with_what_to_do(tmp_path, lessons, capsys):
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", Path("/proc/nowhere")):
        for command in ("check", "update", "reset", "watch", "lab"):
            assert main([command, "6", "--folder", str(folder)]) == 2
            assert "Name another folder" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"
    before = contents(lessons)
    assert main(["reset", "6", "--folder", str(lessons)]) == 2
    assert "the course's own lessons" in capsys.readouterr().err
    assert contents(lessons) == before


@pytest.mark.parametrize("step", ["write", "flush"])
def test_a_disk_that_is_full_leaves_no_half_file(mine, monkeypatch, step):
    class Full:
        def write(self, content: bytes) -> None:
            self._at("write")

        def flush(self) -> None:
            self._at("flush")

        def _at(self, now: str) -> None:
            if now == step:
                raise OSError(28, "No space left on device")

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

    def opened(self: Path, *_arguments):
        self.touch()
        return Full()

    monkeypatch.setattr(Path, "open", opened)
    mine.copy(LESSON, "en").parent.mkdir(parents=True)
    with pytest.raises(OSError, match="No space left"):
        workspace.write_new(mine.copy(LESSON, "en"), b"content")
    assert contents(mine.folder) == {}


def test_missing_lessons_say_where_they_come_from(mine, lessons):
    shutil.rmtree(lessons)
    with pytest.raises(originals.NoLessons, match="git clone"):
        mine.prepare([LESSON])
