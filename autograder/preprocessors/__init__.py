"""nbgrader preprocessors of the course: repair a submission, run it, save its verdicts, write its feedback."""

CODE_STUB = "raise NotImplementedError"  # the body a student finds in place of a solution
