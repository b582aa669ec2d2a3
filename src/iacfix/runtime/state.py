"""The values that a runbook changes, as they stand now."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from iacfix.domain.runbook import RuntimeFix, Values
from iacfix.ports.posture import Answer, PostureError, PostureReader
from iacfix.runtime.filling import asked
from iacfix.runtime.rules import open_rules
from iacfix.runtime.target import Target

_STEP = re.compile(r"\[(?P<key>[A-Za-z]+)=(?P<value>[^\]]+)\]|(?P<name>[^.\[\]]+)")
_LONGEST = 400  # of one value; those that are changed are words and numbers


@dataclass(frozen=True, slots=True)
class LiveState:
    """`kept` says why what stands there is somebody's decision, "" where it is not."""

    values: Values
    right: bool
    kept: str = ""

    def told(self) -> str:
        return json.dumps({name: list(value) for name, value in sorted(self.values.items())}, sort_keys=True)


def read_state(reader: PostureReader, fix: RuntimeFix, target: Target) -> LiveState:
    """Raises PostureError, also for an answer in which nothing can be found, and UnfilledError."""
    wanted = cast("Mapping[str, object]", asked(fix.reads.parameters, target.values("")))
    try:
        answer = reader.read(fix.reads.service, fix.reads.operation, wanted, target.at)
    except PostureError as error:
        if error.code not in fix.reads.nothing:
            raise
        answer = {}
    if fix.open_port:
        rules = open_rules(answer, fix.open_port, target.name)
        return LiveState(rules.values, right=not rules.values["rules"] and not rules.wider, kept=rules.wider)
    values = {name: _value(answer, path, fix.absent.get(name, ()), name) for name, path in fix.state.items()}
    kept = [name for name, path in fix.leave.items() if found(answer, path) not in (None, "", {})]
    said = f"{', '.join(kept)} is set, which the runbook would undo or bring about" if kept else ""
    return LiveState(values, _is_right(fix, values), said)


def found(answer: object, path: str) -> object:
    """What stands at a dotted path; None where nothing does. `[Key=x]` takes the one item that has it."""
    for step in _STEP.finditer(path):
        if step["name"] is None:
            items = answer if isinstance(answer, list) else []
            fits = [each for each in items if isinstance(each, Mapping) and each.get(step["key"]) == step["value"]]
            answer = fits[0] if len(fits) == 1 else None
        elif isinstance(answer, Mapping):
            answer = answer.get(step["name"])
        elif isinstance(answer, list) and step["name"].isdecimal():
            # One thing was asked for: where several are answered, nobody knows which is meant.
            answer = answer[int(step["name"])] if len(answer) == 1 and step["name"] == "0" else None
        else:
            return None
    return answer


def _value(answer: Answer, path: str, absent: Sequence[str], name: str) -> tuple[str, ...]:
    value = found(answer, path)
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, int):
        return (str(value),)
    if isinstance(value, str) and 0 < len(value) <= _LONGEST:
        return (value,)
    if value is None and absent:
        return tuple(absent)
    raise PostureError(
        f"what AWS answered does not say what {name} is", remedy="look at the resource: it may be in another state"
    )


def _is_right(fix: RuntimeFix, values: Values) -> bool:
    """Where nothing is asked of the values, nothing can be right."""
    wanted = [set(values.get(name, ())) <= set(right) and name in values for name, right in fix.right.items()]
    wanted += [_number(values.get(name, ())) >= least for name, least in fix.at_least.items()]
    return bool(wanted) and all(wanted)


def _number(value: tuple[str, ...]) -> int:
    return int(value[0]) if len(value) == 1 and value[0].isdecimal() else -1
