"""The step of `nbgrader autograde` that writes points into the gradebook."""

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from fedgrader.grading.gradebook import record_scores
from fedgrader.grading.points import scores, untouched


class SaveVerdicts(NbGraderPreprocessor):
    """In place of nbgrader's SaveAutoGrades, which trusts whatever a cell prints.

    Where the outcome is not known, nbgrader shows "needs manual grade".
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            record_scores(gradebook, names["assignment"], names["student"], scores(nb), untouched(nb))
        return nb, resources
