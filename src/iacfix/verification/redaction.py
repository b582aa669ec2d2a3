"""Evidence without credentials. What is hidden cannot be put back: evidence is for reading, never for use."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from iacfix.domain.secret_names import Telling, telling
from iacfix.domain.secrets import REDACTED as KNOWN
from iacfix.domain.secrets import redact

REDACTED: Final = "[REDACTED]"
DEEPEST: Final = 60
# Their values go whatever they are, wherever they stand.
CREDENTIALS: Final = ("accesskeyid", "secretaccesskey", "sessiontoken", "securitytoken", "authorization")
# What is behind these names is somebody's program or its settings, in which anything may stand.
_OPAQUE = frozenset({"userdata", "variables", "masteruserpassword"})
_NAMES = frozenset({"name", "key", "header", "headername", "parametername", "field"})
_VALUES = frozenset({"value", "values", "headervalue", "parametervalue", "data"})
_IN_TEXT = re.compile(
    r"""(?ix) (?P<name> (?:access[\W_]{0,2}key[\W_]{0,2}id | secret[\W_]{0,2}access[\W_]{0,2}key
        | (?:session|security)[\W_]{0,2}token | authorization) \\*["']? \s{0,9} (?:=>|[:=]) \s{0,9})
    (?P<value> \\*"[^"]*(?:"|$) | \\*'[^']*(?:'|$) | [^\r\n,;&}]+ )"""
)
_IN_XML = re.compile(
    r"(?is)(<(?:\w+:)?(?:AccessKeyId|SecretAccessKey|SessionToken|SecurityToken|Authorization)\b[^>]*>)[^<]*"
)


def redacted(value: object, depth: int = 0) -> object:
    """The same, as JSON has it, without the values of credentials' names, in any case and at any depth, in JSON within
    texts too, and without what looks like a secret.
    """
    if depth > DEEPEST:
        return REDACTED
    if isinstance(value, Mapping):
        return _object({str(key): item for key, item in value.items()}, depth)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = list(value)
        if len(items) == 2 and _is_header(items[0]):  # noqa: PLR2004 - a header as a pair
            return [items[0], REDACTED]
        return [redacted(item, depth + 1) for item in items]
    if isinstance(value, (bytes, bytearray)):
        return redacted(bytes(value).decode("utf-8", "replace"), depth)
    if isinstance(value, str):
        return _text(value, depth)
    return value if isinstance(value, (bool, int, float)) or value is None else _text(str(value), depth)


def _object(value: Mapping[str, object], depth: int) -> dict[str, object]:
    named = any(_flat(key) in _NAMES and _is_credential(item) for key, item in value.items())
    found: dict[str, object] = {}
    for key, item in value.items():
        flat = _flat(key)
        if _is_credential(key) or (named and flat in _VALUES):
            found[_text(key, depth)] = REDACTED
        elif flat in _OPAQUE and item is not None:
            found[key] = _emptied(item)
        elif isinstance(item, str) and item and telling(key) is Telling.STRONG:
            found[key] = REDACTED
        else:
            found[_text(key, depth)] = redacted(item, depth + 1)
    return found


def _emptied(item: object) -> object:
    """The names alone."""
    return dict.fromkeys(map(str, item), REDACTED) if isinstance(item, Mapping) else REDACTED


def _is_credential(name: object) -> bool:
    if not isinstance(name, str):
        return False
    flat = _flat(name)
    return any(each in flat for each in CREDENTIALS)


def _is_header(name: object) -> bool:
    """The name itself, and not a text in which it stands."""
    return isinstance(name, str) and _flat(name.strip(": ")) in CREDENTIALS


def _flat(name: str) -> str:
    """Names come again and again, texts that stand beside one may be long."""
    return _flattened(name) if len(name) <= _LONGEST_NAME else _flattened.__wrapped__(name)


@lru_cache(maxsize=4096)
def _flattened(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


_LONGEST_NAME = 100


def _with_all(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of names that are written twice both values, for both are in the text."""
    found: dict[str, object] = {}
    for name, value in pairs:
        found[name] = [found[name], value] if name in found else value
    return found


def _text(text: str, depth: int) -> str:
    stripped = text.strip()
    if stripped[:1] in {"{", "[", '"'} and depth < DEEPEST:
        try:
            inner: object = json.loads(stripped, object_pairs_hook=_with_all)
        except (ValueError, RecursionError):
            pass
        else:
            hidden = redacted(inner, depth + 1)
            return text if hidden == inner else json.dumps(hidden)
    hidden_text = _IN_TEXT.sub(lambda found: f"{found['name']}{REDACTED}", _IN_XML.sub(rf"\g<1>{REDACTED}", text))
    return redact(hidden_text).replace(KNOWN, REDACTED)
