"""Which changes of network rules close what the finding is about, and nothing else. The same in every language.

A rule may lose the sources that are everybody, and get the networks of the configuration or private ones in their
place. It may go where nothing else was left of it. Any other change moves what was open, or closes what is not the
finding's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from iacfix.domain.control import Close, LanguageFix, Literal
from iacfix.domain.networks import is_everybody, is_private

ALL_TRAFFIC = frozenset({"-1", "all"})


@dataclass(frozen=True, slots=True)
class Rule:
    """`rest` is everything but the `sources`, in a form that can be compared; `values` what of it is known.

    `sources`: the open attributes that are there, each with its items; None for an item that is not known. `others`:
    whether it names sources of another kind.
    """

    rest: object
    sources: Mapping[str, tuple[str | None, ...]]
    values: Mapping[str, str]
    others: bool
    name: str


def closing_steps(fix: LanguageFix | None, resource_type: str) -> dict[str, list[Close]]:
    """Those that speak of a resource of this type, by what holds the rules."""
    found: dict[str, list[Close]] = defaultdict(list)
    for variant in fix.variants if fix is not None else ():
        if all(condition.target in {"", resource_type} for condition in variant.when):
            for step in variant.steps:
                if isinstance(step, Close):
                    found[step.rules].append(step)
    return found


def misplaced(steps: Sequence[Close], before: Iterable[Rule], after: Iterable[Rule], given: frozenset[str]) -> str:
    """What of the change is none of a fix, or "". `given`: the networks that the configuration names."""
    gone, come = _unmatched(tuple(before), tuple(after))
    for rule in come:
        partner = next((each for each in gone if each.rest == rule.rest), None)
        if partner is None:
            return f"{rule.name} is new, or more of it is changed than who may come in"
        gone.remove(partner)
        if reason := _narrowed(steps, partner, rule, given):
            return reason
    for rule in gone:
        sources = [item for items in rule.sources.values() for item in items]
        if rule.others or not sources or not all(item is not None and is_everybody(item) for item in sources):
            return f"{rule.name} goes, and it lets in more than everybody"
        if not any(_is_meant(step, rule, exactly=True) for step in steps):
            return f"{rule.name} goes, which the finding is not about"
    return ""


def networks_of(steps: Iterable[Close], defaults: Mapping[str, Literal]) -> frozenset[str]:
    """What the configuration names in the place of everybody."""
    found: set[str] = set()
    for step in steps:
        value = defaults.get(step.instead.name, step.instead.fallback) if step.instead is not None else None
        found |= {str(each) for each in (value if isinstance(value, tuple) else (value,)) if each is not None}
    return frozenset(found)


def _narrowed(steps: Sequence[Close], before: Rule, after: Rule, given: frozenset[str]) -> str:
    if not any(_is_meant(step, before, exactly=False) for step in steps):
        return f"{before.name} is changed, which the finding is not about"
    lost, new = list(_beyond(before, after)), list(_beyond(after, before))
    for item in new:
        if item is None:
            return f"{after.name} lets in what is not known without a plan"
        if item not in given and not is_private(item):
            return f"{after.name} lets in {item}, which nobody named"
    if taken := sorted(item or "a value that is not known" for item in lost if item is None or not is_everybody(item)):
        return f"{after.name} does not let in {', '.join(taken)} any more"
    if not any(after.sources.values()) and not after.others:
        return f"{after.name} is left without a source: remove it"
    return ""


def _beyond(rule: Rule, other: Rule) -> Iterator[str | None]:
    """The sources of the one that the other has not, in the same attribute."""
    for attribute, items in rule.sources.items():
        theirs = other.sources.get(attribute, ())
        yield from (item for item in items if item not in theirs or item is None)


def _is_meant(step: Close, rule: Rule, *, exactly: bool) -> bool:
    """Whether the step speaks of the rule: of it alone, or of a wider one that has its port inside."""
    for name, wanted in step.where.items():
        if rule.values.get(name, "").lower() != str(wanted).lower():
            return False
    if rule.values.get(step.protocol, "").lower() in ALL_TRAFFIC:
        return not exactly or not step.port
    try:
        first, last = (int(rule.values.get(name, "")) for name in step.range)
    except ValueError:
        return not exactly
    if not step.port:
        return (first, last) in {(0, 65535), (-1, -1)}
    return first == last == step.port if exactly else first <= step.port <= last


def _unmatched(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[list[Rule], list[Rule]]:
    """What stands on one side only."""
    gone, come = list(before), []
    for rule in after:
        twin = next((each for each in gone if (each.rest, each.sources) == (rule.rest, rule.sources)), None)
        if twin is None:
            come.append(rule)
        else:
            gone.remove(twin)
    return gone, come
