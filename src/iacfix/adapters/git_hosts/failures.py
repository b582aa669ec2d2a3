"""What a host answers over HTTP when it does not do what it was asked, as errors of ours."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)

DEFAULT_WAIT = 60.0
_MAX_WORDS = 400
_ADDRESSES = re.compile(r"//[^/\s@]+@|\b(?:Bearer|Basic)\s+\S+")


@dataclass(frozen=True, slots=True)
class Failures:
    """Of one host. `tokens` finds what its credentials look like; the remedies say what a token needs, and where to
    look for what is not found.
    """

    host: str
    tokens: re.Pattern[str]
    needs: str
    place: str

    def of(self, status: int, words: str, wait: float) -> GitHostError:
        """`words` are the host's own, without credentials; `wait` is used where a rate limit is used up."""
        told = f": {words}" if words else ""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return HostRateLimitedError(f"{self.host}'s rate limit is used up{told}", seconds=wait)
        if status == HTTPStatus.UNAUTHORIZED:
            return HostForbiddenError(
                f"{self.host} does not take the credentials{told}", remedy="give a token that is valid and not expired"
            )
        if status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}:
            return HostForbiddenError(f"{self.host} does not allow it{told}", remedy=self.needs)
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return HostNotFoundError(
                f"{self.host} does not have it, or not for these credentials{told}", remedy=self.place
            )
        if status in {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}:
            return HostConflictError(f"something is in the way{told}", remedy="run it again")
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return HostRefusedError(
                f"{self.host}'s address leads somewhere else, and a token is not sent after it",
                remedy="give the address that it leads to",
            )
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return HostRefusedError(f"{self.host} refused it{told or f' ({status})'}")
        return self.fault(status, words)

    def fault(self, status: int, words: str) -> HostUnavailableError:
        told = f": {words}" if words else ""
        return HostUnavailableError(f"{self.host} has a fault ({status}){told}", remedy="run it again later")

    def unreachable(self, error: Exception) -> HostUnavailableError:
        """The kind alone: the text of such an error may hold an address."""
        return HostUnavailableError(
            f"{self.host} cannot be reached ({type(error).__name__})", remedy="run it again later"
        )

    def clean(self, words: str, *secrets: str) -> str:
        """The host's words on one line, without credentials, even where it echoes ours."""
        for secret in filter(None, secrets):
            words = words.replace(secret, "***")
        words = _ADDRESSES.sub("***", self.tokens.sub("***", words))
        words = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
        return words if len(words) <= _MAX_WORDS else f"{words[:_MAX_WORDS]}…"
