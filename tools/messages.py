"""The course's message catalogs: what programs say, taken from the code and merged with its translations."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

from fedcourse.i18n import DOMAIN, LANGUAGES
from tools import catalogs

SOURCES = ("fedcourse/**/*.py", "autograder/**/*.py", "tools/header.py")
KEYWORDS = {"_": None, "N_": None}


def extracted(root: Path) -> dict[str, list[str]]:
    """Each message of the code below `root`, with the files that say it."""
    found: dict[str, list[str]] = {}
    for path in sorted({path for pattern in SOURCES for path in root.glob(pattern)}):
        for _line, message, _remarks, _context in extract_from_file("python", path, keywords=KEYWORDS):
            found.setdefault(message, []).append(path.relative_to(root).as_posix())
    return found


def catalog_path(root: Path, language: str) -> Path:
    """Where the `.po` of `language` is; the `.mo` lies beside it."""
    return root / "fedcourse" / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def catalog(root: Path, language: str, messages: dict[str, list[str]]) -> Catalog:
    """The `extracted` messages with the translations there are."""
    new = catalogs.template(language, about=f"What the course's programs say, in {LANGUAGES[language]}.")
    for message, files in messages.items():
        new.add(message, locations=[(file, None) for file in files])
    return catalogs.merged(new, catalogs.read(catalog_path(root, language), language))
