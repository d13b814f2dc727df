"""How a verdict looks: HTML in a notebook, text in a terminal."""

from html import escape
from typing import Any

from fedcourse.i18n import _, current_language
from fedgrader.checking.verdict import Finding, Verdict

VERDICT_MIME = "application/vnd.fedcourse.verdict+json"

# Okabe and Ito's green and vermilion: told apart by colour-blind readers, legible on white and on black.
_PASSED, _FAILED = "#009e73", "#d55e00"


def number(points: float) -> str:
    """Points without a trailing .0."""
    return f"{points:g}"


def headline(verdict: Verdict) -> str:
    """One line: passed or not yet, the exercise, the points."""
    text = (
        _("✔ {exercise}: all {max_points} points. Well done.")
        if verdict.passed
        else _("✘ {exercise}: {points} of {max_points} points so far.")
    )
    return text.format(
        exercise=verdict.exercise.split(".")[-1],
        points=number(verdict.points),
        max_points=number(verdict.max_points),
    )


def _rows(finding: Finding) -> list[tuple[str, str]]:
    problem = finding.problem
    return [
        (_("Called"), problem.called),
        (_("Came back"), problem.got),
        (_("Expected"), problem.expected),
        (_("Try"), problem.hint),
    ]


def as_text(verdict: Verdict) -> str:
    """The verdict for a terminal."""
    lines = [headline(verdict)]
    lines += [f"  ✔ {_(part)}" for part in verdict.passed_parts if not verdict.passed]
    for finding in verdict.findings:
        lines.append(f"  ✘ {_(finding.part)}")
        lines += [f"      {label}: {text}" for label, text in _rows(finding)]
    if verdict.passed:
        lines.append(_("Why it works: {why}").format(why=verdict.why))
    return "\n".join(lines)


def as_html(verdict: Verdict) -> str:
    """The verdict for a notebook; inherits the page's colours, so it reads in light and in dark."""
    if verdict.passed:
        items = [code_html(_("Why it works: {why}").format(why=verdict.why))]
    else:
        items = [f"✔ {code_html(_(part))}" for part in verdict.passed_parts]
        items += [_finding_html(finding) for finding in verdict.findings]
    style = f"border-left:4px solid {_PASSED if verdict.passed else _FAILED};padding:2px 12px;margin:4px 0"
    return (
        f'<div class="fedcourse-verdict" style="{style}">'
        f"<strong>{escape(headline(verdict))}</strong>"
        '<ul style="margin:4px 0;padding:0;list-style:none">'
        + "".join(f"<li>{item}</li>" for item in items)
        + "</ul></div>"
    )


def _finding_html(finding: Finding) -> str:
    # Not a <dl>: JupyterLab floats its terms, a syllable a line in Korean.
    rows = "".join(
        f'<div style="opacity:.75;white-space:nowrap">{escape(label)}</div>'
        f'<div style="overflow-wrap:anywhere">{code_html(text)}</div>'
        for label, text in _rows(finding)
    )
    return (
        f"✘ <strong>{code_html(_(finding.part))}</strong>"
        '<div style="display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:2px 0 8px 20px">'
        f"{rows}</div>"
    )


def code_html(text: str) -> str:
    """Escaped `text` with `inline code` set as code."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))


class Shown:
    """A verdict that a notebook shows as HTML, a terminal as text, and nbgrader reads as points."""

    def __init__(self, verdict: Verdict):
        self.verdict = verdict
        self._html, self._text, self._language = as_html(verdict), as_text(verdict), current_language()

    def __str__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **_kwargs: object) -> dict[str, Any]:
        data = self.verdict.to_json() | {"seed": self.verdict.seed, "language": self._language}
        # nbgrader reads partial credit from the plain text; anything but a plain number is full marks to it.
        return {"text/plain": str(float(self.verdict.points)), "text/html": self._html, VERDICT_MIME: data}
