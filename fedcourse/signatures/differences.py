"""How two types differ, in plain words: the outermost difference, and what to do about it."""

from math import prod

from fedcourse.i18n import _
from fedcourse.signatures.parsing import parse
from fedcourse.signatures.types import Function, Placed, Sequence, Struct, Tensor, Type


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
    """One of the two is a computation, the other a value."""
    if isinstance(want, Function):
        hint = _(
            "`{got}` is the type of a value. A computation has an arrow: what goes in stands before it, "
            "what comes out after it."
        )
        return hint.format(got=got)
    hint = _("`{got}` is the type of a whole computation. A value is asked for: what stands on one side?")
    return hint.format(got=got)


def _function_difference(got: Function, want: Function) -> str | None:
    """Both are computations."""
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
    """One of the two has a placement, the other has none."""
    if isinstance(want, Placed):
        return _placement_missing(got)
    if isinstance(want, Struct) and any(isinstance(field, Placed) for field in want.types):
        hint = _("`{got}` is one value at one place. Here there are several: a struct of placed values.")
    else:
        hint = _("`{got}` has a placement. Here only the value itself is meant: leave out the `@`.")
    return hint.format(got=got)


def _placement_missing(got: Type) -> str:
    """A placement is wanted, and `got` has none, or has it too far inside."""
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
            "`{got}` says what the value is, but not who has it. Place it: at the server, or at the clients?"
        )
    return hint.format(got=got)


def _placed_difference(got: Placed, want: Placed) -> str | None:
    """Both have a placement."""
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
    """One of the two is a sequence, the other a struct or a tensor."""
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
    """One of the two is a struct, the other a tensor."""
    if isinstance(got, Struct):
        hint = _("`{got}` is a struct, with fields in `<…>`. Here a single tensor is meant.")
    else:
        hint = _("`{got}` is a single tensor. Several values that belong together make a struct: `<…>`.")
    return hint.format(got=got)


def _struct_difference(got: Struct, want: Struct) -> str | None:
    """Both are structs."""
    if len(got.fields) != len(want.fields):
        hint = _("`{got}` has {number} fields. There should be {wanted}.")
        return hint.format(got=got, number=len(got.fields), wanted=len(want.fields))
    if got.names != want.names:
        return _names_difference(got, want)
    return next(filter(None, map(_difference, got.types, want.types)), None)


def _names_difference(got: Struct, want: Struct) -> str:
    """Both have as many fields, but other names."""
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
    """Both are tensors."""
    if got.dtype != want.dtype:
        return _dtype_difference(got, want)
    return _shape_hint(got.shape, want.shape).format(got=got)


def _dtype_difference(got: Tensor, want: Tensor) -> str:
    """Both are tensors, of two dtypes."""
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
