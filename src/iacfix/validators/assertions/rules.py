"""Whether a rule lets everybody reach a port."""

from iacfix.domain.control import Close
from iacfix.domain.networks import is_everybody
from iacfix.iac.values import Known, ListValue, Value
from iacfix.validators.assertions.place import Place, Reading
from iacfix.validators.assertions.truth import Answer, Truth, every
from iacfix.validators.assertions.wants import number
from iacfix.validators.rules import ALL_TRAFFIC

# Others, such as ICMP, have types and codes where these have ports.
_WITH_PORTS = frozenset({"tcp", "6", "udp", "17"})
_ALL_PORTS = (0, 65535)


def closed(step: Close, place: Place) -> Answer:
    """For certain, or as far as what is not known leaves it."""
    return every(_closed(step, rule) for rule in place.rules(step.rules))


def _closed(step: Close, rule: Place) -> Answer:
    """A rule lets everybody in where all of it says so, and does not where any of it says otherwise."""
    sources = {name: rule.read(name) for name in step.open}
    lets_in = min(
        min((_is(rule.read(name), str(wanted)) for name, wanted in step.where.items()), default=Truth.YES),
        max(_open(step, name, reading) for name, reading in sources.items()),
        _reaches(step, rule),
    )
    if lets_in is Truth.NO:
        return Answer(Truth.YES)
    told = ", ".join(f"{name} is {each.told}" for name, each in sources.items() if each.stands != (None,))
    what = f"everybody reach port {step.port}" if step.port else "everybody in for all traffic"
    if lets_in is Truth.YES:
        return Answer(Truth.NO, f"{rule.name} lets {what}: {told}")
    return Answer(Truth.UNKNOWN, f"whether {rule.name} lets {what} is not known: {told}")


def _is(reading: Reading, wanted: str) -> Truth:
    verdicts = {_is_text(value, wanted) for value in reading.deciding}
    return verdicts.pop() if len(verdicts) == 1 else Truth.UNKNOWN


def _is_text(value: Value | None, wanted: str) -> Truth:
    """Letters in either case: both languages take `ALLOW` for `allow`."""
    if isinstance(value, Known) and isinstance(value.value, bool):
        return Truth.YES if str(value.value).lower() == wanted.lower() else Truth.NO
    if value is None or isinstance(value, Known):
        found = "" if value is None or value.value is None else str(value.value)
        return Truth.YES if found.lower() == wanted.lower() else Truth.NO
    return Truth.UNKNOWN


def _open(step: Close, name: str, reading: Reading) -> Truth:
    return max((_lets_everybody(step, name, value) for value in reading.deciding), default=Truth.NO)


def _lets_everybody(step: Close, name: str, value: Value | None) -> Truth:
    match value:
        case None | Known(None):
            return Truth.NO
        case Known(text):
            everybody = str(text) in step.open[name] or is_everybody(str(text))
            return Truth.UNKNOWN if everybody is None else Truth.YES if everybody else Truth.NO
        case ListValue(items):
            return max((_lets_everybody(step, name, item) for item in items), default=Truth.NO)
        case _:
            return Truth.UNKNOWN


def _reaches(step: Close, rule: Place) -> Truth:
    first, last = (rule.read(name) for name in step.range)
    return max(
        (
            _covers(step.port, protocol, (number(low), number(high)))
            for protocol in rule.read(step.protocol).deciding
            for low in first.deciding
            for high in last.deciding
        ),
        default=Truth.UNKNOWN,
    )


def _covers(port: int, protocol: Value | None, ports: tuple[float | None, float | None]) -> Truth:
    if not isinstance(protocol, Known):
        return Truth.UNKNOWN
    kind = str(protocol.value).lower()
    if kind in ALL_TRAFFIC:
        return Truth.YES
    if kind not in _WITH_PORTS:
        return Truth.NO
    low, high = ports
    if low is None or high is None:
        return Truth.UNKNOWN
    if (low, high) in {_ALL_PORTS, (-1, -1)}:
        return Truth.YES
    return Truth.YES if port and low <= port <= high else Truth.NO
