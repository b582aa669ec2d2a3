from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.pull_requests.commands import (
    MAX_WORDS,
    AcceptRisk,
    Command,
    Explain,
    Ignore,
    NotUnderstood,
    Retry,
    read_command,
)

TODAY = date(2026, 2, 28)


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/iacfix ignore", Ignore()),
        ("Thanks!\r\n/iacfix explain\r\n", Explain()),
        ("/iacfix retry", Retry("")),
        ("/iacfix retry  use   the module's key", Retry("use the module's key")),
        ("/iacfix retry a\u202eb", Retry("a b")),
        ('/iacfix accept-risk until=2026-03-01 reason="a lab, gone by then"', AcceptRisk(date(2026, 3, 1), "a lab, gone by then")),
        ("/iacfix accept-risk reason=lab until=2026-02-28", AcceptRisk(TODAY, "lab")),
        ("/iacfix ignore\n/iacfix retry", Ignore()),
    ],
)  # fmt: skip
def test_commands(body: str, command: Command) -> None:
    assert read_command(body, TODAY) == command


@pytest.mark.parametrize(
    "body",
    [
        "",
        "please /iacfix ignore",
        "> /iacfix ignore",
        "    /iacfix ignore",
        "```\n/iacfix ignore\n```",
        "~~~~\n/iacfix ignore",
        "<!-- \n/iacfix ignore\n-->",
        "/iacfixed",
    ],
)
def test_what_is_quoted_or_meant_otherwise_is_none(body: str) -> None:
    assert read_command(body, TODAY) is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "no such command"),
        ("merge", "no such command"),
        ("accept-risk", "needs a reason"),
        ("accept-risk until=2026-03-01", "needs a reason"),
        ("accept-risk reason=x", "needs the day"),
        ("accept-risk reason=x until=tomorrow", "needs the day"),
        ("accept-risk reason=x until=2026-02-30", "needs the day"),
        ("accept-risk reason=x until=2026-02-27", "is over"),
        ("accept-risk reason=x until=2027-03-01", "more than 365 days"),
        ("accept-risk reason=x until=2026-03-01 who=me", "not who"),
        ('accept-risk reason="x', "could not be read"),
        ("accept-risk forever", "could not be read"),
    ],
)
def test_what_is_wrong_is_told(words: str, why: str) -> None:
    command = read_command(f"/iacfix {words}", TODAY)
    assert isinstance(command, NotUnderstood)
    assert why in command.why


@given(st.text(max_size=200))
def test_no_comment_makes_it_fail(text: str) -> None:
    command = read_command(f"/iacfix retry {text}", TODAY)
    assert not isinstance(command, Retry) or len(command.words) <= MAX_WORDS
    read_command(f"/iacfix accept-risk {text}", TODAY)
    read_command(text, TODAY)
