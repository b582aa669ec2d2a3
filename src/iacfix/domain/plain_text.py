"""Text from outside as one plain line, and addresses that may stand as links."""

import re
import unicodedata

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_HTTPS = re.compile(
    r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
    r"(?:[/?#][A-Za-z0-9/._~:?#@!$&*+,;=%-]*)?"
)
_URL_LENGTH = 1_000


def plain(text: str, limit: int) -> str:
    """One line without control, direction or invisible characters, at most `limit` characters long."""
    is_plain = text.isascii() and text.isprintable()  # as most texts are, and then each character is visible
    shown = " ".join((text if is_plain else "".join(_visible(character) for character in text)).split())
    return shown if len(shown) <= limit else f"{shown[: _whole(shown, max(limit - 1, 0))].rstrip()}…"


def is_plain_https(url: str) -> bool:
    """A host by name, no user info, nothing that Markdown or a chat could read."""
    return len(url) <= _URL_LENGTH and _HTTPS.fullmatch(url) is not None


def _whole(text: str, end: int) -> int:
    """So that no letter loses the marks above it: those go together, or not at all."""
    while end and unicodedata.combining(text[end]):
        end -= 1
    return end


def _visible(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cf":
            return ""
        case "Cs" | "Co" | "Cn":
            return _REPLACEMENT
        case _:
            return character
