"""Which rules let everybody reach a port. The same in every language."""

from collections.abc import Callable, Iterable, Mapping

from iacfix.domain.control import Close, Literal
from iacfix.domain.networks import is_everybody, is_ipv6
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.generation.recipes.wants import Holds, equal
from iacfix.iac.values import Known, ListValue, Value

ALL_TRAFFIC = frozenset({"-1", "all"})
# A rule of these has ports; what else there is (ICMP) has types and codes in their place.
WITH_PORTS = frozenset({"tcp", "6", "udp", "17"})
LAST_PORT = 65535

Read = Callable[[str], Value | None]


def exposes(step: Close, read: Read, name: str) -> bool:
    """Whether a rule lets everybody reach the port, and nothing else.

    `read` gives an attribute of the rule, resolved. Raises DeclinedError where the rule opens more than the port: which
    part of it is needed only the owner knows; UnprovenError where it cannot be told.
    """
    for attribute, wanted in step.where.items():
        value = _in_lower_case(read(attribute))
        if value is None or equal(value, wanted) is Holds.NO:
            return False
        if equal(value, wanted) is Holds.UNKNOWN:
            raise UnprovenError(f"{name}.{attribute} is not known without a plan")
    open_to_all = [attribute for attribute in step.open if is_open(step, attribute, read(attribute), name)]
    if not open_to_all:
        return False
    first, last = _ports(step, read, name)
    port = step.port or None
    if port is None:
        return (first, last) == (0, LAST_PORT)
    if not first <= port <= last:
        return False
    if first != last:
        what = "everything" if (first, last) == (0, LAST_PORT) else f"the ports {first} to {last}"
        raise DeclinedError(
            f"{name} opens {what} to everybody, and port {port} is a part: what of it is needed only its owner knows"
        )
    return True


def is_open(step: Close, attribute: str, value: Value | None, name: str) -> bool:
    if value is None or value == Known(None):
        return False
    items = value.items if isinstance(value, ListValue) else (value,)
    verdicts = [lets_everybody(step, attribute, item) for item in items]
    if True in verdicts:
        return True
    if None in verdicts:
        raise UnprovenError(f"{name}.{attribute} is not known without a plan")
    return False


def lets_everybody(step: Close, attribute: str, item: Value) -> bool | None:
    """Whatever way it is spelled; None where it cannot be told."""
    if not isinstance(item, Known):
        return None
    text = str(item.value)
    return text in step.open[attribute] or is_everybody(text)


def _in_lower_case(value: Value | None) -> Value | None:
    """Both languages take `ALLOW` for `allow`."""
    return Known(value.value.lower()) if isinstance(value, Known) and isinstance(value.value, str) else value


def _ports(step: Close, read: Read, name: str) -> tuple[int, int]:
    protocol = read(step.protocol)
    if not isinstance(protocol, Known):
        raise UnprovenError(f"{name}.{step.protocol} is not known without a plan")
    kind = str(protocol.value).lower()
    if kind in ALL_TRAFFIC:
        return 0, LAST_PORT
    if kind not in WITH_PORTS:
        return -1, -1
    first, last = (_number(read(attribute), f"{name}.{attribute}") for attribute in step.range)
    return (0, LAST_PORT) if (first, last) == (-1, -1) else (first, last)


def _number(value: Value | None, name: str) -> int:
    try:
        if isinstance(value, Known) and not isinstance(value.value, bool):
            return int(str(value.value))
    except ValueError:
        pass
    raise UnprovenError(f"{name} is not known without a plan")


def instead_of(step: Close, attribute: str, defaults: Mapping[str, Literal]) -> tuple[str, ...]:
    """The networks that may come in, of the address family that the attribute is for.

    Raises DeclinedError where they have to be known and the configuration does not name them.
    """
    if step.instead is None:
        return ()
    given = defaults.get(step.instead.name, step.instead.fallback)
    if given is None:
        if step.only_instead:
            raise UnprovenError(
                f"who may come in only you know: set `defaults: {{{step.instead.name}: [...]}}` in iacfix.yaml"
            )
        return ()
    networks = [str(each) for each in (given if isinstance(given, tuple) else (given,))]
    if wrong := [each for each in networks if is_everybody(each) is not False]:
        raise DeclinedError(f"`defaults.{step.instead.name}` names {', '.join(sorted(wrong))}, which is everybody")
    wide = any(is_ipv6(each) for each in step.open[attribute])
    return tuple(each for each in networks if is_ipv6(each) == wide)


def kept(step: Close, attribute: str, items: Iterable[Value]) -> tuple[str, ...]:
    """What stays of a list, all of which is known."""
    return tuple(
        str(item.value) for item in items if isinstance(item, Known) and not lets_everybody(step, attribute, item)
    )
