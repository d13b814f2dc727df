"""nbgrader's configuration for the course; found in the current directory, or given with `--config`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # so that the preprocessors are found from any directory

from autograder.preprocessors import CODE_STUB  # noqa: E402

c = get_config()  # noqa: F821  (traitlets defines it)

# The authored text and its translations stay with the instructor.
c.CourseDirectory.ignore.extend(["*.md", "*.po", "*.toml"])

c.ClearSolutions.code_stub = {"python": CODE_STUB}

c.Autograde.sanitize_preprocessors = [
    "autograder.preprocessors.repair.RepairSubmission",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.preprocessors.run.RunNotebook",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.preprocessors.save.SaveVerdicts",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "autograder.preprocessors.feedback.PrepareFeedback",
]
# Below GenerateFeedback, so that the formgrader's own pages keep their template.
c.GenerateFeedback.HTMLExporter.template_name = "fedcourse"
c.GenerateFeedback.HTMLExporter.extra_template_basedirs = [str(ROOT / "autograder" / "templates")]

c.ExportApp.plugin_class = "autograder.report.CsvExport"
