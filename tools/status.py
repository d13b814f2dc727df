"""Where every lesson stands in every language: `python -m tools.status [--strict]` (`make status`)."""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import ROOT, load_course
from tools import build, catalogs
from tools.messages import catalog_path
from tools.problems import Term, load_glossary, problems

COLUMNS = ("", "language", "translated", "stale", "missing", "broken", "fresh")


@dataclass
class Row:
    """The state of one catalog and of the files made with it; `to_mend` says what is not as it should be."""

    name: str
    language: str
    total: int = 0
    stale: int = 0
    missing: int = 0
    broken: int = 0
    fresh: bool = True
    to_mend: list[str] = field(default_factory=list)

    @property
    def translated(self) -> int:
        """Percent, rounded down, so that 100 means all."""
        return 100 * (self.total - self.stale - self.missing) // self.total if self.total else 100

    def cells(self) -> tuple[str, ...]:
        counts = (f"{self.translated} %", *map(str, (self.stale, self.missing, self.broken)))
        counts = counts if self.total else ("–",) * 4
        return (self.name, self.language, *counts, "yes" if self.fresh else "no")


def rows(root: Path) -> tuple[list[Row], list[str]]:
    """A row a lesson and language, one a message catalog, and what is wrong with the sources themselves."""
    course = load_course(root)
    glossary = load_glossary(root / "source" / "glossary.toml")
    errors: list[str] = []
    files = build.outputs(root, errors.append)
    outdated = set(build.stale(files))
    found = []
    for lesson in course.lessons:
        folder = root / "source" / lesson.slug
        for language in course.languages:
            made = build.lesson_path(root, lesson, language)
            po = folder / f"{language}.po"
            if made in files:
                own = {made, po, folder / f"{lesson.slug}.ipynb" if language == "en" else made}
                found.append(_row(root, lesson.slug, language, po, files, own & outdated, glossary))
    for language in course.languages[1:]:
        po = catalog_path(root, language)
        own = {po, po.with_suffix(".mo")}
        found.append(_row(root, "messages", language, po, files, own & outdated, glossary))
    strays = [] if errors else build.strays(root, files)
    return found, errors + [f"{path.relative_to(root)}: no lesson in course.toml makes it; remove it" for path in strays]


def _row(
    root: Path, name: str, language: str, po: Path, files: build.Files, outdated: set[Path], glossary: list[Term]
) -> Row:
    row = Row(name, language, fresh=not outdated)
    row.to_mend = [f"{path.relative_to(root)}: not fresh; run `make build`" for path in sorted(outdated)]
    for message in catalogs.parse(files[po], language) if po in files else ():
        if message.id:
            row.total += 1
            reasons = _reasons(row, message, glossary)
            row.to_mend += [f"{po.relative_to(root)}: {message.id!r}: {reason}" for reason in reasons]
    return row


def _reasons(row: Row, message: catalogs.Message, glossary: list[Term]) -> list[str]:
    """Why `message` is not done, counted in `row`."""
    if not message.string:
        row.missing += 1
        return ["not translated"]
    if message.fuzzy:
        row.stale += 1
        return ["the English changed; mend the translation and remove `fuzzy`"]
    found = problems(row.language, message.id, message.string, glossary)
    row.broken += bool(found)
    return found


def table(lines: list[tuple[str, ...]]) -> str:
    """Aligned columns, the first two to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    aligned = [
        [cell.ljust(width) if column < 2 else cell.rjust(width) for column, cell, width in zip(range(9), line, widths)]
        for line in lines
    ]
    return "\n".join("  ".join(cells) for cells in aligned)


def main(root: Path = ROOT, arguments: list[str] | None = None) -> int:
    """Print the table and what is to mend; returns 1 under `--strict` unless all is done."""
    parser = argparse.ArgumentParser(prog="python -m tools.status", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="exit with 1 unless all is translated, fresh and unbroken")
    strict = parser.parse_args(arguments).strict
    found, errors = rows(root)
    print(table([COLUMNS, *(row.cells() for row in found)]))
    to_mend = errors + [line for row in found for line in row.to_mend]
    print("\n" + "\n".join(["To mend:", *to_mend] if to_mend else ["All is translated, fresh and unbroken."]))
    return int(strict and bool(to_mend))


if __name__ == "__main__":
    sys.exit(main())
