"""Texts for people: cut where they would be too long, marked where they are code."""


def shortened(text: str, most: int) -> str:
    """`text` in at most `most` characters; one that was cut ends in "…"."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def as_code(text: str) -> str:
    """`text` as inline code, whatever it holds."""
    return "`" + text.replace("`", "'") + "`"
