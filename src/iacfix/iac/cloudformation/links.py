"""How one resource of a template refers to another, as the catalogue writes it: `Ref`, or `GetAtt.Arn`."""

from iacfix.iac.values import Reference, Template, Value


def link(logical_id: str, kind: str) -> Reference:
    name, _, attribute = kind.partition(".")
    return Reference((logical_id,)) if name == "Ref" else Reference((logical_id, attribute))


def is_link(value: Value | None, logical_id: str, kind: str) -> bool:
    """Alone, or as all that a `Fn::Sub` holds."""
    if isinstance(value, Template) and len(value.pieces) == 1:
        value = value.pieces[0]
    return value == link(logical_id, kind)
