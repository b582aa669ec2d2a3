"""Which names announce a secret, and which values beside them are none."""

import math
import re
from collections import Counter
from enum import Enum


class Telling(Enum):
    """How far a name can be trusted to speak of a secret: STRONG takes any literal, WEAK only what looks random."""

    NO = 0
    WEAK = 1
    STRONG = 2


_STRONG_ENDINGS = ("password", "passwd", "passphrase", "secret", "token", "apikey")
_STRONG = frozenset({"pass", "pwd", "pw", "psk", "passwords", "passphrases", "apikeys"})
_STRONG_PAIRS = frozenset(
    (first, last)
    for first in ("access", "account", "api", "auth", "preshared", "private", "secret", "shared", "signing")
    for last in ("key", "keys")
) | {("secret", "string")}
_WEAK = frozenset({"auth", "authorization", "bearer", "cookie", "cred", "creds", "credential", "credentials"}) | {
    *("dsn", "jwt", "key", "keys", "license", "otp", "salt", "secrets", "seed", "session", "sig", "signature"),
    *("tokens", "webhook"),
}
# Names that end in a telling word and are known to hold something harmless: AWS's idempotency and paging tokens.
_HARMLESS_PAIRS = frozenset(
    (first, "token") for first in ("client", "continuation", "creation", "idempotency", "next", "request")
) | {("public", "key")}
_NOISE = frozenset({"b64", "base64", "default", "plain", "plaintext", "value", "wo"}) | {
    *("backup", "current", "dev", "live", "new", "old", "previous", "primary", "prod", "production", "secondary"),
    *("stage", "staging", "test"),
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def telling(name: str) -> Telling:
    """Judges a name by its last words: `db_password` and `clientSecret` tell, `password_length` does not."""
    words = [word for word in _SEPARATORS.split(_CAMEL.sub("_", name).lower()) if word]
    while len(words) > 1 and (words[-1] in _NOISE or words[-1].isdigit()):
        words.pop()
    if words:
        words[-1] = words[-1].rstrip("0123456789") or words[-1]
    if not words:
        return Telling.NO
    pair, last = tuple(words[-2:]), words[-1]
    if pair in _HARMLESS_PAIRS:
        return Telling.NO
    if pair in _STRONG_PAIRS or last in _STRONG or last.endswith(_STRONG_ENDINGS):
        return Telling.STRONG
    return Telling.WEAK if last in _WEAK else Telling.NO


_REFERENCE = re.compile(
    r"(?:var|local|data|module|each|self|path|count|terraform|aws_[a-z0-9_]+)\."  # Terraform's own roots
    r"|[a-z][a-z0-9]*_\w+\.[\w.*\[\]-]+$"  # any other provider's resource
    r"|\$[({]|%\{|\{\{|\$[A-Z_][A-Z0-9_]*$"  # templates, shell
    r"|<[^<>]*>$|\*+$|\[redacted\]?$|IACFIX_(?:SECRET|ID)_\d+$"  # stand-ins for a value
)
_BARE_REFERENCE = re.compile(
    r"[$`|>&*]|<<|![A-Za-z]"  # shell, YAML anchors, aliases, tags and block scalars, heredocs
    r"|[A-Za-z_][\w.]*[(\[]|[A-Za-z_][\w-]*(?:\.[A-Za-z_*][\w-]*)+$"  # a call, an index, a path of attributes
)
_SWITCHES = {"true", "false", "yes", "no", "on", "off", "null", "none", "nil"}
_TYPES = {"string", "number", "bool", "boolean", "integer", "any", "object"}
_CHOICES = {"optional", "required", "enabled", "disabled", "seconds", "minutes", "hours", "days"}
_KEYWORDS = frozenset(_SWITCHES | _TYPES | _CHOICES)
_HARMLESS_VALUE = re.compile(
    r"arn:[a-z-]+:|[0-9]{12}$"  # ARNs and account ids
    r"|(?:acl|ami|cgw|eipalloc|eni|i|igw|lt|nat|pcx|rtb|sg|snap|subnet|tgw|vgw|vol|vpc|vpce)-[0-9a-f]{8}(?:[0-9a-f]{9})?$"
    r"|https?://[^\s@]*$"  # an address without credentials in it
)
_PATH = re.compile(r"/[\w.-]+(?:/[\w.-]+)*$")
_IDENTITY = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|[0-9a-f]{40}$")  # UUIDs, git commits
_HEX = re.compile(r"(?i)[0-9a-f]{32,}$")
_BASE64 = re.compile(r"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/_=.~-]{20,}$")
_LEAST_BITS_HEX = 3.0
_LEAST_BITS_BASE64 = 3.8


def is_literal(value: str, *, quoted: bool) -> bool:
    """Whether a value could be a secret itself: not a reference, a keyword, an ARN, an id, an address or nothing."""
    if not any(char.isalnum() for char in value) or value.lower() in _KEYWORDS:
        return False
    if _HARMLESS_VALUE.match(value) or (_PATH.match(value) and not looks_random(value)):
        return False
    if _REFERENCE.match(value):
        return looks_random(_without_templates(value))
    if quoted:
        return True
    return looks_random(value) or not (_BARE_REFERENCE.match(value) or _is_small_number(value))


def looks_random(value: str) -> bool:
    """Many bits for its length. ARNs, UUIDs, commit hashes, account and resource ids never do."""
    if _HARMLESS_VALUE.match(value) or _IDENTITY.match(value):
        return False
    if _HEX.match(value):
        return _bits(value.lower()) >= _LEAST_BITS_HEX
    return bool(_BASE64.match(value)) and _bits(value) >= _LEAST_BITS_BASE64


def _bits(value: str) -> float:
    """Shannon's entropy in bits a character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _without_templates(value: str) -> str:
    return re.sub(r"[$%]\{[^{}]*\}", "", value)


def _is_small_number(value: str) -> bool:
    """Unquoted figures are lifetimes and counts; nobody's password has four digits and no quotes."""
    most_digits = 5
    return value.isdigit() and len(value) <= most_digits
