"""What a student reads: points, findings and notes in their language; no hidden tests, no paths of ours."""

import os
import re
import secrets
from collections.abc import Callable
from functools import cache
from typing import Any

from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.utils import is_grade
from pygments.formatters import HtmlFormatter
from traitlets import Bool

from fedcourse.coach import EXPLANATION
from fedcourse.i18n import _, speaking
from fedgrader.checking.looks import VERDICT_MIME, code_html, number
from fedgrader.grading.gradebook import NO_RESPONSE
from fedgrader.grading.points import read_verdict
from fedgrader.running.notes import language_of, sentences

_HTML_LANG = {"zh": "zh-Hans", "pt": "pt-BR"}
_BEGIN_HIDDEN, _END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


class PrepareFeedback(Preprocessor):
    """Fill `resources["fedcourse"]` with what the template `fedcourse` shows around the notebook's cells."""

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        language = language_of(nb)
        with speaking(language), Gradebook(names["db_url"]) as gradebook:
            hide_hidden_tests(nb)
            hide_paths(nb)
            submission = gradebook.find_submission_notebook(
                names["notebook"], names["assignment"], names["student"]
            )
            resources["fedcourse"] = {
                "lang": _HTML_LANG.get(language, language),
                "labels": _labels(names["notebook"]),
                "nonce": secrets.token_urlsafe(16),
                "verdict_mime": VERDICT_MIME,
                "score": number(names["score"]),
                "max_score": number(names["max_score"]),
                "late_penalty": number(names["late_penalty"] or 0),
                "exercises": _exercises(nb, submission),
                "notes": [
                    code_html(text) for kind in ("attention", "repairs") for text in sentences(nb, kind)
                ],
                "light": HtmlFormatter(style="default").get_style_defs(".highlight"),
                "dark": HtmlFormatter(style="github-dark").get_style_defs(".highlight"),
            }
        return nb, resources


def _labels(lesson: str) -> dict[str, str]:
    return {
        "title": _("Feedback on {lesson}").format(lesson=lesson),
        "total": _("Total"),
        "exercise": _("Exercise"),
        "points": _("Points"),
        "late": _("Handed in late"),
        "notes": _("Please note"),
        "passed": _("All points. Well done."),
        "pending": _("Your instructor will look at this exercise."),
        "try": _("Try"),
        "comment": _("Your instructor says"),
        "notebook": _("Your notebook"),
        "to_cell": _("Go to the cell"),
        "to_result": _("Go to the result"),
        "to_top": _("Back to the top"),
    }


def _exercises(nb: NotebookNode, submission: SubmittedNotebook) -> list[dict[str, Any]]:
    """One entry a graded cell, in the notebook's order; texts are HTML."""
    grades = {grade.name: grade for grade in submission.grades}
    comments = {comment.name: comment.comment for comment in submission.comments}
    return [_exercise(cell, grades, comments) for cell in nb.cells if is_grade(cell)]


def _exercise(cell: NotebookNode, grades: dict[str, Any], comments: dict[str, str | None]) -> dict[str, Any]:
    cell_name = cell.metadata.nbgrader.grade_id
    name = cell_name.removeprefix("check_")
    grade = grades[cell_name]
    comment = comments.get(name) or comments.get(cell_name) or ""
    return {
        "name": name,
        "cell": cell_name,
        "score": number(grade.score),
        "points": number(grade.max_score),
        "passed": grade.score >= grade.max_score,
        "pending": grade.needs_manual_grade and grade.manual_score is None,
        "findings": _findings(cell),
        # nbgrader's own comment for an untouched answer is English.
        "comment": _("The cell was handed in as it was given.") if comment == NO_RESPONSE else comment,
    }


