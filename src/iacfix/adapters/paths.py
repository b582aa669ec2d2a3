"""Paths that arrive from outside: only plain relative ones are taken."""

import unicodedata

from iacfix.domain.errors import UnsafePathError

_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_SHOWN = 200


def require_plain(path: str) -> str:
    """The path as it came. Raises UnsafePathError unless it is relative, in normal form, printable, without a
    backslash, and outside `.git`, where git keeps credentials and programs that it runs.
    """
    if reason := _objection(path):
        shown = ascii(path[:_SHOWN])
        raise UnsafePathError(
            f"the path {shown} {reason}",
            remedy="give a path relative to the repository, with forward slashes and without '..'",
        )
    return path


def is_plain(path: str) -> bool:
    return not _objection(path)


def _objection(path: str) -> str:
    if not path:
        return "is empty"
    plain = path.isascii() and path.isprintable()  # as nearly all are
    if not plain and any(unicodedata.category(character) in _UNPRINTABLE for character in path):
        return "holds control characters or is not UTF-8"
    if "\\" in path:
        return "holds a backslash"
    if path.startswith("/"):
        return "is absolute"
    parts = path.split("/")
    if ".." in parts:
        return "leads out of its folder"
    if "" in parts or "." in parts:
        return "is not in its shortest form"
    if any(part.lower() == ".git" for part in parts):
        return "leads into git's own folder"
    return ""
