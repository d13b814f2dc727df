"""Types as TFF prints them, such as `{float32}@CLIENTS`: read, compared, and told apart in plain words.

It needs neither TensorFlow nor TFF, so checks can use it too.
"""

import re
from dataclasses import dataclass
from math import prod
from typing import Any

from fedcourse.i18n import _

_TOKEN = re.compile(r"\s*(?:(->|[<>(){}\[\]=,*@?])|(\w+))")
_PLACEMENTS = ("CLIENTS", "SERVER")


class NotAType(ValueError):
    """A text that is no type; the message says where it stops being one, in the learner's language."""


@dataclass(frozen=True)
class Tensor:
    """Numbers of one dtype; the shape has None, printed `?`, where a size is not known."""

    dtype: str
    shape: tuple[int | None, ...] = ()

    def __str__(self) -> str:
        sizes = ",".join("?" if size is None else str(size) for size in self.shape)
        return f"{self.dtype}[{sizes}]" if sizes else self.dtype


@dataclass(frozen=True)
class Struct:
    """Fields in order, each a name (or None) and a type."""

    fields: tuple[tuple[str | None, "Type"], ...]

    @property
    def names(self) -> tuple[str | None, ...]:
        return tuple(name for name, _type in self.fields)

    @property
    def types(self) -> tuple["Type", ...]:
        return tuple(field_type for _name, field_type in self.fields)

    def __str__(self) -> str:
        return "<" + ",".join(f"{name}={t}" if name else str(t) for name, t in self.fields) + ">"


@dataclass(frozen=True)
class Sequence:
    """Any number of elements of one type, one after the other: a dataset."""

    element: "Type"

    def __str__(self) -> str:
        return f"{self.element}*"


@dataclass(frozen=True)
class Placed:
    """A value that the server or the clients have."""

    member: "Type"
    placement: str
    all_equal: bool

    def __str__(self) -> str:
        return f"{self.member}@{self.placement}" if self.all_equal else f"{{{self.member}}}@{self.placement}"


@dataclass(frozen=True)
class Function:
    """A computation: what goes in, if anything, and what comes out."""

    parameter: "Type | None"
    result: "Type"

    def __str__(self) -> str:
        return f"({'' if self.parameter is None else self.parameter} -> {self.result})"


Type = Tensor | Struct | Sequence | Placed | Function


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
        token, self._start = self.next, self._end
        match = _TOKEN.match(self._text, self._end)
        if not match and self._end < len(self._text):
            raise self.unexpected()
        self.next = match[1] or match[2] if match else ""
        self._end = match.end() if match else self._end
        return token

    def unexpected(self) -> NotAType:
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


def guess_type(written: str, real: Any) -> None:
    """Print whether `written` is the type of `real`, a computation or a type, and if not, what differs."""
    print(_answer(written, str(getattr(real, "type_signature", real))))


def _answer(written: str, real: str) -> str:
    if not written.strip(" ?"):
        return _("No guess yet. Write one between the quotation marks, and run the cell again.")
    try:
        told = difference(written, real)
    except NotAType as error:
        return _("That is no type yet. {why}").format(why=error)
    return _("Not yet. {hint}").format(hint=told) if told else _("Right: {type}").format(type=real)


def difference(got: str, want: str) -> str | None:
    """What is wrong with the type `got` where `want` is right, in words; None when they are the same.

    Raises:
      NotAType: one of them is no type.
    """
    return _difference(parse(got), parse(want))


def _difference(got: Type, want: Type) -> str | None:
    """The outermost difference between two types."""
    if got == want:
        return None
    for kind, outer, inner in (
        (Function, _function_difference, _function_or_not),
        (Placed, _placed_difference, _placed_or_not),
        (Sequence, lambda g, w: _difference(g.element, w.element), _sequence_or_not),
        (Struct, _struct_difference, _struct_or_not),
    ):
        if isinstance(got, kind) and isinstance(want, kind):
            return outer(got, want)
        if isinstance(got, kind) or isinstance(want, kind):
            return inner(got, want)
    return _tensor_difference(got, want)


def _function_or_not(got: Type, want: Type) -> str:
    if isinstance(want, Function):
        hint = _(
            "`{got}` is the type of a value. A computation has an arrow: what goes in stands before it, "
            "what comes out after it."
        )
        return hint.format(got=got)
    hint = _("`{got}` is the type of a whole computation. A value is asked for: what stands on one side?")
    return hint.format(got=got)


def _function_difference(got: Function, want: Function) -> str | None:
    if (got.parameter, got.result) == (want.result, want.parameter):
        return _(
            "Parameter and result are swapped: what goes in stands before the arrow, what comes out after it."
        )
    if want.parameter is None and got.parameter is not None:
        return _("This computation takes nothing: leave the side before the arrow empty.")
    if got.parameter is None and want.parameter is not None:
        return _("Something goes in: it stands before the arrow.")
    before = _difference(got.parameter, want.parameter) if got.parameter else None
    return before or _difference(got.result, want.result)


def _placed_or_not(got: Type, want: Type) -> str:
    if isinstance(want, Placed):
        if isinstance(got, Struct) and any(isinstance(field, Placed) for field in got.types):
            hint = _(
                "In `{got}` each field has a placement of its own. Build the struct first, then place it "
                "once, as a whole."
            )
        elif isinstance(got, Sequence) and isinstance(got.element, Placed):
            hint = _(
                "In `{got}` each element has a placement. Build the sequence first, then place it as a whole."
            )
        else:
            hint = _(
                "`{got}` says what the value is, but not who has it. Place it: at the server, or at the "
                "clients?"
            )
        return hint.format(got=got)
    if isinstance(want, Struct) and any(isinstance(field, Placed) for field in want.types):
        hint = _("`{got}` is one value at one place. Here there are several: a struct of placed values.")
        return hint.format(got=got)
    hint = _("`{got}` has a placement. Here only the value itself is meant: leave out the `@`.")
    return hint.format(got=got)