def _findings(cell: NotebookNode) -> list[dict[str, str]]:
    """What the check found; where it ended in an error instead, the error."""
    if cell.cell_type != "code" or "state" in cell.metadata.get("course", {}):
        return []  # why a cell was not run is among the notes
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if errors:
        text = f"{errors[-1].ename}: {errors[-1].evalue}" if errors[-1].evalue else errors[-1].ename
        return [{"part": "", "message": code_html(_short(strip_ansi(text))), "hint": ""}]
    verdict = read_verdict(cell) or {"findings": []}
    return [
        {key: code_html(_short(text)) for key, text in _spoken(found).items()}
        for found in verdict["findings"]
    ]


def _spoken(finding: dict) -> dict[str, str]:
    """A finding as text; its part, which stands in English in the verdict, in the student's language."""
    part, message, hint = (str(finding.get(key, "")) for key in ("part", "message", "hint"))
    return {"part": _(part) if part else "", "message": message, "hint": hint}


def _short(text: str, most: int = 2000) -> str:
    return text if len(text) <= most else text[:most] + " …"


def hide_hidden_tests(nb: NotebookNode) -> None:
    """Take hidden tests out of the source, out of what was printed, and out of tracebacks that quote them."""
    hidden = set()
    for cell in nb.cells:
        cell.source, lines = split_hidden(cell.source)
        hidden |= {line.strip() for line in lines if line.strip()}
        if lines and cell.cell_type == "code":  # what explains a hidden test's error may tell of the test
            cell.outputs = [out for out in cell.outputs if EXPLANATION not in out.get("metadata", {})]
    if not hidden:
        return
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [_without_hidden(output, hidden) for output in cell.outputs]


def split_hidden(source: str) -> tuple[str, list[str]]:
    """`source` without its hidden regions, and the lines of those; a region left open goes to the end."""
    shown: list[str] = []
    hidden: list[str] = []
    inside = False
    for line in source.split("\n"):
        if _BEGIN_HIDDEN in line:
            inside = True
        elif _END_HIDDEN in line:
            inside = False
        else:
            (hidden if inside else shown).append(line)
    return "\n".join(shown), hidden


def _without_hidden(output: NotebookNode, hidden: set[str]) -> NotebookNode:
    """The output; an error that quotes a hidden line keeps its kind only, for its text may be the test's."""

    def quotes(line: str) -> bool:
        # A traceback numbers its lines, with an arrow before the one that failed.
        return (
            re.sub(r"^[\s\->]*\d*\s*", "", strip_ansi(line)).strip() in hidden
            or strip_ansi(line).strip() in hidden
        )

    if output.output_type == "error" and any(map(quotes, "\n".join(output.traceback).split("\n"))):
        text = _("A hidden test failed.")
        return new_output("error", ename=output.ename, evalue=text, traceback=[f"{output.ename}: {text}"])
    _change_text(output, lambda text: "\n".join(line for line in text.split("\n") if not quotes(line)))
    return output


def hide_paths(nb: NotebookNode) -> None:
    """Shorten every path of this machine that an output shows to its last part."""
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            _change_text(output, lambda text: _machine_path().sub(r"…/\1", text))


@cache
def _machine_path() -> re.Pattern[str]:
    roots = "|".join(re.escape(name) for name in sorted(os.listdir("/")))
    return re.compile(rf"""(?<![\w.:/])(?:/(?:{roots})|~)/(?:[^\s/:"'<>\x1b]+/)*([^\s/:"'<>\x1b]*)""")


def _change_text(output: NotebookNode, change: Callable[[str], str]) -> None:
    """Apply `change` to each text of an output, in place: printed, shown, raised, or found by a check."""
    if output.output_type == "stream":
        output.text = change(output.text)
    elif output.output_type == "error":
        output.evalue, output.traceback = change(output.evalue), [change(line) for line in output.traceback]
    else:
        for kind, value in output.data.items():
            if kind.startswith("text/"):
                output.data[kind] = change(value)
            elif kind == VERDICT_MIME:
                output.data[kind] = _changed(value, change)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """JSON data with `change` applied to every text in it."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed(item, change) for item in value]
    if isinstance(value, dict):
        return NotebookNode({key: _changed(item, change) for key, item in value.items()})
    return value
