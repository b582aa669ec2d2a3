"""Whether a request over HTTP comes from somebody who knows a secret of ours. Nothing in its body is looked at before.

Two proofs are known. A signature is HMAC-SHA256 over `<timestamp>.<raw body>`, in hex behind `sha256=`; the timestamp
is the seconds since 1970, in a header of its own, so that a request cannot be sent again later. A header alone is for
senders that can do no more; who reads one such request can send others.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from iacfix.domain.errors import ConfigurationError

LEAST_SECRET_BYTES = 16
WINDOW_SECONDS = 300
SIGNATURE_HEADER = "x-iacfix-signature"
TIMESTAMP_HEADER = "x-iacfix-timestamp"
SECRET_HEADER = "authorization"  # noqa: S105 - the name of a header

_PREFIX = "sha256="
_BEARER = "bearer "
_TIMESTAMP = re.compile("[0-9]{1,12}")
_MOST_SIGNATURES = 8


class Kind(StrEnum):
    SIGNATURE = "signature"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a caller has to show. Any of the `secrets` counts, so that one can be changed without a gap. `window` is how
    old, or how far ahead, a signature may be, in seconds.

    Raises ConfigurationError for a secret that could be guessed.
    """

    secrets: tuple[bytes, ...] = field(repr=False)
    kind: Kind = Kind.SIGNATURE
    header: str = ""
    timestamp_header: str = TIMESTAMP_HEADER
    window: int = WINDOW_SECONDS

    def __post_init__(self) -> None:
        if any(len(secret) < LEAST_SECRET_BYTES for secret in self.secrets):
            raise ConfigurationError(
                f"a secret for webhooks has fewer than {LEAST_SECRET_BYTES} bytes",
                remedy="make one, for example with `openssl rand -hex 32`",
            )

    @property
    def named(self) -> str:
        """The header that holds the proof."""
        standard = SIGNATURE_HEADER if self.kind is Kind.SIGNATURE else SECRET_HEADER
        return (self.header or standard).lower()


Headers = Mapping[str, Sequence[str]]
"""Every value of each header, by its name in small letters."""


def authentic(headers: Headers, body: bytes, proof: Proof, now: datetime) -> str:
    """Why the caller has not shown that it knows a secret; "" where it has. `body` is as it came, byte for byte; `now`
    has a zone. The reason is for our own record: a caller is told nothing.
    """
    if not proof.secrets:
        return "no secret is configured, so that nobody is let in"
    given = headers.get(proof.named, ())
    if len(given) != 1:
        return f"the header {proof.named} {'stands more than once' if given else 'is missing'}"
    if proof.kind is Kind.HEADER:
        return _by_header(given[0], proof)
    stamps = headers.get(proof.timestamp_header.lower(), ())
    if len(stamps) != 1 or _TIMESTAMP.fullmatch(stamps[0]) is None:
        return f"the header {proof.timestamp_header} does not hold the seconds since 1970, once"
    if not _signed(given[0], stamps[0], body, proof):
        return "the signature is not one that a secret of ours makes"
    if abs(now.timestamp() - int(stamps[0])) > proof.window:
        return f"the signature is older, or from further ahead, than {proof.window} seconds"
    return ""


def signature(secret: bytes, timestamp: int | str, body: bytes) -> str:
    """As the header holds it: for senders, and for tests of them."""
    return _PREFIX + hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _signed(given: str, timestamp: str, body: bytes, proof: Proof) -> bool:
    """A sender that changes its secret may send several, with commas between."""
    shown = [_bytes(each.strip()) for each in given.split(",")]
    if len(shown) > _MOST_SIGNATURES:
        return False
    known = [signature(secret, timestamp, body).encode() for secret in proof.secrets]
    return any([hmac.compare_digest(one, other) for one in shown for other in known])  # noqa: C419 - each is compared


def _by_header(given: str, proof: Proof) -> str:
    said = given.strip()
    if proof.named == SECRET_HEADER and said.lower().startswith(_BEARER):
        said = said[len(_BEARER) :].strip()
    # Compared as digests, so that the time tells nothing of a length either.
    shown = hashlib.sha256(_bytes(said)).digest()
    same = [hmac.compare_digest(shown, hashlib.sha256(secret).digest()) for secret in proof.secrets]
    return "" if any(same) else f"the header {proof.named} holds no secret of ours"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
