"""Bytes that a user handed over → one JSON value, or an error that says what is wrong with the file."""

import codecs
import json

from iacfix.domain.errors import InputError

MAX_BYTES = 64 * 1024 * 1024
"""Some 18,000 findings: in real reports of Checkov and Security Hub each takes about 3.7 KB."""

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def parse(data: bytes, what: str = "the findings file") -> object:
    """`what` it is called in errors. Duplicate keys (the last one counts) and NaN pass, as in most tools that write
    JSON. Raises InputError.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{what} has {len(data):,} bytes, the limit is {MAX_BYTES:,}",
            remedy="split it, for example one file for each account or scanned folder",
        )
    return _value(_decoded(data, what), what)


def _decoded(data: bytes, what: str) -> str:
    body = data.removeprefix(codecs.BOM_UTF8)
    if not body or body.isspace():
        raise InputError(f"{what} is empty", remedy="check that the tool that writes it ran to its end")
    # JSON has no NUL bytes; among the first four they are what UTF-16 and UTF-32 make of ASCII.
    if body.startswith(_WIDE_MARKS) or b"\0" in body[:4]:
        raise InputError(
            f"{what} is UTF-16 or UTF-32, not UTF-8",
            remedy="convert it, for example with `iconv -f UTF-16 -t UTF-8`; PowerShell: `Out-File -Encoding utf8`",
        )
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + len(data) - len(body)
        raise InputError(
            f"{what} is not UTF-8: byte {offset} (from 0) fits no character", remedy="save it as UTF-8"
        ) from None


def _value(text: str, what: str) -> object:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        if (lines := _lines(text)) is not None:
            return lines
        raise InputError(
            f"{what} is not valid JSON at line {error.lineno}, column {error.colno} ({error.msg})",
            remedy="write it again with the tool's JSON output; it may have been cut off or mixed with other output",
        ) from None
    except RecursionError:
        raise InputError(
            f"{what} is nested too deeply", remedy="no known tool writes such a file; check where it is from"
        ) from None
    except ValueError:
        # What is left of ValueError here is Python's limit on the digits of an integer.
        raise InputError(
            f"{what} holds a number with too many digits",
            remedy="no known tool writes such a file; check where it is from",
        ) from None
    return value


def _lines(text: str) -> list[object] | None:
    """A file of JSON lines, as a list: an object on each of several lines, and nothing else."""
    written = [line for line in text.split("\n") if line.strip()]
    if len(written) < 2 or not all(line.startswith("{") and line.rstrip().endswith("}") for line in written):  # noqa: PLR2004 - several
        return None
    try:
        values = [json.loads(line) for line in written]
    except (ValueError, RecursionError):
        return None
    return values
