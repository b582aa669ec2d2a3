"""Secrets by reference: a change that shows one where it was not, or reads files of the machine that deploys."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from iacfix.domain.secret_names import Telling, telling
from iacfix.iac.values import CallValue, Unknown, Value
from iacfix.validators.differences import Compared, Difference, parts_of, references_of, texts_of

# Functions that read files, or take the mark of a secret away.
READERS = frozenset({
    "abspath", "file", "filebase64", "filebase64sha256", "filebase64sha512", "fileexists", "filemd5", "fileset",
    "filesha1", "filesha256", "filesha512", "nonsensitive", "pathexpand", "templatefile", "templatestring",
})  # fmt: skip
_CALL = re.compile(r"\b([a-z0-9_]+)\s*\(")
_MADE_SECRET = frozenset({"random_password", "tls_private_key", "aws_iam_access_key"})
_SECRET_PARTS = frozenset({"secret_string", "secret_binary", "plaintext", "private_key_pem", "result", "secret"})
_DYNAMIC = re.compile(r"\{\{\s*resolve:[^}]*\}?")
_NAMES = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")
# Where text is shown to everybody who may look at the resource.
SHOWN = frozenset({"tags", "tag", "description", "environment", "variables", "user_data", "name", "metadata"})

IsSecret = Callable[[tuple[str, ...]], bool]


def echoed(compared: Iterable[Compared], is_secret: IsSecret) -> str:
    """`is_secret` knows which variables and parameters are marked as secret."""
    for each in compared:
        for difference in each.written:
            if new := _calls(difference.now) - _calls(difference.was):
                return f"{each.address}: {difference.shown} calls {min(new)}, which shows what is kept elsewhere"
            if _is_kept(difference):
                continue
            new_secrets = Counter(_secrets(difference.now, is_secret)) - Counter(_secrets(difference.was, is_secret))
            for name in new_secrets:
                return f"{each.address}: {difference.shown} shows the secret {name}"
    return ""


def _is_kept(difference: Difference) -> bool:
    """A password is set from a secret, that is what secrets are for."""
    return telling(difference.name) is Telling.STRONG and not difference.names & SHOWN


def _calls(value: Value | None) -> frozenset[str]:
    found = {part.name for part in parts_of(value) if isinstance(part, CallValue)}
    found |= {name for part in parts_of(value) if isinstance(part, Unknown) for name in _CALL.findall(part.text)}
    return frozenset(found & READERS)


def _secrets(value: Value | None, is_secret: IsSecret) -> Iterator[str]:
    named = [
        tuple(match[0].split("."))
        for part in parts_of(value)
        if isinstance(part, Unknown)
        for match in _NAMES.finditer(part.text)
    ]
    for parts in (*references_of(value), *named):
        if is_secret(parts) or _tells(parts):
            yield ".".join(parts)
    for text in texts_of(value):
        yield from (match[0] for match in _DYNAMIC.finditer(text))


def _tells(parts: tuple[str, ...]) -> bool:
    kind = parts[1] if parts[0] == "data" and len(parts) > 1 else parts[0]
    last = next((part for part in reversed(parts) if not part.startswith("[")), "")
    if len(parts) > 1 and last in _SECRET_PARTS and (kind in _MADE_SECRET or last != "result"):
        return True
    return len(parts) > 1 and telling(last) is Telling.STRONG
