"""Hazards that are the same in both languages: they look at values, before and after."""

from collections import Counter
from collections.abc import Callable

from iacfix.iac.values import Known, Value
from iacfix.validators import echoed, outside, permissions, unguided
from iacfix.validators.differences import Compared, Difference, is_nothing, is_switch, references_of
from iacfix.validators.trial import Trial


def idle(trial: Trial) -> str:
    """Comments, and other ways to write what was there: the weakness stays. Where a recipe knows, the control stage
    says more.
    """
    if trial.is_guided or trial.touches_values or any(map(_takes_effect, trial.compared)):
        return ""
    if any(one.was is None for one in trial.compared):
        return ""
    return "nothing that takes effect is changed: comments, or the same value in another form"


def undeclared(trial: Trial) -> str:
    """A check that cannot follow a name lets it pass, and the deployment fails."""
    return f"{name} is referred to, and nothing declares it" if (name := trial.undeclared) else ""


def named_alike(trial: Trial) -> str:
    """Letters of other alphabets that look like these: no setting and no resource is called so."""
    for one in trial.compared:
        for each in one.written:
            for name in (*each.path, *(part for parts in references_of(each.now) for part in parts)):
                if not name.isascii():
                    return f"{one.address}: the name {name!r} has letters that only look like others"
    return ""


def led_outside(trial: Trial) -> str:
    return outside.strangers(trial.compared, trial.known_text)


def echoing(trial: Trial) -> str:
    return echoed.echoed(trial.compared, trial.is_secret)


def permitting(trial: Trial) -> str:
    for one in trial.compared:
        if one.was is not None and (what := permissions.widened(one.was, one.now)):
            return f"{one.address}: {what}"
    return ""


def weakening(trial: Trial) -> str:
    return "" if trial.is_guided else unguided.given_up(trial.compared)


def unseen(trial: Trial) -> str:
    return "" if trial.is_guided else unguided.unseen(trial.compared)


FOR_ALL: tuple[Callable[[Trial], str], ...] = (named_alike, undeclared, led_outside, echoing, permitting)
WITHOUT_RECIPE: tuple[Callable[[Trial], str], ...] = (weakening, unseen, idle)


def _takes_effect(one: Compared) -> bool:
    effective = [each for each in one.meant if _has_effect(each)]
    if not effective or not all(each.names & unguided.POLICIES for each in effective):
        return bool(effective)
    was, now = (Counter(permissions.statements(value)) for value in (one.was, one.now))
    return not was or was != now


def _has_effect(difference: Difference) -> bool:
    was, now = difference.was, difference.now
    if is_nothing(was) and is_nothing(now):
        return False
    if is_nothing(was) and is_switch(now) is False:
        return unguided.opens(difference.name)  # what protects is off where nobody switched it on
    if is_switch(was) is not None or is_switch(now) is not None:
        return is_switch(was) is not is_switch(now)
    return _plain(was) != _plain(now)


def _plain(value: Value | None) -> Value | str | None:
    """Numbers and texts that look alike are one to the cloud."""
    match value:
        case Known(int() | float() | str() as literal):
            return str(literal)
        case _:
            return value
