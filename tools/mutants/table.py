"""What came of all mutants, as a page: `docs/mutants.md`."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tools.mutants.trial import KILLED, SURVIVED, Trial

EQUIVALENT, NAMED = "equivalent", "named"
LISTED = Path(__file__).with_name("equivalent")  # a file a lesson
_HEAD = """\
# Mutants

`make mutants` makes wrong answers from the reference solutions, by itself, and has the check judge each one. A mutant is *noticed* if it does not pass; *named* if the hint is about just that mistake, or the coach explains the error, and not what is said where none is recognized; *equivalent* if it passes and nobody need mind, for the reason that stands in `tools/mutants/equivalent/`; *survived* if a check should notice it and does not. Mutants that turned out to do just what the solution does are not counted.

| exercise | mutants | noticed | named | equivalent | survived |
| --- | ---: | ---: | ---: | ---: | ---: |
"""  # noqa: E501  (a line of Markdown is a paragraph)


def equivalent(folder: Path = LISTED) -> dict[tuple[str, str], str]:
    """Why a mutant, by exercise and name, may pass."""
    return {
        (f"{path.stem}.{exercise}", name): why
        for path in sorted(folder.glob("*.toml"))
        for exercise, names in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for name, why in names.items()
    }


def settled(trials: Iterable[Trial]) -> list[Trial]:
    """The trials, with the survivors that are listed marked as equivalent."""
    listed = equivalent()
    return [
        replace(one, outcome=EQUIVALENT)
        if one.outcome == SURVIVED and (one.exercise, one.name) in listed
        else one
        for one in trials
    ]


def stale(trials: Iterable[Trial]) -> list[str]:
    """What is listed as equivalent although the check notices it, or there is no such mutant."""
    trials = list(trials)
    tried = {one.exercise for one in trials}
    passed = {(one.exercise, one.name) for one in trials if one.outcome == EQUIVALENT}
    return [": ".join(key) for key in equivalent() if key[0] in tried and key not in passed]


def page(trials: Iterable[Trial]) -> str:
    """The table, a line for each exercise and one for all."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in trials:
        counts[one.exercise][one.outcome] += 1
        counts["all"][one.outcome] += 1
        if one.named:
            counts[one.exercise][NAMED] += 1
            counts["all"][NAMED] += 1
    total = counts.pop("all")
    lines = [_line(f"`{exercise}`", count) for exercise, count in counts.items()]
    return _HEAD + "\n".join([*lines, _line("**all**", total)]) + "\n"


def _line(name: str, count: Counter[str]) -> str:
    cells = [
        count[KILLED] + count[EQUIVALENT] + count[SURVIVED],
        count[KILLED],
        count[NAMED],
        count[EQUIVALENT],
        count[SURVIVED],
    ]
    return f"| {name} | " + " | ".join(map(str, cells)) + " |"
