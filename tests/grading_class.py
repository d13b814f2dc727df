"""A real class to grade: lesson 1 is released, and students hand in what a test makes up."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.utils import is_solution
from processes import PATIENCE, environment

from fedgrader.course import ROOT
from fedgrader.course.definitions import definitions
from fedgrader.grading.points import read_verdict

SLUG = "lesson01_federated_data"
IMPORTS = "import collections\nimport numpy as np\nimport tensorflow as tf"
SEED = 7
WRONG = {
    "label_counts": (", minlength=10", ""),
    "sample_clients": ("replace=False", "replace=True"),
}


class Class:
    """An nbgrader course in which the lesson is released, and those who hand in."""

    def __init__(self, root: Path):
        self.root = root
        self.out = root / "graded" / SLUG
        self.runs: list[subprocess.Popen] = []

    def release(self) -> None:
        (self.root / "source" / SLUG).mkdir(parents=True)
        shutil.copy(ROOT / "source" / SLUG / f"{SLUG}.ipynb", self.root / "source" / SLUG)
        self.nbgrader("generate_assignment")

    def configure(self, text: str) -> None:
        (self.root / "nbgrader_config.py").write_text(text, encoding="utf-8")

    def nbgrader(self, step: str, **variables: str) -> None:
        with (self.root / f"{step}.log").open("w") as log:
            subprocess.run(
                [sys.executable, "-m", "nbgrader", step, SLUG, f"--CourseDirectory.root={self.root}"],
                cwd=self.root if (self.root / "nbgrader_config.py").exists() else ROOT,
                env=environment() | variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
                check=step != "autograde",  # it fails where one notebook does
            )

    def hand_in(self, student: str, slips: dict | None = None, lang: str = "en", first: str = "") -> Path:
        """A notebook with nothing but answers; `slips` are as in `tools.classroom`."""
        answers = definitions((ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8"))
        nb = nbformat.read(ROOT / "lessons" / lang / f"{SLUG}.ipynb", as_version=4)
        nb.cells = [new_code_cell(f"{IMPORTS}\n{first}"), *filter(is_solution, nb.cells)]
        for cell in nb.cells[1:]:
            name = cell.metadata.nbgrader.grade_id
            cell.source = answers[name].replace(*(slips or {}).get(name, ("", "")))
        return self.hand_in_text(student, nbformat.writes(nb))

    def hand_in_text(self, student: str, text: str, name: str = SLUG) -> Path:
        path = self.root / "submitted" / student / SLUG / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *options: str) -> subprocess.Popen:
        """`fedcourse grade` in a session of its own, as from another terminal; it is also in `runs`."""
        command = [sys.executable, "-m", "fedgrader.cli", "grade", SLUG, "--course", str(self.root)]
        command += ["--json", str(self.root / "out.json"), "--workers", "2", "--seed", str(SEED), *options]
        with (self.root / "grade.log").open("w") as log:
            run = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.runs.append(run)
        return run

    def finish(self, process: subprocess.Popen) -> dict[str, dict]:
        """The outcomes by student, when it has ended."""
        code = process.wait(timeout=PATIENCE)
        assert code == 0, self.log()
        outcomes = json.loads((self.root / "out.json").read_text(encoding="utf-8"))
        return {outcome["student"]: outcome for outcome in outcomes}

    def grade(self, *options: str) -> dict[str, dict]:
        return self.finish(self.start(*options))

    def log(self) -> str:
        return (self.root / "grade.log").read_text(encoding="utf-8")

    def scores(self, db_url: str = "") -> dict[str, dict[str, float | None]]:
        """What the gradebook holds: student to check cell to score."""
        with Gradebook(db_url or f"sqlite:///{self.root}/gradebook.db") as gradebook:
            return {
                entry.student.id: {grade.name: grade.auto_score for grade in entry.notebooks[0].grades}
                for entry in gradebook.assignment_submissions(SLUG)
            }

    def graded_cells(self, student: str) -> list[NotebookNode]:
        path = self.root / "autograded" / student / SLUG / f"{SLUG}.ipynb"
        return nbformat.read(path, as_version=4).cells

    def verdicts(self, student: str) -> list[dict]:
        return [verdict for cell in self.graded_cells(student) if (verdict := _verdict(cell))]

    def times(self) -> dict[str, int]:
        """When each outcome was written; a second writing changes it."""
        return {path.stem: path.stat().st_mtime_ns for path in self.out.glob("*.json")}


def _verdict(cell: NotebookNode) -> dict | None:
    return read_verdict(cell) if cell.metadata.get("nbgrader", {}).get("grade") else None
