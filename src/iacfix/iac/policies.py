"""Policies of resources, as values: who is let in, and what is left of a statement without everybody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iacfix.domain.errors import DocumentError
from iacfix.iac.values import Known, ListValue, ObjectValue, Reference, Template, Value, same

Path = tuple[str | int, ...]

# The kinds of principals of which a star is everybody; `*` is a kind in aws_iam_policy_document.
_ANYBODY = frozenset({"AWS", "*"})
_EVERYBODY = re.compile(r"\*|arn:[^:]*:(?:iam|sts)::\*:.*")
# Operators that hold only where the key is there and is what the policy says.
_OPERATORS = frozenset({"arnequals", "arnlike", "stringequals", "stringequalsignorecase", "stringlike"})
_NARROWING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "kms:calleraccount",
    }
)
_NAMED = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])|^o-[a-z0-9]{10,32}$|^vpce?-[0-9a-f]+$|^[^*?]*$")


@dataclass(frozen=True, slots=True)
class Everybody:
    """Where a policy names everybody: a principal of a list, or a kind of principals.

    `others`: the statement names somebody else too. `accounts`: and that is an account, a role or a user.
    """

    statement: int
    path: Path
    others: bool
    accounts: bool = False

    def may_go(self, *, keeps_accounts: bool) -> bool:
        return self.accounts if keeps_accounts else self.others


def everybody(policy: Value) -> Iterator[Everybody]:
    """In statements that allow something and do not narrow it. Raises DocumentError where it cannot be told."""
    for index, (at, statement) in enumerate(statements(policy)):
        if _allows(statement, index) and (found := list(_named(statement, at, index))) and not _narrowed(statement):
            if statement.get("Condition") is not None:
                raise _unclear(index, "lets everybody in on a condition, and whether that narrows it is not known")
            yield from found


def statements(policy: Value) -> list[tuple[Path, ObjectValue]]:
    """Each with where it stands. Raises DocumentError where they are not written out."""
    written = policy.get("Statement") if isinstance(policy, ObjectValue) and policy.complete else None
    listed: list[tuple[Path, Value]]
    if isinstance(written, ListValue):
        listed = [(("Statement", index), each) for index, each in enumerate(written.items)]
    else:
        listed = [(("Statement",), written)] if written is not None else []
    found = [(path, each) for path, each in listed if isinstance(each, ObjectValue) and each.complete]
    if not found or len(found) < len(listed):
        raise DocumentError("its statements are not written out here", remedy="change them where they are written")
    return found


def only_narrowed(before: Value, after: Value, *, keeps_accounts: bool = False) -> bool:
    """Whether nothing differs but that everybody is gone from statements that let others in too."""
    try:
        old, new = statements(before), statements(after)
        places = list(everybody(before))
    except DocumentError:
        return False
    if len(old) != len(new) or not same(_rest(before), _rest(after)):
        return False
    for index, ((at, was), (_, now)) in enumerate(zip(old, new, strict=True)):
        going = (each for each in places if each.statement == index and each.may_go(keeps_accounts=keeps_accounts))
        mine = [each.path[len(at) :] for each in going]
        if not same(was, now) and not same(without(was, mine), now):
            return False
    return True


def without(value: Value, paths: list[Path]) -> Value:
    """Without what stands there."""
    here = {path[0] for path in paths if len(path) == 1}

    def inner(name: str | int, item: Value) -> Value:
        return without(item, [path[1:] for path in paths if path[0] == name and len(path) > 1])

    match value:
        case ObjectValue(items, complete):
            kept = tuple((name, inner(name, item)) for name, item in items if name not in here)
            return ObjectValue(kept, complete)
        case ListValue(items):
            return ListValue(tuple(inner(index, item) for index, item in enumerate(items) if index not in here))
        case _:
            return value


def _allows(statement: ObjectValue, index: int) -> bool:
    effect = statement.get("Effect")
    if effect == Known("Deny"):
        return False
    if effect != Known("Allow"):
        raise _unclear(index, "does not say whether it allows or denies")
    if statement.get("NotPrincipal") is not None:
        raise _unclear(index, "lets in everybody but those it names")
    return True


def _named(statement: ObjectValue, at: Path, index: int) -> Iterator[Everybody]:
    principal = statement.get("Principal")
    if principal is None:
        return
    if _is_everybody(principal, index):
        yield Everybody(index, (*at, "Principal"), others=False)
        return
    if not isinstance(principal, ObjectValue) or not principal.complete:
        raise _unclear(index, "lets in whom it does not name here")
    kinds = [name for name, _ in principal.items]
    for kind, named in principal.items:
        items = named.items if isinstance(named, ListValue) else (named,)
        if kind not in _ANYBODY:
            if Known("*") in items:
                raise _unclear(index, f"lets in everything that is a {kind}")
            continue
        open_ones = [place for place, item in enumerate(items) if _is_everybody(item, index)]
        if not open_ones:
            continue
        if isinstance(named, ListValue) and len(open_ones) < len(items):
            yield from (
                Everybody(index, (*at, "Principal", kind, place), others=True, accounts=True) for place in open_ones
            )
        else:
            yield Everybody(index, (*at, "Principal", kind), others=len(kinds) > 1 and len(set(kinds)) == len(kinds))


def _is_everybody(value: Value, index: int) -> bool:
    """Raises DocumentError where it may be. What a resource answers is a name, and a text with letters in it too."""
    match value:
        case Known(str(text)):
            return _EVERYBODY.fullmatch(text) is not None
        case ObjectValue():
            return False
        case Reference((first, _, *_)) if first not in {"var", "local", "each", "module", "path", "self"}:
            return False
        case Template((Known(str(first)), *_)) if first[:1].isalpha():
            return _EVERYBODY.fullmatch(first) is not None
        case _:
            raise _unclear(index, "lets in whom it does not name here")


def _narrowed(statement: ObjectValue) -> bool:
    condition = statement.get("Condition")
    if not isinstance(condition, ObjectValue):
        return False
    for operator, keys in condition.items:
        if operator.lower() in _OPERATORS and isinstance(keys, ObjectValue):
            for key, wanted in keys.items:
                values = wanted.items if isinstance(wanted, ListValue) else (wanted,)
                if key.lower() in _NARROWING and values and all(map(_names, values)):
                    return True
    return False


def _names(value: Value) -> bool:
    match value:
        case Known(str(text)):
            return bool(text) and _NAMED.search(text) is not None
        case Reference((first, _, *_)):
            return first.startswith("aws_") or first == "data" or first[:1].isupper()
        case _:
            return False


def _rest(policy: Value) -> Value:
    if not isinstance(policy, ObjectValue):
        return policy
    return ObjectValue(tuple(item for item in policy.items if item[0] != "Statement"), policy.complete)


def _unclear(index: int, what: str) -> DocumentError:
    return DocumentError(f"statement {index + 1} {what}", remedy="look at it, and change it by hand")
