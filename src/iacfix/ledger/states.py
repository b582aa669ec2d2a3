"""Which state may follow which. Nothing else moves a finding.

```
received ─► triaged ─► fixing ─► proposed ─► pull_request_open ─► verifying ─► fixed ─► prevented
               │  ├──► awaiting_approval ─► remediating ───────────▲    │
               │  └──► observed, human_review, accepted                 └─► still_open ─► triaged
```
"""

from collections.abc import Mapping
from dataclasses import replace

from iacfix.domain.errors import IllegalMoveError
from iacfix.domain.ledger import LedgerEntry, State

Facts = Mapping[str, str | tuple[str, ...]]
"""Fields of an entry and what they should hold."""

_NEXT: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.TRIAGED}),
    State.TRIAGED: frozenset(
        {State.OBSERVED, State.HUMAN_REVIEW, State.ACCEPTED, State.FIXING, State.AWAITING_APPROVAL, State.REMEDIATING}
    ),
    State.FIXING: frozenset(
        # verifying: the code is right already, what is deployed has to be looked at
        {State.PROPOSED, State.NOT_LOCATED, State.FIX_GENERATION_FAILED, State.HUMAN_REVIEW, State.VERIFYING}
        # a run was cut short, and the next one may decide otherwise
        | {State.TRIAGED}
    ),
    State.PROPOSED: frozenset({State.PULL_REQUEST_OPEN, State.NOT_WANTED, State.HUMAN_REVIEW, State.FIXING}),
    State.PULL_REQUEST_OPEN: frozenset(
        {State.VERIFYING, State.NOT_WANTED, State.HUMAN_REVIEW, State.FIXING, State.ACCEPTED}
        # the code is on its way, and the live resource need not wait for it
        | {State.AWAITING_APPROVAL, State.REMEDIATING}
    ),
    State.AWAITING_APPROVAL: frozenset({State.REMEDIATING, State.DENIED, State.HUMAN_REVIEW}),
    State.REMEDIATING: frozenset({State.VERIFYING, State.REMEDIATION_FAILED}),
    State.VERIFYING: frozenset(
        # fixing: a live fix comes first, and the code that would undo it next
        {State.FIXED, State.STILL_OPEN, State.VERIFICATION_FAILED, State.FIXING}
    ),
    State.FIXED: frozenset({State.PREVENTED}),
}
_FIXED = frozenset({"key", "state", "version", "received_at", "changed_at", "round"})
# Where a finding rests until somebody or something new comes: all of them lead back to triage.
RESTING = frozenset(
    {State.OBSERVED, State.HUMAN_REVIEW, State.NOT_LOCATED, State.FIX_GENERATION_FAILED, State.NOT_WANTED}
    | {State.DENIED, State.REMEDIATION_FAILED, State.STILL_OPEN, State.VERIFICATION_FAILED}
)
FAILED = frozenset(
    {State.NOT_LOCATED, State.FIX_GENERATION_FAILED, State.REMEDIATION_FAILED, State.VERIFICATION_FAILED}
)
# An end is not for ever: the finding may be reported again, and an exception expires.
ENDS = frozenset({State.FIXED, State.ACCEPTED, State.PREVENTED})
# What a run goes through by itself, from its beginning.
_ON_THE_WAY = (State.TRIAGED, State.FIXING, State.PROPOSED)
# Somebody who knows better may settle what rests: accept the risk, or have it looked at.
_SETTLED = frozenset({State.TRIAGED, State.ACCEPTED, State.VERIFYING, State.HUMAN_REVIEW})


def may_follow(state: State) -> frozenset[State]:
    """Every state that a finding may go to from here."""
    if state in RESTING:
        return _SETTLED - {state}
    again = frozenset({State.TRIAGED}) if state in ENDS else frozenset[State]()
    return _NEXT.get(state, frozenset()) | again


def way(start: State, end: State) -> tuple[State, ...]:
    """The states to go through, `end` the last; nothing where it is there already, or where no run of a fixer leads:
    what waits for an approval, or is being changed at run time, is not for it to move. A run may have been cut short
    at any of the states between, and from each of them a way leads on.
    """
    if start is end:
        return ()
    ways: list[tuple[State, ...]] = [(start,)]
    for gone in ways:
        if end in may_follow(gone[-1]):
            return (*gone[1:], end)
        ways += [(*gone, between) for between in _ON_THE_WAY if between in may_follow(gone[-1]) and between not in gone]
    return ()


def moved(entry: LedgerEntry, to: State, *, at: str, reason: str, facts: Facts | None = None) -> LedgerEntry:
    """The entry in its next state, one version on. A finding that comes back from an end begins another round.

    Raises IllegalMoveError where `to` may not follow, or where no reason is given.
    """
    if to not in may_follow(entry.state):
        allowed = ", ".join(sorted(may_follow(entry.state)))
        msg = f"{entry.key[:12]} is {entry.state} and cannot become {to}"
        raise IllegalMoveError(msg, remedy=f"after {entry.state} may come: {allowed}")
    if not reason.strip():
        msg = f"{entry.key[:12]} would become {to} without a reason"
        raise IllegalMoveError(msg, remedy="say why, for whoever reads the record")
    comes_back = entry.state in ENDS and to is State.TRIAGED
    amendment = amended(entry, at=at, facts=facts or {})
    return replace(amendment, state=to, reason=reason, round=entry.round + comes_back)


def amended(entry: LedgerEntry, *, at: str, facts: Facts) -> LedgerEntry:
    """The entry with new facts in the same state, one version on: another source, its pull request.

    Raises IllegalMoveError for a fact that is not one: a state is changed by a move.
    """
    if fixed := _FIXED & facts.keys():
        msg = f"{', '.join(sorted(fixed))} of an entry cannot be amended"
        raise IllegalMoveError(msg, remedy="a state is changed by a move")
    return replace(entry, version=entry.version + 1, changed_at=at, **facts)  # type: ignore[arg-type] # replace takes the names of fields, and refuses others
