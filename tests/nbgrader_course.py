"""A tiny course to test the nbgrader plug-ins on; its kernels start fast, for `check` is a stand-in."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Grade, Gradebook
from nbgrader.coursedir import CourseDirectory
from processes import PATIENCE, environment

ROOT = Path(__file__).resolve().parent.parent
SLUG = "lesson06_fedavg_by_hand"

# Gives 2 points for 2 + 1, 1 point for any other number. `double(3)` is the second exercise.
SETUP = """
class Verdict:
    def __init__(self, name, points, most, findings=()):
        self.data = {"exercise": name, "passed": points == most, "points": points, "max_points": most,
                     "findings": list(findings), "seed": 1, "language": "en"}
    def _repr_mimebundle_(self, **kwargs):
        return {"text/plain": str(self.data["points"]), "text/html": "<p>verdict</p>",
                "application/vnd.fedcourse.verdict+json": self.data}

def check(name, answer):
    try:
        right = answer(2) == {"add_one": 3, "double": 4}[name.split(".")[-1]]
    except Exception as error:
        right = False
    finding = {"part": "value", "message": f"{name}(2) came back <b>wrong</b>", "hint": "Look at `answer`."}
    return Verdict(name, 2.0 if right else 1.0, 2.0, () if right else (finding,))
""".strip()
ADD_ONE = "def add_one(x):\n    return x + 1"
DOUBLE = "def double(x):\n    return 2 * x"
HIDDEN = 'assert double(10) == 20, "the secret is 20"'


def graded(grade_id: str, source: str, points: float | None = None, **metadata) -> NotebookNode:
    """A cell with nbgrader metadata: a check cell if it has points, else a solution cell."""
    meta = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": points is None,
    }
    meta |= {"locked": points is not None, "task": False} | ({} if points is None else {"points": points})
    return new_code_cell(source, metadata={"nbgrader": meta | metadata})


def checker(name: str, hidden: str = "") -> NotebookNode:
    """The check cell of an exercise, worth 2 points; the source's may begin with hidden tests."""
    region = f"### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS\n" if hidden else ""
    return graded(f"check_{name}", f'{region}check("{SLUG}.{name}", {name})', 2)


def notebook(
    add_one: str = ADD_ONE, double: str = DOUBLE, lang: str | None = None, hidden: str = ""
) -> NotebookNode:
    """A submission: cells are 0 set-up, 1 add_one, 2 its check, 3 double, 4 its check."""
    cells = [new_code_cell(SETUP), graded("add_one", add_one), checker("add_one")]
    cells += [graded("double", double), checker("double", hidden)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=metadata | ({"course": {"lang": lang}} if lang else {}))


class TinyCourse:
    """A course directory with one lesson of two exercises, graded by the real `nbgrader` command."""

    def __init__(self, root: Path):
        self.root = root
        self.coursedir = CourseDirectory(root=str(root))
        self._write(root / "source" / SLUG / f"{SLUG}.ipynb", notebook(hidden=HIDDEN))

    def submit(self, student: str, nb: NotebookNode | str, name: str = SLUG) -> None:
        """Hand in a notebook, or the raw text of its file."""
        self._write(self.root / "submitted" / student / SLUG / f"{name}.ipynb", nb)

    def _write(self, path: Path, nb: NotebookNode | str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nb if isinstance(nb, str) else json.dumps(nb), encoding="utf-8")

    def nbgrader(self, command: str, *options: str, ok: bool = True) -> str:
        """Run `nbgrader command` as an instructor does, from the repository; returns the log."""
        log = self.root / f"{command}.log"
        arguments = [
            sys.executable,
            "-m",
            "nbgrader",
            command,
            f"--CourseDirectory.root={self.root}",
            "--RunNotebook.sandbox=False",  # what is tested here comes before and after the run
            *options,
        ]
        with log.open("w") as file:
            code = subprocess.run(
                arguments,
                cwd=ROOT,
                env=environment(),
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
            ).returncode
        text = log.read_text()
        assert (code == 0) == ok, text
        return text

    def grade(self, student: str, exercise: str) -> Grade:
        """What the gradebook holds for a check cell; its plain columns stay readable."""
        with Gradebook(self.coursedir.db_url) as gradebook:
            grade = gradebook.find_grade(f"check_{exercise}", SLUG, SLUG, student)
            gradebook.db.refresh(grade)
            gradebook.db.expunge(grade)
            return grade

    def autograded(self, student: str) -> NotebookNode:
        return nbformat.read(self.root / "autograded" / student / SLUG / f"{SLUG}.ipynb", as_version=4)

    def feedback(self, student: str) -> str:
        return (self.root / "feedback" / student / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")
