"""What a change of settings gives up, where no recipe says which settings a fix may touch.

Nothing but these rules stands between an author and the code there, so they are strict: each lets through only what
makes a resource safer, or what cannot make it less safe.
"""

import re
from collections.abc import Iterable

from iacfix.controls.property_paths import ITEM
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value
from iacfix.validators.differences import Compared, Difference, is_nothing, is_switch, parts_of
from iacfix.validators.echoed import SHOWN

# Switches that open something when they are on.
_OPENING = re.compile(
    r"(?:^|_)(?:public|publicly|privileged|insecure|bypass|skip|force|anonymous|unauthenticated|unencrypted|overwrite"
    r"|allow|wildcard|accept|skip_final|pidmode|plaintext|open|legacy|debug|ssh|root)(?:_|$)"
)
_PROTECTING = re.compile(
    r"^(?:block|ignore|restrict|deny|disallow|require|prevent|reject|enforce|no)_|_(?:blocked|denied)$"
)
_DISABLING = re.compile(r"^(?:disable|disabled|suspend|suspended)(?:_|$)|_disabled$")
# Protection by switching something off.
_HARMLESS_WHEN_OFF = frozenset({"disable_api_termination", "disable_api_stop", "disable_execute_api_endpoint"})
# What is on where nothing is said.
_ON_BY_ITSELF = re.compile(r"(?:^|_)(?:enabled?|logging)(?:_|$)|^auto_minor_version_upgrade$|^include_global")
# Numbers that are safer when they are smaller.
_LESS_IS_SAFER = re.compile(
    r"hop_limit|session_duration|max_session|session_timeout|idle_timeout|_age$|_age_|(?:^|_)ttl"
)
_PORTS = frozenset({"from_port", "to_port", "port", "protocol", "ip_protocol"})
_RULES = frozenset({"egress", "ingress", "inline_rules", "security_group_egress", "security_group_ingress"})
_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+)*")
# What runs, and as whom.
RUNS = frozenset({
    "bootstrap_action", "buildspec", "code", "code_uri", "command", "definition", "definition_body", "entry_point",
    "entrypoint", "execution_role_arn", "filename", "handler", "iam_instance_profile", "image", "image_uri",
    "init_script", "inline_code", "key_name", "layers", "managed_policy_arns", "policy_arn", "policy_arns", "role",
    "role_arn", "s3_key", "s3_object_version", "script", "script_location", "service_role", "service_role_arn",
    "source", "source_code_hash", "task_role_arn", "template_body", "template_url", "user_data", "user_data_base64",
    "zip_file",
})  # fmt: skip
_MANAGED = re.compile(r"arn:aws[\w-]*:iam::aws:policy/(?!\S*(?:Administrator|PowerUser|FullAccess|Root))[\w/+=,.@-]+")
# Who gets what a policy allows.
_RECEIVERS = frozenset({"roles", "users", "groups", "aws_account_ids", "account_ids", "principals", "principal"})
_OPEN_VALUES = frozenset({
    "allow-all", "authenticated-read", "authenticatedread", "none", "public-read", "public-read-write", "publicread",
    "publicreadwrite", "*", "disabled", "optional", "passthrough", "http", "suspended",
})  # fmt: skip
_DOORS = frozenset({"website", "website_configuration", "function_url_config"})
# What hangs a resource on others, or brings it to an end.
_BOUND = frozenset({"depends_on", "postcondition", "precondition", "replace_triggered_by", "timeouts"})
# What may go: it lets somebody in, or holds what should not stand there.
_MAY_GO = re.compile(
    r"^(?:acl|grants?|website|website_configuration|ingress|egress|.*_ingress|.*_egress|cors.*|ports?)$"
)
_POINTS = re.compile(
    r"(?:_|^)(?:arn|arns|id|ids|name|names|bucket|url|uri|key|groups|hash_key|range_key|subnets|profile)$"
)
POLICIES = frozenset({
    "access_policies", "access_policy", "assume_role_policy", "assume_role_policy_document", "inline_policy",
    "key_policy", "policies", "policy", "policy_document", "policy_text", "resource_policy", "statement",
})  # fmt: skip
_HARMLESS_CALLS = frozenset({
    "jsonencode", "yamlencode", "concat", "merge", "tolist", "toset", "tomap", "join", "format", "compact", "distinct",
    "flatten", "one", "Fn::Sub", "Fn::Join", "Fn::GetAtt", "Fn::Base64", "Fn::Select", "Fn::Split", "Fn::ImportValue",
    "Fn::FindInMap",
})  # fmt: skip


def given_up(compared: Iterable[Compared]) -> str:
    """Why a change is refused, or ""."""
    for each in compared:
        if each.was is None:
            continue
        for difference in each.meant:
            if difference.names & POLICIES:
                continue
            if reason := _refused(difference) or _grown(difference, each.was):
                return f"{each.address}: {difference.shown} {reason}"
    return ""


def unseen(compared: Iterable[Compared]) -> str:
    """A value that only a run makes known, where nothing else shows what it will be."""
    for each in compared:
        for difference in each.meant:
            if any(part.startswith("dynamic ") for part in difference.path):
                return f"{each.address} gets blocks by `dynamic`, and how many is not known here"
            if (what := _hides(difference)) and not is_nothing(difference.now):
                return f"{each.address}: {difference.shown} becomes {what}, and what comes of it is not known here"
    return ""