def _placed_difference(got: Placed, want: Placed) -> str | None:
    if got.placement != want.placement:
        if want.placement == "SERVER":
            hint = _("`{got}` is what the clients have. This value is at the server: `tff.SERVER`.")
        else:
            hint = _("`{got}` is what the server has. This value is at the clients: `tff.CLIENTS`.")
        return hint.format(got=got)
    if got.all_equal != want.all_equal:
        if want.placement == "SERVER":
            hint = _("There is only one server, so `{got}` needs no braces.")
        elif want.all_equal:
            hint = _(
                "The braces in `{got}` say that each client has a value of its own. Here all have the same "
                "one: no braces, `all_equal=True`."
            )
        else:
            hint = _(
                "`{got}` without braces promises that all clients have the same value. Here each has its "
                "own: braces, no `all_equal=True`."
            )
        return hint.format(got=got)
    return _difference(got.member, want.member)


def _sequence_or_not(got: Type, want: Type) -> str:
    if isinstance(got, Sequence) and isinstance(want, Struct):
        hint = _(
            "The star in `{got}` says: any number of elements of the same type. This is a struct, a fixed "
            "number of fields: `<…>`."
        )
    elif isinstance(got, Sequence):
        hint = _("The star in `{got}` says: a sequence of any length. Here there is just one.")
    elif got == want.element:
        hint = _(
            "`{got}` is one element. A dataset holds any number of them: `tff.SequenceType(…)`, a star at "
            "the end."
        )
    elif isinstance(got, Struct) and set(got.types) == {want.element}:
        hint = _(
            "`{got}` is a struct: TFF reads a Python list as a struct with as many fields. Any number of "
            "elements is `tff.SequenceType(…)`, a star at the end."
        )
    else:
        hint = _("`{got}` is not a sequence. A dataset is one: `tff.SequenceType(…)`, a star at the end.")
    return hint.format(got=got)


def _struct_or_not(got: Type, want: Type) -> str:
    if isinstance(got, Struct):
        hint = _("`{got}` is a struct, with fields in `<…>`. Here a single tensor is meant.")
    else:
        hint = _("`{got}` is a single tensor. Several values that belong together make a struct: `<…>`.")
    return hint.format(got=got)


def _struct_difference(got: Struct, want: Struct) -> str | None:
    if len(got.fields) != len(want.fields):
        hint = _("`{got}` has {number} fields. There should be {wanted}.")
        return hint.format(got=got, number=len(got.fields), wanted=len(want.fields))
    if got.names != want.names:
        return _names_difference(got, want)
    return next(filter(None, map(_difference, got.types, want.types)), None)


def _names_difference(got: Struct, want: Struct) -> str:
    if not any(got.names):
        hint = _("The fields of `{got}` have no names. Names come from an `OrderedDict`, not from a tuple.")
    elif not any(want.names):
        hint = _("The fields of `{got}` have names. Here they have none: a tuple.")
    elif set(got.names) == set(want.names):
        hint = _("`{got}` has the right fields in the wrong order, and order is part of the type.")
    else:
        hint = _("The fields of `{got}` should be called {names}, in this order.")
    return hint.format(got=got, names=", ".join(name or "…" for name in want.names))


def _tensor_difference(got: Tensor, want: Tensor) -> str:
    if got.dtype != want.dtype:
        return _dtype_difference(got, want)
    return _shape_hint(got.shape, want.shape).format(got=got)


def _dtype_difference(got: Tensor, want: Tensor) -> str:
    kinds = tuple("float" if "float" in t.dtype else "int" if "int" in t.dtype else "" for t in (got, want))
    if kinds == ("int", "float"):
        hint = _("`{got}` holds whole numbers only. This value may lie between them: a float.")
    elif kinds == ("float", "int"):
        hint = _("`{got}` holds numbers with a fraction. This value is a whole number: an int.")
    elif kinds[0] == kinds[1] and kinds[0]:
        hint = _("`{got}` is of the right kind, but has the wrong number of bits: `{dtype}` is meant.")
    else:
        hint = _("`{got}` is of another dtype: `{dtype}` is meant.")
    return hint.format(got=got, dtype=want.dtype)


def _shape_hint(got: tuple[int | None, ...], want: tuple[int | None, ...]) -> str:
    """What is wrong with the shape of `{got}`."""
    if not want:
        return _("`{got}` is an array. A single number has no shape.")
    if not got:
        return _("`{got}` is a single number. This value is an array: give it a shape.")
    if len(got) == len(want):
        if any(w is None and g is not None for g, w in zip(got, want, strict=True)):
            return _(
                "`{got}` fixes a size that is not known beforehand. An open size is `None`, which TFF "
                "prints as `?`."
            )
        if any(g is None and w is not None for g, w in zip(got, want, strict=True)):
            return _("`{got}` leaves a size open, with `?`, that is known.")
        if sorted(map(str, got)) == sorted(map(str, want)):
            return _("`{got}` has its dimensions in the wrong order.")
    if got == want[1:] and want[0] is None:
        return _(
            "`{got}` is one example. A batch has any number of them: a first dimension `None`, which TFF "
            "prints as `?`."
        )
    if None not in got + want and prod(got) == prod(want):
        return _("`{got}` has as many numbers as it should, but in another shape: flattened, or not?")
    return _("The shape of `{got}` is not that of this value: count the dimensions, then the sizes.")
