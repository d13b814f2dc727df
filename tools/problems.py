"""What can be wrong with a translation: checked message by message against the English and the glossary."""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tools.segments import MARKDOWN, inline_tokens

# These leave no gap: a term may be half bold.
_INVISIBLE = {"text", "strong_open", "strong_close", "em_open", "em_close"}
_PLACEHOLDER = re.compile(r"\{\w[^{}]*\}|\{\}")


@dataclass(frozen=True)
class Term:
    """A glossary term: its English forms, and per language the forms of which one must appear."""

    english: tuple[str, ...]
    translations: dict[str, tuple[str, ...]]


def load_glossary(path: Path) -> list[Term]:
    """The terms of a `glossary.toml`, longest English first, so that "client update" wins over "client"."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["term"] if path.exists() else []
    terms = [Term(tuple(entry.pop("en")), {k: tuple(v) for k, v in entry.items()}) for entry in entries]
    return sorted(terms, key=lambda term: -max(map(len, term.english)))


def problems(lang: str, msgid: str, msgstr: str, glossary: list[Term]) -> list[str]:
    """What is wrong with the translation `msgstr` of `msgid`, one sentence each; empty when it is fine."""
    english, translated = _Parts.of(msgid), _Parts.of(msgstr)
    found = [
        f"{what} differs: {_difference(ours, theirs)}"
        for what, ours, theirs in zip(_Parts.NAMES, english.counters, translated.counters, strict=True)
        if ours != theirs
    ]
    if english.emphasis != translated.emphasis:
        found.append(
            f"{_spoken(translated.emphasis)} render instead of {_spoken(english.emphasis)}: "
            "beside punctuation, ** and * need a space outside the emphasis"
        )
    if _shape(msgid) != _shape(msgstr):
        found.append("its shape differs: mind new lines, spaces around it, and how it begins")
    return found + _missing_terms(lang, english.prose, translated.prose, glossary)


@dataclass(frozen=True)
class _Parts:
    """What must survive translation, and the prose that is left."""

    NAMES = ("inline code", "math", "link or image target", "placeholder", "HTML")

    counters: tuple[Counter[str], ...]
    emphasis: tuple[int, int]
    prose: str

    @classmethod
    def of(cls, text: str) -> "_Parts":
        code, math, links, html = Counter(), Counter(), Counter(), Counter()
        emphasis, prose = Counter(), ""
        for token in inline_tokens(text):
            emphasis[token.type] += 1
            if token.type == "code_inline":
                code[token.content] += 1
            elif token.type.startswith("math_inline"):
                math[token.content] += 1
            elif token.type in ("link_open", "image"):
                links[str(token.attrs.get("href", token.attrs.get("src")))] += 1
            elif token.type == "html_inline":
                html[token.content] += 1
            elif token.type == "text":
                prose += token.content
            if token.type not in _INVISIBLE:
                prose += " "
        counters = (code, math, links, Counter(_PLACEHOLDER.findall(prose)), html)
        return cls(counters, (emphasis["strong_open"], emphasis["em_open"]), prose)


def _difference(ours: Counter[str], theirs: Counter[str]) -> str:
    missing, added = (", ".join(map(repr, c.elements())) for c in (ours - theirs, theirs - ours))
    return " and ".join(filter(None, (missing and f"{missing} is missing", added and f"{added} is new")))


def _spoken(emphasis: tuple[int, int]) -> str:
    return f"{emphasis[0]} bold and {emphasis[1]} italic"


def _shape(text: str) -> tuple:
    """Block structure, number of lines and stray space: what decides whether text fits where it is put."""
    return [token.type for token in MARKDOWN.parse(text)], text.count("\n"), text != text.strip()


def _missing_terms(lang: str, english: str, translated: str, glossary: list[Term]) -> list[str]:
    found = []
    for term in glossary:
        pattern = r"\b(" + "|".join(map(re.escape, term.english)) + r")\b"
        english, uses = re.subn(pattern, " ", english, flags=re.IGNORECASE)
        accepted = term.translations.get(lang, ())
        if uses and accepted and not any(form.casefold() in translated.casefold() for form in accepted):
            found.append(f"the glossary says {' or '.join(accepted)} for {term.english[0]!r}")
    return found
