"""Translation catalogs (gettext `.po`): read, merged with today's English, written reproducibly."""

import io
import re
from collections.abc import Callable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, unescape, write_po

from tools.errors import SourceError

# Babel guesses these from a per cent sign or a brace, which prose is full of ("97 % in 87 rounds").
_GUESSED_FLAGS = {"python-format", "python-brace-format"}
# One line a message: Babel would fold a `#| msgid` in the middle of its string, which msgfmt refuses.
_WIDTH = 10**6
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class PlainCatalog(Catalog):
    """A catalog whose header holds no dates and no tool versions, so that equal input gives equal bytes."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", self.project),
            ("Language", str(self.locale_identifier)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def read(path: Path, language: str) -> Catalog:
    """The catalog at `path`, empty when there is no such file; fuzzy messages know their `previous_id`.

    Raises:
      SourceError: the file is not gettext's.
    """
    if not path.exists():
        return Catalog(language)
    try:
        return parse(path.read_bytes(), language)
    except PoFileError as error:
        raise SourceError(f"{path}:{error.lineno + 1}: {error}; `msgfmt -c` says more") from None


def parse(content: bytes, language: str) -> Catalog:
    """The catalog written in `content`."""
    catalog = read_po(io.BytesIO(content), locale=language, ignore_obsolete=True, abort_invalid=True)
    for message in catalog:
        _restore_previous_id(message)
    return catalog


def _restore_previous_id(message: Message) -> None:
    """Babel writes `#| msgid` but reads it as a translator's remark: put it back where it belongs."""
    previous = " ".join(comment for comment in message.user_comments if comment.startswith("| "))
    message.user_comments = [comment for comment in message.user_comments if not comment.startswith("| ")]
    message.previous_id = ["".join(map(unescape, _STRING.findall(previous)))] if previous else []


def template(language: str, *, about: str) -> Catalog:
    """An empty catalog to add English messages to; `about` opens the file."""
    return PlainCatalog(language, project="fedcourse", header_comment=f"# {about}", fuzzy=False)


def merged(new: Catalog, old: Catalog) -> Catalog:
    """`new` with the translations of `old`; where the English changed, fuzzy, with the previous English."""
    previous_ids = {message.id: message.previous_id for message in old}
    old.update(new)
    for message in filter(lambda message: message.id, new):
        known = old[message.id]
        message.string, message.flags, message.user_comments = known.string, known.flags, known.user_comments
        message.previous_id = (known.previous_id or previous_ids.get(message.id, [])) if known.fuzzy else []
    return new


def written(catalog: Catalog, *, by_message: bool = False) -> bytes:
    """The `.po` file, in the catalog's order or sorted by message."""
    for message in catalog:
        message.flags -= _GUESSED_FLAGS
    buffer = io.BytesIO()
    write_po(
        buffer,
        catalog,
        width=_WIDTH,
        sort_output=by_message,
        ignore_obsolete=True,
        include_previous=True,
        include_lineno=False,
    )
    return buffer.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """The `.mo` file, stale translations left out."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def translator(catalog: Catalog) -> Callable[[str], str]:
    """A function from English to the catalog's language; what is missing or stale stays English."""
    ready = {message.id: message.string for message in catalog if message.string and not message.fuzzy}
    return lambda english: ready.get(english, english)
