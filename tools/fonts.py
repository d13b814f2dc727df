"""Build the font of the Chinese and Korean plots: `python -m tools.fonts`."""

import unicodedata
from pathlib import Path

from babel.messages.pofile import read_po
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from fedcourse import i18n
from fedcourse.fonts import CJK_FONT, CJK_LANGUAGES

FACE = "Noto Sans CJK SC"  # it has the Hangul syllables too, as every face of the collection
FAMILY = "Course CJK"  # a name of its own, lest an installed Noto be mistaken for the subset
KEPT_NAMES = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]  # copyright, names, version, trademark, licence
ASCII = {chr(code) for code in range(0x20, 0x7F)}


def installed_noto() -> Path | None:
    """The installed Noto Sans CJK collection, or None."""
    return next(Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc"), None)


def catalog_characters() -> set[str]:
    """The printable characters of the Chinese and Korean message catalogs, as far as there are any."""
    characters: set[str] = set()
    for language in CJK_LANGUAGES:
        path = Path(i18n.LOCALE_DIR, language, "LC_MESSAGES", f"{i18n.DOMAIN}.po")
        if path.exists():
            with path.open("rb") as file:
                characters.update(*(message.string for message in read_po(file) if message.id))
    return {character for character in characters if character.isprintable()}


def missing_characters(font: Path = CJK_FONT) -> set[str]:
    """The letters, digits and punctuation of the catalogs that `font` lacks; needs no installed Noto.

    Symbols do not count: Noto Sans CJK itself has no emoji, and plots fall back to another font for them.
    """
    known = TTFont(font).getBestCmap() if font.exists() else {}
    needed = ASCII | catalog_characters()
    return {c for c in needed if ord(c) not in known and unicodedata.category(c)[0] in "LNP"}


def build(font: Path = CJK_FONT) -> None:
    """Write to `font` the subset of Noto Sans CJK SC that the catalogs need: same catalogs, same bytes.

    Raises:
      FileNotFoundError: Noto Sans CJK is not installed.
    """
    noto = installed_noto()
    if noto is None:
        raise FileNotFoundError("Noto Sans CJK is not installed; `apt install fonts-noto-cjk` brings it")
    subsetter = Subsetter(
        Options(layout_features=[], hinting=False, desubroutinize=True, name_IDs=KEPT_NAMES)
    )
    subsetter.populate(text="".join(ASCII | catalog_characters()))
    # Keeping the modification time keeps the bytes.
    with TTCollection(noto, lazy=True, recalcTimestamp=False) as collection:
        face = next(face for face in collection.fonts if face["name"].getDebugName(1) == FACE)
        subsetter.subset(face)
        _rename(face)
        face.save(font)


def _rename(face: TTFont) -> None:
    """Give `face` the family name `FAMILY`."""
    names = {1: FAMILY, 3: f"{FAMILY} Regular", 4: FAMILY, 6: FAMILY.replace(" ", "")}
    for record in face["name"].names:
        record.string = names.get(record.nameID, record.string)


if __name__ == "__main__":
    build()
    print(f"{CJK_FONT.name}: {CJK_FONT.stat().st_size:,} bytes")
