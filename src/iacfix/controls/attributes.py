"""Which attributes of which Terraform resources a control is about."""

from collections.abc import Iterable, Iterator, Mapping

from iacfix.domain.control import Close, Companion, Control, EnsureBlock, Narrow, Remove, SetAttribute, Step


def attributes(control: Control) -> Mapping[str, frozenset[str]]:
    """By resource type, as dotted paths (`root_block_device.encrypted`)."""
    found: dict[str, set[str]] = {}
    fix = control.terraform
    for variant in fix.variants if fix is not None else ():
        named = [each.target for each in variant.when if each.target]
        for target in named or (fix.targets if fix is not None else ()):
            for resource_type, path in _paths(variant.steps, target, ""):
                found.setdefault(resource_type, set()).add(path)
    return {resource_type: frozenset(paths) for resource_type, paths in found.items()}


def _paths(steps: Iterable[Step], resource_type: str, above: str) -> Iterator[tuple[str, str]]:
    for step in steps:
        match step:
            case SetAttribute(attribute):
                yield resource_type, above + attribute
            case EnsureBlock(block, within, key=key):
                yield from ((resource_type, f"{above}{block}.{name}") for name in key)
                yield from _paths(within, resource_type, f"{above}{block}.")
            case Companion(companion, _, within, initially):
                yield from _paths((*within, *initially), companion, "")
            case Remove(name):
                yield resource_type, above + name
            case Narrow(policy):
                yield resource_type, above + (policy or "statement")
            case Close(rules, open=sources):
                yield from ((resource_type, f"{above}{rules}.{name}".strip(".")) for name in sources)
