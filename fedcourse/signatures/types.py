"""The types that TFF's type signatures write, which print as TFF prints them."""

from dataclasses import dataclass


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
