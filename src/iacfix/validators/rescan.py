"""Stage rescan: an independent scanner no longer reports the target, and reports nothing that it did not before.

Only what the scanner reported of the target can be shown to be mended. Where it reported nothing, the stage says so.
"""

from collections.abc import Iterable
from dataclasses import replace

from iacfix.domain.location import Location
from iacfix.ports import CheckedResource, Scan, Scanner, ToolError
from iacfix.validators.trial import Case, RejectedError, SkippedError, Trial

_SHOWN = 5


def run(trial: Trial) -> Trial:
    case = trial.case
    scanner = case.tools.scanner
    if scanner is None:
        raise SkippedError("no scanner is configured", remedy="see `rescan` in docs/validation.md")
    target = _target(trial)
    try:
        before, after = _both(trial, scanner)
    except ToolError as error:
        raise SkippedError(error.what, remedy=error.remedy) from None
    if located := {case.location.path, target.path} & before.unread:
        raise SkippedError(f"{before.scanner} cannot read {located.pop()} as it stands")
    if unread := after.unread - before.unread:
        raise RejectedError(
            f"{after.scanner} cannot read {', '.join(sorted(unread))} after the diff", remedy="write code that parses"
        )
    wanted = _checks(case, scanner.source)
    reported = sorted({each.check_id for each in _of_target(before.failed, target) if each.check_id in wanted})
    unmended = _unmended(reported, after, target)
    if unmended is not None and case.origin is None:
        raise unmended
    if new := sorted(after.failed - before.failed):
        told = "; ".join(_told(each, after) for each in new[:_SHOWN])
        raise RejectedError(
            f"{after.scanner} reports what it did not before: {told}", remedy="bring nothing new with it"
        )
    if not reported:
        asked = ", ".join(sorted(wanted)[:_SHOWN]) or "any check that the finding is known by"
        raise SkippedError(
            f"{before.scanner} does not report {asked} of {target.address} before the change, "
            "so it cannot show that it is mended; nothing new is reported"
        )
    if unmended is not None:  # the recipe followed the value, and a scanner may not: that is no reason to refuse it
        raise SkippedError(f"{unmended.what}, whose value {case.location.address} decides; nothing new is reported")
    return replace(trial, said=f"{after.scanner}: {', '.join(reported)} failed and passes now, and nothing new fails")


def _target(trial: Trial) -> Location:
    """The resource that the finding is about, also where another block decides its value. Raises SkippedError."""
    case = trial.case
    if case.origin is None:
        return case.location
    target = case.origin.location
    if outside := sorted({edit.path for edit in trial.edits} - {*case.files}):
        raise SkippedError(
            f"{case.location.address} in {outside[0]} decides the value, and a scan of the module of {target.address} "
            "does not see that file"
        )
    return target


def _both(trial: Trial, scanner: Scanner) -> tuple[Scan, Scan]:
    """Before and after, of the same files."""
    case = trial.case
    files = {path: case.read(path) for path in case.files}
    changed = {edit.path: edit.after for edit in trial.edits}
    framework = case.location.framework
    return scanner.scan(framework, files), scanner.scan(framework, {**files, **changed})


def _checks(case: Case, source: str) -> frozenset[str]:
    """The finding's own check where it is the scanner's; else what the control is called there."""
    if case.finding is not None and case.finding.source == source:
        return frozenset({case.finding.check_id})
    return frozenset(case.control.names.get(source, ())) if case.control is not None else frozenset()


def _of_target(results: Iterable[CheckedResource], location: Location) -> Iterable[CheckedResource]:
    address = location.address.removeprefix("data.")
    return (each for each in results if (each.address, each.path) == (address, location.path))


def _unmended(reported: Iterable[str], after: Scan, location: Location) -> RejectedError | None:
    """What is not judged any more has not passed."""
    failed, passed = ({each.check_id for each in _of_target(some, location)} for some in (after.failed, after.passed))
    for check in reported:
        title = f" ({after.titles[check]})" if after.titles.get(check) else ""
        if check in failed:
            return RejectedError(
                f"{after.scanner} still reports {check}{title} of {location.address}", remedy="mend what it checks"
            )
        if check not in passed:
            return RejectedError(
                f"{after.scanner} no longer judges {check} of {location.address}",
                remedy="write the value itself, where the resource is written",
            )
    return None


def _told(result: CheckedResource, scan: Scan) -> str:
    title = scan.titles.get(result.check_id, "")
    return f"{result.check_id} of {result.resource}{f' ({title})' if title else ''}"
