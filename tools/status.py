"""Where every lesson stands in every language: `python -m tools.status [--strict]` (`make status`)."""

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

from fedgrader.course import ROOT, load_course
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
    errors: list[str] = []
    state = _State(root, build.outputs(root, errors.append), load_glossary(root / "source" / "glossary.toml"))
    found = []
    for lesson in course.lessons:
        folder = root / "source" / lesson.slug
        for language in course.languages:
            made = {build.lesson_path(root, lesson, language)}
            made |= {folder / f"{lesson.slug}.ipynb"} if language == "en" else {folder / f"{language}.po"}
            found.append(state.row(lesson.slug, language, made))
    for language in course.languages[1:]:
        po = catalog_path(root, language)
        found.append(state.row("messages", language, {po, po.with_suffix(".mo")}))
    strays = [] if errors else build.strays(root, state.files)
    return found, errors + [build.stray_message(root, path) for path in strays]


class _State:
    """What the build would write, and what a translation is judged by."""

    def __init__(self, root: Path, files: build.Files, glossary: list[Term]):
        self.root, self.files, self.glossary = root, files, glossary
        self.stale = set(build.stale(files))

    def row(self, name: str, language: str, paths: set[Path]) -> Row:
        """The row of the files at `paths`, of which one may be a catalog."""
        outdated = sorted(path for path in paths if path in self.stale or path not in self.files)
        row = Row(name, language, fresh=not outdated)
        row.to_mend += [f"{path.relative_to(self.root)}: not fresh; run `make build`" for path in outdated]
        for po in (path for path in paths if path.suffix == ".po" and path in self.files):
            for message in catalogs.parse(self.files[po], language):
                if message.id:
                    reasons = _reasons(row, message, self.glossary)
                    row.to_mend += [f"{po.relative_to(self.root)}: {message.id!r}: {r}" for r in reasons]
        return row


def _reasons(row: Row, message: catalogs.Message, glossary: list[Term]) -> list[str]:
    """Why `message` is not done, counted in `row`."""
    row.total += 1
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
    sides = "<<" + ">" * (len(widths) - 2)
    layout = "  ".join(f"{{:{side}{width}}}" for side, width in zip(sides, widths, strict=True))
    return "\n".join(layout.format(*line) for line in lines)


def main(root: Path = ROOT, arguments: list[str] | None = None) -> int:
    """Print the table and what is to mend; returns 1 under `--strict` unless all is done."""
    parser = argparse.ArgumentParser(prog="python -m tools.status", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="exit with 1 unless there is nothing to mend")
    strict = parser.parse_args(arguments).strict
    found, errors = rows(root)
    print(table([COLUMNS, *(row.cells() for row in found)]))
    to_mend = errors + [line for row in found for line in row.to_mend]
    print("\n" + "\n".join(["To mend:", *to_mend] if to_mend else ["All is translated, fresh and unbroken."]))
    return int(strict and bool(to_mend))


if __name__ == "__main__":
    sys.exit(main())
