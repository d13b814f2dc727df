"""A problem: what is wrong with what an answer gave back."""

from dataclasses import dataclass

from fedcourse.i18n import _

NOT_WRITTEN = "NotImplementedError"  # what comes back from a stub; an error of the student's own says more


@dataclass(frozen=True)
class Problem:
    """What was called, what came back, what was expected, and what to try; all in the learner's language."""

    called: str
    got: str
    expected: str
    hint: str

    @property
    def message(self) -> str:
        """The problem in one line, without the hint."""
        return _("Called: {called}. Came back: {got}. Expected: {expected}.").format(
            called=self.called, got=self.got, expected=self.expected
        )
