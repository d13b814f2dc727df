"""What follows from where the course is published: the README's links and badges, and other addresses.

`repository` and `release` in course.toml say where and what; `make build` does the rest.
"""

import re
import subprocess
import tomllib
from pathlib import Path

from fedcourse.i18n import LANGUAGES
from fedgrader.course import Course, Lesson
from tools.errors import SourceError
from tools.header import badge, repository_address

# Files that name no other repository on GitHub than the course's own.
ADDRESSED = (
    *("CITATION.cff", ".github/ISSUE_TEMPLATE/config.yml"),
    *(f"README.{language}.md" for language in LANGUAGES if language != "en"),
)
_ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")
_RELEASE_TAG = re.compile(r"v\d+(\.\d+)*")


def files(root: Path, course: Course) -> dict[Path, bytes]:
    """The README and the files of `ADDRESSED` that there are, as they should be.

    Raises:
      SourceError: course.toml or the README is not as it must be.
    """
    _check(root, course)
    path = root / "README.md"
    if not path.exists():
        raise SourceError(f"{path}: no such file; it needs the parts {', '.join(_parts(root, course))}")
    texts = {path: _with_parts(path, _parts(root, course))}
    for other in (root / name for name in ADDRESSED):
        if other.exists():
            texts[other] = _ADDRESS.sub(repository_address(course), other.read_text(encoding="utf-8"))
    return {path: text.encode() for path, text in texts.items()}


def _check(root: Path, course: Course) -> None:
    path = root / "course.toml"
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", course.repository):
        raise SourceError(
            f'{path}: repository = "{course.repository}": write owner/name, as in "fedcourse/fedcourse"'
        )
    if not re.fullmatch(r"\w[\w.-]*", course.release):
        raise SourceError(
            f'{path}: release = "{course.release}": write a tag, as in "v0.2.0", or a branch without slashes'
        )


def _parts(root: Path, course: Course) -> dict[str, str]:
    """The generated parts of the README by name."""
    folder = course.repository.split("/")[1]
    return {
        "clone": f"```\ngit clone {repository_address(course)}\ncd {folder}\n```",
        "lessons": _table(root, course),
    }


def _with_parts(path: Path, parts: dict[str, str]) -> str:
    """The text at `path` with each part between its marks."""
    text = path.read_text(encoding="utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- make build writes this: {name} -->\n", f"<!-- {name} ends -->\n"
        before, found, rest = text.partition(begin)
        _, also_found, after = rest.partition(end)
        if not (found and also_found):
            raise SourceError(f"{path}: where the part {name} belongs, put two lines:\n{begin}{end.strip()}")
        text = f"{before}{begin}\n{part}\n\n{end}{after}"
    return text


def _table(root: Path, course: Course) -> str:
    """The lessons, one a line, with notebook and badge in each language."""
    heads = ["lesson", *(LANGUAGES[language] for language in course.languages)]
    rows = [heads, ["---"] * len(heads)]
    for number, lesson in enumerate(course.lessons, start=1):
        links = [_link(course, lesson, language) for language in course.languages]
        rows.append([f"{number} {_title(root, lesson)}", *links])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _link(course: Course, lesson: Lesson, language: str) -> str:
    return f"[open](lessons/{language}/{lesson.slug}.ipynb) {badge(course, lesson, language, str)}"


def _title(root: Path, lesson: Lesson) -> str:
    """What the lesson's first heading says after "Lesson 1: "."""
    text = (root / "source" / lesson.slug / f"{lesson.slug}.md").read_text(encoding="utf-8")
    return re.search(r"^# (?:Lesson \d+: )?(.+)$", text, re.MULTILINE)[1]


# --- tags ---


def wrong_tag(root: Path) -> str:
    """What is wrong between course.toml and git's tags, "" if nothing is or git is not there.

    Notebooks fetch what `release` names, so a tagged commit must name its own tag, and no other commit may.
    """
    head = _git(root, "rev-parse", "HEAD").strip()
    committed = _git(root, "show", "HEAD:./course.toml")
    if not committed:
        return ""
    release = tomllib.loads(committed).get("release", "")
    here = [tag for tag in _git(root, "tag", "--points-at", "HEAD").split() if _RELEASE_TAG.fullmatch(tag)]
    if here and release not in here:
        return (
            f'course.toml: release = "{release}", but this commit has the tag {here[-1]}, so its notebooks '
            f'would fetch another version: delete the tag, set release = "{here[-1]}", run `make build`, '
            "commit, and tag that commit"
        )
    tagged = _git(root, "rev-parse", "--verify", "--quiet", f"refs/tags/{release}^{{commit}}").strip()
    current = tomllib.loads((root / "course.toml").read_text(encoding="utf-8"))["release"]
    if tagged and tagged != head and current == release:
        return (
            f'course.toml: release = "{release}" is the tag of an earlier commit, and notebooks would fetch '
            'that: set release = "main" until the next release, and run `make build`'
        )
    return ""


def _git(root: Path, *arguments: str) -> str:
    """What git says, "" where it fails or is missing."""
    try:
        return subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=60
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