def _hides(difference: Difference) -> str:
    old = tuple(parts_of(difference.was))
    for part in parts_of(difference.now):
        if part in old:
            continue
        if isinstance(part, Unknown):
            return "an expression"
        if isinstance(part, CallValue) and part.name not in _HARMLESS_CALLS:
            return f"a call of {part.name}"
    if (
        isinstance(difference.was, Known)
        and not isinstance(difference.was.value, str)
        and not is_nothing(difference.was)
    ):
        return "a value from elsewhere" if isinstance(difference.now, Reference | Template | CallValue) else ""
    return ""


def _refused(difference: Difference) -> str:
    """One rule after the other, the first that speaks."""
    if difference.name == "policy_arn" and _is_narrow(difference.now):
        return ""
    for rule in (_runs, _opened, _bound, _taken_away, _switched, _counted, _widened, _pointed_elsewhere):
        if reason := rule(difference):
            return reason
    return ""


def _runs(difference: Difference) -> str:
    if difference.names & RUNS:
        return "is changed, which says what runs, and as whom"
    if {"environment", "variables"} <= difference.names and not is_nothing(difference.now):
        return "is changed, which what runs there reads"
    return ""


def _is_narrow(value: Value | None) -> bool:
    """A policy of AWS's own that gives no full access."""
    return isinstance(value, Known) and _MANAGED.fullmatch(str(value.value)) is not None


def _opened(difference: Difference) -> str:
    if is_nothing(difference.now):
        return ""
    if difference.names & _DOORS:
        return "is a door of its own"
    if difference.names & _RECEIVERS:
        return "gives it to others"
    match difference.now:
        case Known(str() as text) if text.lower() in _OPEN_VALUES and not difference.names & SHOWN:
            return f"becomes {text}"
    return ""


def _bound(difference: Difference) -> str:
    return "is changed, which binds the resource to something else" if difference.names & _BOUND else ""


def _taken_away(difference: Difference) -> str:
    if not is_nothing(difference.now) or is_nothing(difference.was):
        return ""
    if _MAY_GO.match(difference.name) or any(_MAY_GO.match(name) for name in difference.names):
        return ""
    if {"environment", "variables"} <= difference.names:
        return ""
    if is_switch(difference.was) is False or (is_switch(difference.was) and opens(difference.name)):
        return ""
    return "is taken away"


def opens(name: str) -> bool:
    if _PROTECTING.search(name) or name in _HARMLESS_WHEN_OFF:
        return False
    return bool(_OPENING.search(name) or _DISABLING.search(name))


def _switched(difference: Difference) -> str:
    was, now = is_switch(difference.was), is_switch(difference.now)
    opening = opens(difference.name)
    if was is not None and now is None and not is_nothing(difference.now):
        return "is no longer a plain switch"
    if now and not was and opening:
        return "is switched on"
    if was and now is False and not opening:
        return "is switched off"
    if was is None and now is False and not opening and not is_nothing(difference.was):
        return "is switched off"
    new_at_the_top = is_nothing(difference.was) and now is False and len(difference.path) == 1
    return "is switched off" if new_at_the_top and _ON_BY_ITSELF.search(difference.name) else ""


def _counted(difference: Difference) -> str:
    was, now = _number(difference.was), _number(difference.now)
    if was is None or now is None or difference.name in _PORTS:
        return ""
    if _LESS_IS_SAFER.search(difference.name):
        return "is raised, or ends" if now > was > 0 or (now == 0 and was > 0) else ""
    return f"is lowered from {was:g} to {now:g}" if now < was else ""


def _number(value: Value | None) -> float | None:
    match value:
        case Known(int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case Known(str() as text) if text.isdecimal() and len(text) < 10:  # noqa: PLR2004 - longer ones are names
            return float(text)
    return None


def _widened(difference: Difference) -> str:
    if difference.name in _PORTS and not is_nothing(difference.now) and not is_nothing(difference.was):
        return "is changed, which lets other traffic through"
    if difference.names & _RULES and difference.name not in {"description", "tags"} and is_nothing(difference.was):
        return "" if is_nothing(difference.now) else "is new, which lets other traffic through"
    match difference.was, difference.now:
        case Known(str() as was), Known(str() as now) if _VERSION.fullmatch(was) and _VERSION.fullmatch(now):
            return f"goes back from {was} to {now}" if _release(now) < _release(was) else ""
    return ""


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in text.removeprefix("v").split("."))


def _grown(difference: Difference, whole: Value) -> str:
    """One more group or subnet in a list that was there."""
    if difference.path[-1:] != (ITEM,) or difference.was is not None or not _POINTS.search(difference.name):
        return ""
    found: Value | None = whole
    for part in difference.path[:-1]:
        if part == ITEM:
            found = found.items[0] if isinstance(found, ListValue) and found.items else None
        else:
            found = found.get(part) if isinstance(found, ObjectValue) else None
    return "gets one more" if isinstance(found, ListValue) and found.items else ""


def _pointed_elsewhere(difference: Difference) -> str:
    """A literal of a name or id in the place of another: another resource is meant."""
    if is_nothing(difference.was) or is_nothing(difference.now) or not _POINTS.search(difference.name):
        return ""
    if isinstance(difference.was, ListValue | ObjectValue) and isinstance(difference.now, ListValue | ObjectValue):
        return ""
    return "points at something else"
