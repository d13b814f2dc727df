"""Problems, findings and verdicts: what a check says."""

from dataclasses import asdict, dataclass

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


@dataclass(frozen=True)
class Finding:
    """A problem and the part of the exercise that it costs."""

    part: str
    problem: Problem

    def to_json(self) -> dict[str, str]:
        return {"part": self.part, "message": self.problem.message, "hint": self.problem.hint}


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check: points earned, and a finding for each problem."""

    exercise: str
    points: float
    max_points: float
    findings: tuple[Finding, ...]
    passed_parts: tuple[str, ...]
    why: str
    seed: int

    @property
    def passed(self) -> bool:
        return not self.findings and self.points == self.max_points

    @property
    def untouched(self) -> bool:
        """Whether the answer is the stub that the lesson comes with."""
        return any(finding.problem.got == NOT_WRITTEN for finding in self.findings)

    def to_json(self) -> dict:
        """The verdict as JSON data, without the seed and the language."""
        kept = {
            key: value for key, value in asdict(self).items() if key in ("exercise", "points", "max_points")
        }
        return kept | {"passed": self.passed, "findings": [finding.to_json() for finding in self.findings]}
