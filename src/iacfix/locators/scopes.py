"""Which of several repositories a finding's resource belongs to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from iacfix.domain.finding import Finding
from iacfix.locators.arn import parse
from iacfix.locators.cloudformation import stack_of


@dataclass(frozen=True, slots=True)
class Scope:
    """What a repository makes, as conditions that must all hold; without one it makes anything. `name` is shown."""

    name: str
    accounts: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    stacks: tuple[str, ...] = ()
    state_buckets: tuple[str, ...] = ()

    @property
    def conditions(self) -> int:
        return sum(map(bool, (self.accounts, self.stacks, self.state_buckets))) + len(self.tags)


def choose(finding: Finding, scopes: Sequence[Scope], states_know: Callable[[Scope], bool]) -> Scope | str:
    """The scope that fits with the most conditions, or in words why there is none.

    `states_know`: whether a state in the scope's buckets knows the resource. It is asked last: it costs the most.
    """
    fitting = [scope for scope in scopes if _fits(finding, scope) and (not scope.state_buckets or states_know(scope))]
    most = max((scope.conditions for scope in fitting), default=0)
    best = {scope.name: scope for scope in fitting if scope.conditions == most}
    if len(best) == 1:
        return next(iter(best.values()))
    if best:
        return f"several repositories fit it equally well: {', '.join(best)}"
    return f"no repository for {_described(finding)}: see `repositories` in iacfix.yaml"


def account_of(finding: Finding) -> str:
    arn = parse(finding.resource.identifier)
    return finding.resource.account or (arn.account if arn is not None else "")


def _fits(finding: Finding, scope: Scope) -> bool:
    tags = dict(finding.resource.tags)
    stack = stack_of(finding)
    return (
        (not scope.accounts or account_of(finding) in scope.accounts)
        and all(tags.get(name) == value for name, value in scope.tags.items())
        and (not scope.stacks or (bool(stack) and any(fnmatchcase(stack, pattern) for pattern in scope.stacks)))
    )


def _described(finding: Finding) -> str:
    account, stack = account_of(finding), stack_of(finding)
    told = f"account {account}" if account else "a finding that names no account"
    return told + (f", stack {stack}" if stack else "")
