"""Stage plan: what deploying the change would do, as the tool itself plans it.

Two plans are compared, without the change and with it: what has drifted would change either way, and says nothing of
the candidate.
"""

from collections.abc import Iterator
from dataclasses import replace
from posixpath import dirname

from iacfix.domain.location import Framework
from iacfix.ports import Plan, PlannedChange, Planner, PlanRefusedError, ToolError
from iacfix.validators.trial import RejectedError, SkippedError, Trial

MAX_ROOTS = 5
_SHOWN = 5
_REMEDY = "change the attribute at fault alone, in a way that is applied in place"


def run(trial: Trial) -> Trial:
    planner = trial.case.tools.planners.get(trial.case.location.framework)
    if planner is None:
        raise SkippedError("no plan is configured for such code", remedy="see `plan` in docs/validation.md")
    roots, address = trial.case.roots, trial.case.location.address
    if len(roots) > MAX_ROOTS:
        raise SkippedError(f"{len(roots)} root modules lead to {address}, and {MAX_ROOTS} is the most that are planned")
    plans = [_both(trial, planner, root) for root in roots]
    tool = plans[0][1].tool
    caused = [_Caused(*pair) for before, after in plans for pair in _differing(before, after)]
    for each in caused:
        if reason := _objection(trial, each):
            raise RejectedError(f"{tool}: {reason}", remedy=_REMEDY)
    if not caused:
        raise RejectedError(
            f"{tool}: with the change the same is planned as without it, so {address} stays as it is",
            remedy="change what decides the attribute at fault",
        )
    if not _reaches_the_fault(trial, caused):
        raise RejectedError(
            f"{tool}: of {address} only {', '.join(sorted(caused[0].attributes))} changes",
            remedy=f"change what the finding is about: {', '.join(sorted(trial.settings))}",
        )
    shown = "; ".join(f"{each.address} ({', '.join(sorted(each.attributes)) or 'new'})" for each in caused[:_SHOWN])
    more = f" and {len(caused) - _SHOWN} more" if len(caused) > _SHOWN else ""
    return replace(trial, said=f"{tool}: nothing is destroyed or replaced, and this changes: {shown}{more}")


class _Caused:
    """What the change makes of one resource: planned without it, and with it; either may be nothing."""

    def __init__(self, before: PlannedChange | None, after: PlannedChange | None) -> None:
        found = after or before
        assert found is not None  # noqa: S101 - one of both is there: see _differing
        self.address, self.folder, self.block = found.address, found.folder, found.block
        self.deletes = after is not None and after.deletes and not (before is not None and before.deletes)
        self.replaces = after is not None and after.replaces and not (before is not None and before.replaces)
        self.attributes = (after.attributes if after else frozenset()) | (before.attributes if before else frozenset())


def _both(trial: Trial, planner: Planner, root: str) -> tuple[Plan, Plan]:
    overlay = trial.case.overlay
    try:
        before = planner.plan(root, overlay)
    except PlanRefusedError as error:
        raise SkippedError(f"nothing can be planned as the code stands: {error}") from None
    except ToolError as error:
        raise SkippedError(error.what, remedy=error.remedy) from None
    try:
        return before, planner.plan(root, {**overlay, **{edit.path: edit.after for edit in trial.edits}})
    except PlanRefusedError as error:
        raise RejectedError(error.what, remedy="write code that can be planned") from None
    except ToolError as error:
        raise SkippedError(error.what, remedy=error.remedy) from None


def _differing(before: Plan, after: Plan) -> Iterator[tuple[PlannedChange | None, PlannedChange | None]]:
    old = {each.address: each for each in before.changes}
    new = {each.address: each for each in after.changes}
    for address in sorted(old.keys() | new.keys()):
        pair = old.get(address), new.get(address)
        if len({each.fingerprint if each is not None else "" for each in pair}) > 1:
            yield pair


def _objection(trial: Trial, caused: _Caused) -> str:
    if caused.deletes:
        return f"{caused.address} would be destroyed"
    if caused.replaces:
        because = f", because {', '.join(sorted(caused.attributes))} changes" if caused.attributes else ""
        return f"{caused.address} would be replaced, and what is in it lost{because}"
    location = trial.case.location
    here = location.path if location.framework is Framework.CLOUDFORMATION else dirname(location.path)
    if caused.folder != here or caused.block not in trial.planned_addresses:
        what = f" ({', '.join(sorted(caused.attributes))})" if caused.attributes else ""
        return f"{caused.address} would be changed too{what}, which the finding is not about"
    return ""


def _reaches_the_fault(trial: Trial, caused: list[_Caused]) -> bool:
    """Where only the target changes and the recipes name its settings, one of them does."""
    address = trial.case.location.address
    named = {setting.partition(".")[0] for setting in trial.settings}
    if not named or any(each.block != address or not each.attributes for each in caused):
        return True
    return any(named & each.attributes for each in caused)
