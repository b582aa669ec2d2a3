from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacfix.domain.errors import DocumentError
from iacfix.triage.exceptions import RiskException, Scope
from iacfix.triage.exceptions_file import MAX_BYTES, MAX_ENTRIES, MAX_TEXT, read_exceptions, with_ended, with_exception

DAY = date(2026, 11, 21)
SCOPE = Scope(control="s3-block-public-access", resource="aws_s3_bucket.site", path="infra/site.tf")
ENTRY = RiskException(SCOPE, "ann", "It serves our public site.", DAY, date(2027, 3, 31))
FILE = b"""\
# Ours.
exceptions:
  - control: s3-block-public-access   # the site
    resource: aws_s3_bucket.site
    path: infra/site.tf
    approver: ann
    reason: >-
      It serves our
      public site.
    created: 2026-11-21
    until: "2027-03-31"
"""


def entry(**changed: str | None) -> bytes:
    texts = {"finding": "x", "approver": "ann", "reason": "y", "created": "2026-11-21", "until": "2026-11-30"} | changed
    lines = [f"{name}: {text}" for name, text in texts.items() if text is not None]
    return ("exceptions:\n- " + "\n  ".join(lines) + "\n").encode()


def test_a_file_as_a_person_writes_it() -> None:
    assert read_exceptions(FILE).entries == (ENTRY,)


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"exceptions:\n", b"exceptions: []\n", b"exceptions: ~"])
def test_a_file_without_exceptions(data: bytes) -> None:
    assert read_exceptions(data).entries == ()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (entry(until=None), "line 2: `until` is missing"),
        (entry(until="2026-11-31"), "line 2: `until` is not a day, as in 2026-11-02"),
        (entry(until="never"), "line 2: `until` is not a day"),
        (entry(until="20261130"), "line 2: `until` is not a day"),
        (entry(until="2026-W48-1"), "line 2: `until` is not a day"),
        (entry(until="2026-11-30T10:00:00"), "line 2: `until` is not a day"),
        (entry(until="٢٠٢٦-11-30"), "line 2: `until` is not a day"),
        (entry(until="[2026-11-30]"), "line 6: 'until' is not text"),
        (entry(until="2026-11-20"), "line 2: it ends on 2026-11-20, before it was made"),
        (entry(until="2027-11-22"), "line 2: it lasts 366 days, and 365 is the most"),
        (entry(created=None), "line 2: `created` is missing"),
        (entry(approver=None), "line 2: `approver` is missing"),
        (entry(reason='""'), "line 2: `reason` is missing"),
        (entry(finding=None), "line 2: it has to name a `finding`"),
        (entry(finding=None, control="c"), "line 2: it has to name a `finding`"),
        (entry(expires="2026-11-30"), "line 2: 'expires' is none of finding, control"),
        (entry(reason="x" * (MAX_TEXT + 1)), "line 4: 'reason' is too long"),
        (entry(reason='"a\\u202eb"'), "line 4: 'reason' is too long, or no text that can be shown"),
        (entry() + b"  until: 2027-01-01\n", "line 7: a name is written twice"),
        (entry() + b"  [a]: b\n", "line 7: a name is not text"),
        (b"exceptions: [none]\n", "line 1: it is not a mapping"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_an_entry_that_is_malformed_holds_for_nothing_and_costs_the_others_nothing(data: bytes, fault: str) -> None:
    good = b"\n".join(line for line in with_exception(None, ENTRY).split(b"\n")[2:] if line)
    (bad,) = read_exceptions(data).entries
    assert bad.fault.startswith(fault)
    assert not any(bad.holds(DAY + timedelta(days=days)) for days in range(-2, 400))
    if data != b"exceptions: [none]\n":
        assert read_exceptions(data + good).entries == (bad, ENTRY)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"- a\n", "it is not a mapping"),
        (b"a: b\n", "it has 'a' beside `exceptions`"),
        (b"exceptions: x\n", "`exceptions` is not a list"),
        (b"exceptions: {}\n", "`exceptions` is not a list"),
        (b"exceptions: []\nexceptions: []\n", "a name is written twice"),
        (b"exceptions: [&a x, *a]\n", "aliases are not read"),
        (b"exceptions: " + b"[" * 100_000, "nested too deeply"),
        (b"? " * 50_000, "nested too deeply"),
        (b"exceptions: [\n", "it is not YAML"),
        (b"exceptions: []\n---\nexceptions: []\n", "it is not YAML"),
        (b"exceptions: \xff\n", "it is not UTF-8"),
        (b"exceptions: \0\n", "it is not YAML: a character cannot be read"),
        (b"#" * (MAX_BYTES + 1), "it is larger than"),
        (b"exceptions: [" + b"a," * (MAX_ENTRIES + 1) + b"]", f"it has more than {MAX_ENTRIES} exceptions"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_what_is_no_such_file_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        read_exceptions(data)


@given(
    st.one_of(
        st.binary(max_size=80),
        st.text("exceptions:\n -[]{}&*!|>#'\"%a20-", max_size=80).map(str.encode),
        st.lists(st.sampled_from(FILE.splitlines(keepends=True)), max_size=12).map(b"".join),
    )
)
def test_whatever_it_holds_is_read_or_refused(data: bytes) -> None:
    try:
        found = read_exceptions(data).entries
    except DocumentError:
        found = ()
    assert all(each.fault or each.until - each.created <= timedelta(days=365) for each in found)


WORDS = st.text(max_size=60).map(lambda text: " ".join(filter(str.isprintable, text.split())))
SOME = WORDS.filter(bool)
ENTRIES = st.builds(
    lambda scope, approver, reason, created, days: RiskException(
        scope, approver, reason, created, created + timedelta(days=days)
    ),
    st.one_of(st.builds(Scope, finding=SOME, path=WORDS), st.builds(Scope, st.just(""), SOME, SOME, WORDS)),
    SOME,
    SOME,
    st.dates(date(2000, 1, 1), date(2900, 1, 1)),
    st.integers(0, 365),
)
FILES = st.sampled_from(
    [
        None,
        b"",
        b"# x",
        b"exceptions:",
        b"exceptions: []",
        b"exceptions: [ ] # none\n# end",
        b"exceptions: ~\r\n",
        FILE,
        FILE[:-1],
        FILE.replace(b"\n", b"\r\n"),
        FILE + b"\n\n  # end\n",
        b"\xef\xbb\xbf" + FILE,
        entry(until="never"),
    ]
)


@settings(max_examples=40)
@given(FILES, st.lists(ENTRIES, max_size=3))
def test_what_is_written_is_read_again_and_the_rest_stays(data: bytes | None, new: list[RiskException]) -> None:
    earlier = read_exceptions(data or b"").entries
    after = data
    for each in new:
        before, after = after, with_exception(after, each)
        assert with_exception(after, each) == after
        if before and earlier:
            assert after.startswith(before)
    assert read_exceptions(after or b"").entries == (
        *earlier,
        *dict.fromkeys(each for each in new if each not in earlier),
    )


def test_how_it_is_written() -> None:
    assert with_exception(FILE, replace(ENTRY, reason='A "b"\\c: ü')).decode() == FILE.decode() + (
        '  - control: "s3-block-public-access"\n    resource: "aws_s3_bucket.site"\n    path: "infra/site.tf"\n'
        '    approver: "ann"\n    reason: "A \\"b\\"\\\\c: ü"\n    created: 2026-11-21\n    until: 2027-03-31\n'
    )


@pytest.mark.parametrize("data", [b"exceptions: [{finding: x}]\n", b"{exceptions: []}\n", b"exceptions: []\n...\n"])
def test_a_file_that_nothing_can_be_added_to_is_left_to_people(data: bytes) -> None:
    with pytest.raises(DocumentError):
        with_exception(data, ENTRY)


@pytest.mark.parametrize(
    "bad",
    [
        replace(ENTRY, until=DAY - timedelta(days=1)),
        replace(ENTRY, reason="a\nb"),
        replace(ENTRY, approver=""),
        replace(ENTRY, scope=Scope()),
        replace(ENTRY, fault="x"),
    ],
)
def test_a_faulty_exception_is_not_written(bad: RiskException) -> None:
    with pytest.raises(ValueError, match=r"it |line|x"):
        with_exception(None, bad)


def test_an_exception_ends_and_every_other_byte_stays() -> None:
    after = with_ended(FILE, ENTRY.id, DAY)
    assert after == FILE.replace(b'"2027-03-31"', b"2026-11-21")
    assert with_ended(after, ENTRY.id, DAY) == after, "ending it again changes nothing"
    assert with_ended(FILE, "0" * 12, DAY) == FILE


def test_what_began_later_is_taken_out() -> None:
    other = b"  # another\n  - {finding: x, approver: ann, reason: y, created: 2026-01-01, until: 2026-11-30}\n"
    before = DAY - timedelta(days=1)
    assert with_ended(FILE, ENTRY.id, before) == b"# Ours.\nexceptions:\n"
    for ending in (b"\n", b"\r\n"):
        data = (FILE + other).replace(b"\n", ending)
        assert with_ended(data, ENTRY.id, before) == (b"# Ours.\nexceptions:\n" + other).replace(b"\n", ending)
    kept = (FILE + other).removesuffix(b"\n")
    (_, second) = read_exceptions(kept).entries
    assert with_ended(kept, second.id, date(2026, 6, 1)) == kept.replace(b"2026-11-30", b"2026-06-01")


@pytest.mark.parametrize(
    "data",
    [
        b"exceptions: [{finding: x, approver: ann, reason: y, created: 2026-11-21, until: 2026-11-30}]\n",
        b"exceptions:\n-\n  finding: x\n  approver: ann\n  reason: y\n  created: 2026-11-21\n  until: 2026-11-30\n",
    ],
)
def test_what_cannot_be_taken_out_is_for_a_person(data: bytes) -> None:
    (found,) = read_exceptions(data).entries
    with pytest.raises(DocumentError, match="by hand"):
        with_ended(data, found.id, DAY - timedelta(days=1))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True), st.data())
@settings(max_examples=30, deadline=None)
def test_only_the_one_that_ends_is_changed(starts: list[int], data: st.DataObject) -> None:
    text: bytes | None = None
    made = [replace(ENTRY, created=DAY + timedelta(days=each), until=DAY + timedelta(days=each + 9)) for each in starts]
    for each in made:
        text = with_exception(text, each)
    assert text is not None
    wanted = data.draw(st.sampled_from(made))
    last = DAY + timedelta(days=data.draw(st.integers(-1, 55)))
    left = read_exceptions(with_ended(text, wanted.id, last)).entries
    ended = replace(wanted, until=min(last, wanted.until))
    assert left == tuple(ended if each == wanted else each for each in made if each != wanted or last >= wanted.created)
