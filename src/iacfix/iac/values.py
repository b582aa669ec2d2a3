"""What a value is worth, as far as its own text says. Shared by both languages."""

from dataclasses import dataclass

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """A literal. Compare types as well: in Python True == 1."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Reference:
    """`aws_s3_bucket.logs.id` as its parts; an index or splat is a part of its own (`[0]`, `[*]`).

    In CloudFormation `Ref` is one part and `Fn::GetAtt` two, the attribute's path whole.
    """

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A string made of pieces, some of which are not literal."""

    pieces: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class ObjectValue:
    """Keys that are no plain names or strings are left out, and `complete` is False."""

    items: tuple[tuple[str, "Value"], ...]
    complete: bool = True

    def get(self, key: str) -> "Value | None":
        """Of a key that is written twice, the last one counts, as in Terraform."""
        return next((value for name, value in reversed(self.items) if name == key), None)


@dataclass(frozen=True, slots=True)
class CallValue:
    """A function call with its arguments, not evaluated."""

    name: str
    arguments: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Cannot be known without a plan or a deployment; `text` is how it is written."""

    text: str


Value = Known | Reference | Template | ListValue | ObjectValue | CallValue | Unknown


def same(left: Value, right: Value) -> bool:
    """Equality that tells `true` from `1`."""
    if isinstance(left, Known) and isinstance(right, Known):
        return type(left.value) is type(right.value) and left.value == right.value
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        return len(left.items) == len(right.items) and all(map(same, left.items, right.items))
    if isinstance(left, ObjectValue) and isinstance(right, ObjectValue):
        pairs = zip(left.items, right.items, strict=False)
        alike = len(left.items) == len(right.items) and left.complete == right.complete
        return alike and all(one == other and same(mine, theirs) for (one, mine), (other, theirs) in pairs)
    return left == right
