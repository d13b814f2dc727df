"""Read a type from its text."""

import re

from fedcourse.i18n import _
from fedcourse.signatures.types import Function, Placed, Sequence, Struct, Tensor, Type

_TOKEN = re.compile(r"\s*(?:(->|[<>(){}\[\]=,*@?])|(\w+))")
_PLACEMENTS = ("CLIENTS", "SERVER")


class NotAType(ValueError):
    """A text that is no type; the message says where it stops being one, in the learner's language."""


def parse(text: str) -> Type:
    """The type that `text` writes; spaces do not matter.

    Raises:
      NotAType: it writes none.
    """
    reader = _Reader(text)
    found = reader.type()
    if reader.next:
        raise reader.unexpected()
    return found


class _Reader:
    """Reads a type from left to right, one token at a time."""

    def __init__(self, text: str):
        self._text, self._end = text.rstrip(), 0
        self.next, self._start = "", 0
        self._advance()

    def _advance(self) -> str:
        """The token that was next; the one after it is now."""
        token, self._start = self.next, self._end
        match = _TOKEN.match(self._text, self._end)
        if not match and self._end < len(self._text):
            raise self.unexpected()
        self.next = match[1] or match[2] if match else ""
        self._end = match.end() if match else self._end
        return token

    def unexpected(self) -> NotAType:
        """The error that says where reading stopped."""
        before, rest = self._text[: self._start].strip(), self._text[self._start :].strip()
        if not rest:
            return NotAType(_("`{text}` stops too early: a bracket is still open.").format(text=self._text))
        return NotAType(
            _("After `{before}`, `{rest}` cannot stand.").format(before=before, rest=rest)
            if before
            else _("No type begins with `{rest}`.").format(rest=rest)
        )

    def _expect(self, token: str) -> None:
        if self.next != token:
            raise self.unexpected()
        self._advance()

    def _accept(self, token: str) -> bool:
        if self.next != token:
            return False
        self._advance()
        return True

    def _word(self) -> str:
        if not re.fullmatch(r"[A-Za-z_]\w*", self.next):
            raise self.unexpected()
        return self._advance()

    def type(self) -> Type:
        """The longest type that begins here."""
        if self._accept("{"):
            member = self.type()
            self._expect("}")
            found: Type = self._placed(member, all_equal=False)
        elif self._accept("<"):
            found = Struct(self._fields())
        elif self._accept("("):
            found = self._function()
        else:
            found = Tensor(self._word(), self._shape())
        return self._with_suffixes(found)

    def _with_suffixes(self, found: Type) -> Type:
        while self.next in ("*", "@"):
            found = Sequence(found) if self._accept("*") else self._placed(found, all_equal=True)
        return found

    def _placed(self, member: Type, all_equal: bool) -> Placed:
        self._expect("@")
        if self.next not in _PLACEMENTS:
            raise self.unexpected()
        return Placed(member, self._advance(), all_equal)

    def _function(self) -> Function:
        parameter = None if self.next == "->" else self.type()
        self._expect("->")
        result = self.type()
        self._expect(")")
        return Function(parameter, result)

    def _fields(self) -> tuple[tuple[str | None, Type], ...]:
        fields: list[tuple[str | None, Type]] = []
        while not self._accept(">"):
            if fields:
                self._expect(",")
            fields.append(self._field())
        return tuple(fields)

    def _field(self) -> tuple[str | None, Type]:
        named = re.match(r"\s*=", self._text[self._end :])
        name = self._word() if named else None
        if named:
            self._expect("=")
        return name, self.type()

    def _shape(self) -> tuple[int | None, ...]:
        shape: list[int | None] = []
        if self._accept("["):
            while not self._accept("]"):
                if shape:
                    self._expect(",")
                if self.next != "?" and not self.next.isdigit():
                    raise self.unexpected()
                size = self._advance()
                shape.append(None if size == "?" else int(size))
        return tuple(shape)
