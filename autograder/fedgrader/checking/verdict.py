"""Findings and verdicts: what a check says."""

from dataclasses import asdict, dataclass

from fedgrader.guest.problem import NOT_WRITTEN, Problem


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
