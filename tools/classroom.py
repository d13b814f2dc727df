"""A small fictitious class, for the demo and the tests: who speaks what, and what each hands in."""

import copy
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fedgrader.course import ROOT, Lesson
from fedgrader.course.definitions import definitions

LESSONS = ROOT / "lessons"
CRASH = "import os\n    os._exit(1)"


@dataclass(frozen=True)
class Student:
    """A student and the work: the reference solutions, with some of their text replaced.

    `slips` maps an exercise's name to (text of the reference solution, what this student wrote instead);
    `blank` names the exercises that were never begun; `all_blank` is a notebook as it was released.
    """

    name: str
    language: str
    story: str
    slips: dict[str, tuple[str, str]] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    all_blank: bool = False
    copied: str = ""
    damage: str = ""


CLASS = (
    Student("student01", "en", "all right"),
    Student("student02", "zh", "all right"),
    Student(
        "student03",
        "ko",
        "partly right",
        slips={
            "next_fn": (", weight=trained.num_examples", ""),
            "label_counts": (", minlength=10", ""),
            "preprocess": (
                ".shuffle(1000, seed=seed).batch(batch_size)",
                ".batch(batch_size).shuffle(1000, seed=seed)",
            ),
        },
        blank=("evaluate",),
    ),
    Student(
        "student04",
        "pt",
        "wrong in different ways",
        slips={
            "client_update": ("w - learning_rate * g", "w + learning_rate * g"),
            "server_update": ('state["round_num"] + 1', 'state["round_num"]'),
            "next_fn": ("tff.federated_broadcast(server_state.weights)", "server_state.weights"),
            "evaluate": (
                "return tff.federated_map(divide, (totals.correct, totals.num_examples))",
                "return totals",
            ),
            "label_counts": (
                "return np.bincount(labels, minlength=10)",
                "return collections.Counter(labels)",
            ),
            "preprocess": (
                ".shuffle(1000, seed=seed).batch(batch_size)",
                ".batch(batch_size, drop_remainder=True)",
            ),
            "sample_clients": ("replace=False", "replace=True"),
            "make_federated_data": ("for client_id in client_ids", "for client_id in client_data.client_ids"),
        },
    ),
    Student("student05", "zh", "blank", all_blank=True),
    Student(
        "student06",
        "ko",
        "crashes the kernel",
        slips={
            "next_fn": ("weights_at_clients =", f"{CRASH}\n    weights_at_clients ="),
            "sample_clients": ("rng =", f"{CRASH}\n    rng ="),
        },
    ),
    Student("student07", "pt", "copied a graded cell", copied="check"),
    Student("student08", "en", "never began one exercise", blank=("server_update", "sample_clients")),
    Student("student09", "ko", "file cut off in the middle", damage="truncated"),
    Student("student10", "zh", "handed in another notebook", damage="foreign"),
)


def hand_in(student: Student, lesson: Lesson, submitted: Path, lessons: Path = LESSONS) -> Path:
    """Write the student's notebook below the folder `submitted`, in nbgrader's layout; its path."""
    path = submitted / student.name / lesson.slug / f"{lesson.slug}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_content(student, lesson, lessons), encoding="utf-8")
    return path


def _content(student: Student, lesson: Lesson, lessons: Path) -> str:
    if student.damage == "foreign":
        return nbformat.writes(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('holiday plans')")])
        )
    text = nbformat.writes(completed(student, lesson, lessons))
    return text[: len(text) // 2] if student.damage == "truncated" else text


def completed(student: Student, lesson: Lesson, lessons: Path = LESSONS) -> NotebookNode:
    """The notebook in the student's language, released below `lessons`, with the student's answers in it.

    Raises:
      ValueError: a slip replaces text that the reference solution does not have.
    """
    nb = nbformat.read(lessons / student.language / f"{lesson.slug}.ipynb", as_version=4)
    if student.all_blank:
        return nb
    reference = definitions((ROOT / "solutions" / f"{lesson.slug}.py").read_text(encoding="utf-8"))
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.metadata.get("nbgrader", {}).get("solution") and name not in student.blank:
            cell.source = _with_slip(reference[name], student.slips.get(name), name)
    if student.copied:
        nb.cells += [_copy(cell) for cell in nb.cells if cell.id.startswith(student.copied)][:1]
    return nb


def _with_slip(source: str, slip: tuple[str, str] | None, name: str) -> str:
    if slip is None:
        return source
    right, wrong = slip
    if right not in source:
        raise ValueError(f"the reference solution of {name} has no {right!r} to replace")
    return source.replace(right, wrong)


def _copy(cell: NotebookNode) -> NotebookNode:
    """The cell as Jupyter's copy and paste leaves it: the same metadata under a new id."""
    return NotebookNode(copy.deepcopy(cell), id=f"copy-of-{cell.id}")
