"""What `nbgrader_config.py` sets: the course's steps in place of some of nbgrader's."""

from pathlib import Path

from traitlets.config import Config

CODE_STUB = "raise NotImplementedError"  # the body a student finds in place of a solution
_TEMPLATES = Path(__file__).parent / "templates"


def configure(c: Config) -> None:
    """Set in `c` what the course needs of nbgrader's commands."""
    # The authored text and its translations stay with the instructor.
    c.CourseDirectory.ignore.extend(["*.md", "*.po", "*.toml"])
    c.ClearSolutions.code_stub = {"python": CODE_STUB}
    c.Autograde.sanitize_preprocessors = [
        "fedgrader.grading.repair.RepairSubmission",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        "fedgrader.running.run.RunNotebook",
        "nbgrader.preprocessors.LimitOutput",
        "fedgrader.grading.save.SaveVerdicts",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "fedgrader.grading.feedback_page.PrepareFeedback",
    ]
    # Below GenerateFeedback, so that the formgrader's own pages keep their template.
    c.GenerateFeedback.HTMLExporter.template_name = "fedcourse"
    c.GenerateFeedback.HTMLExporter.extra_template_basedirs = [str(_TEMPLATES)]
    c.ExportApp.plugin_class = "fedgrader.grading.export.CsvExport"
