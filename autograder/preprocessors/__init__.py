"""The course's nbgrader preprocessors: repair, run, save verdicts, prepare feedback."""

CODE_STUB = "raise NotImplementedError"  # the body a student finds in place of a solution
