"""One fact that several tools report becomes one finding, which keeps what each of them knows, and who they are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from iacfix.domain.finding import CloudResource, Finding, FindingRead


def merged(reads: Sequence[FindingRead], fact: Callable[[Finding], str]) -> tuple[FindingRead, ...]:
    """`fact` gives the same text for findings that say the same. What one tool reports several times under ids of its
    own stays apart: each report wants its answer. The place of the first report in the order is kept.
    """
    found: list[list[Finding] | FindingRead] = []
    by_fact: dict[str, list[list[Finding]]] = {}
    for read in reads:
        if not isinstance(read, Finding):
            found.append(read)
            continue
        groups = by_fact.setdefault(fact(read), [])
        group = next((each for each in groups if _may_join(read, each)), None)
        if group is None:
            group = []
            groups.append(group)
            found.append(group)
        group.append(read)
    return tuple(_one(each) if isinstance(each, list) else each for each in found)


def _may_join(finding: Finding, group: Sequence[Finding]) -> bool:
    """Another tool's, or the same report delivered twice."""
    same = [each for each in group if each.source == finding.source]
    return all(each.id == finding.id for each in same)


def _one(group: Sequence[Finding]) -> Finding:
    """Who knows best where it is speaks for all: its check, its title. The worst severity counts."""
    if len(group) == 1:
        return group[0]
    best = max(group, key=_knows)  # the first of those that know as much
    others = [each for each in group if each is not best]
    reports = dict.fromkeys(report for each in (best, *others) for report in each.reports)
    own = (best.source, best.id)
    return replace(
        best,
        severity=min((each.severity for each in group), key=lambda each: each.rank),
        resource=_resource(best.resource, [each.resource for each in others]),
        hint=best.hint if best.hint.path else next((each.hint for each in others if each.hint.path), best.hint),
        url=best.url or next((each.url for each in others if each.url), ""),
        observed_at=best.observed_at or next((each.observed_at for each in others if each.observed_at), ""),
        also=tuple(report for report in reports if report != own),
    )


def _knows(finding: Finding) -> tuple[bool, bool, bool, bool, int]:
    hint = finding.hint
    return (
        finding.resource.identifier.startswith("arn:"),
        bool(hint.path),
        bool(hint.address),
        hint.start_line > 0,
        -finding.severity.rank,
    )


def _resource(best: CloudResource, others: Sequence[CloudResource]) -> CloudResource:
    """Two tools that give one tag different values are both kept: what excludes a resource by a tag then still does."""

    def known(texts: Iterator[str]) -> str:
        return next(filter(None, texts), "")

    everyone = (best, *others)
    return replace(
        best,
        type=known(each.type for each in everyone),
        name=known(each.name for each in everyone),
        account=known(each.account for each in everyone),
        region=known(each.region for each in everyone),
        tags=(*best.tags, *dict.fromkeys(tag for each in others for tag in each.tags if tag not in best.tags)),
    )
