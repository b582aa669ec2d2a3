import codecs
import json

import pytest

from iacfix.domain.errors import InputError
from iacfix.findings import read_findings
from iacfix.findings.document import MAX_BYTES, parse
from iacfix.findings.fields import MAX_ENTRIES

NOTHING_SCANNED = b'{"passed": 0, "failed": 0, "checkov_version": "3.2.0"}'


def refused(data: bytes, form: str = "auto") -> str:
    with pytest.raises(InputError) as caught:
        read_findings(data, format=form)
    assert caught.value.what
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize("data", [b"", b" \r\n\t", codecs.BOM_UTF8, codecs.BOM_UTF8 + b"\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert "is empty" in refused(data)


def test_truncated_json_is_refused_with_line_and_column() -> None:
    assert "line 2, column 15" in refused(b'{"check_type": "terraform",\n  "results": {"f')


def test_text_around_json_is_refused() -> None:
    assert "line 1, column 1 " in refused(b"warning: old version\n[]")


def test_bytes_that_are_not_utf8_are_refused_with_their_offset() -> None:
    assert "byte 5 " in refused(b'["caf\xff"]')


def test_the_offset_counts_the_byte_order_mark() -> None:
    assert "byte 5 " in refused(codecs.BOM_UTF8 + b'["\xff"]')


def test_a_utf8_byte_order_mark_is_fine() -> None:
    assert read_findings(codecs.BOM_UTF8 + NOTHING_SCANNED) == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_refused_with_how_to_convert(encoding: str) -> None:
    assert "iconv" in refused(NOTHING_SCANNED.decode().encode(encoding))


def test_the_largest_file_is_read_and_one_byte_more_is_refused() -> None:
    largest = NOTHING_SCANNED.ljust(MAX_BYTES)
    assert read_findings(largest) == ()
    assert "split it" in refused(largest + b" ")


def test_more_entries_than_the_limit_are_refused() -> None:
    start, end = b'[{"checkov_version": "3"}', b"]"
    assert len(read_findings(start + b",0" * MAX_ENTRIES + end)) == MAX_ENTRIES
    assert "split it" in refused(start + b",0" * (MAX_ENTRIES + 1) + end)


def test_a_list_inside_has_the_same_limit_and_costs_the_other_reports_nothing() -> None:
    crowded = {"check_type": "terraform", "results": {"failed_checks": [0] * (MAX_ENTRIES + 1)}}
    small = {"check_type": "secrets", "results": {"failed_checks": [0]}}
    reads = read_findings(json.dumps([crowded, small]).encode())
    assert [getattr(read, "field", None) for read in reads] == [
        "[0].results.failed_checks",
        "[1].results.failed_checks[0]",
    ]


@pytest.mark.parametrize("pair", [b"[]", b'{"a":}'])
def test_endless_nesting_is_refused(pair: bytes) -> None:
    middle = len(pair) - 1
    assert "nested too deeply" in refused(pair[:middle] * 100_000 + b"1" + pair[middle:] * 100_000)


def test_a_number_of_too_many_digits_is_refused() -> None:
    assert "too many digits" in refused(b'{"results": ' + b"9" * 10_000 + b"}")


def test_nan_and_duplicate_keys_are_tolerated() -> None:
    assert read_findings(b'{"passed": NaN, "failed": 3, "failed": 0, "checkov_version": "3.2.0"}') == ()


def test_no_content_is_shown_in_an_error() -> None:
    assert "hunter2" not in refused(b'{"password": "hunter2", ') + refused(b'{"password": "hunter2"}')


def test_json_lines_are_a_list() -> None:
    lines = [{"a": "x\u2028y"}, {"b": [1]}]
    text = "\n".join(json.dumps(each, ensure_ascii=False) for each in lines)
    assert parse(text.encode()) == parse(f"{text}\r\n\n".encode()) == lines


@pytest.mark.parametrize("text", ['{"a": 1}\n{"b": ', '{"a": 1}\nnull', '{"a": 1}\nok', '{"a": 1} {"b": 2}', "1\n2"])
def test_what_is_not_all_lines_of_objects_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not valid JSON"):
        parse(text.encode())
