"""Whatever a notice holds, what is made of it is what its service takes, and does nothing."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacfix.domain.finding import Severity
from iacfix.domain.notice import Notice, Occasion, Summary
from iacfix.notices import azure_devops, jira, slack, sns, teams
from iacfix.notices.message import MOST_TEAMS, broken, mark, message, occasion_id, shown, summary_message, title
from iacfix.testing.chat_server import SLACK, TEAMS, ChatServer
from iacfix.testing.jira_server import PROJECT, JiraServer

SECRET = "ghp_" + "a1B2" * 9
PARTS = st.sampled_from(
    [
        "<!channel>", "<!here|x>", "<@U1>", "@here", "@all", "[a](https://evil.example)", "https://evil.example/x",
        "<a href=x>", "</p>", "<script>", "&lt;", "&amp;", "{{DATE(2026-01-01T00:00:00Z)}}", "@{body()}", "*b* _i_ ~s~ `c`",
        ":smile:", "\u202e", "\u200b", "\x00", "\r\n", "\U0001f468\u200d\U0001f469", "e\u0301", "\ud800", SECRET, "x" * 700,
        "www.evil.example", "mailto:a@evil.example", "javascript:alert(1)", '"}', "]]>", "#123", "!99", "'", "\\",
    ]
)  # fmt: skip
TEXTS = st.lists(PARTS | st.text(max_size=8), max_size=5).map(" ".join)
NOTICES = st.builds(
    Notice,
    key=st.text(max_size=70) | st.just("a" * 64),
    occasion=st.sampled_from(Occasion),
    control=TEXTS,
    title=TEXTS,
    resource=TEXTS,
    severity=st.sampled_from(Severity),
    state=TEXTS,
    reason=TEXTS,
    account=TEXTS,
    region=TEXTS,
    repository=TEXTS,
    owner=TEXTS,
    contact=TEXTS,
    link=TEXTS | st.just("https://example.com/f?a=1&b=2"),
    pull_request=TEXTS | st.just("https://example.com/pull/1"),
    round=st.integers(1, 9),
    details=st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
)
COUNTS = st.dictionaries(TEXTS, st.integers(0, 10**9), max_size=8)
HARMFUL = re.compile(
    r"<!|<@|(?<!\w)@(?:here|all)\b|https://evil|www\.evil|\{\{|@\{|\u202e|\x00|[\ud800-\udfff]", re.IGNORECASE
)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def harmless(payload: object) -> None:
    said = "\n".join(texts(payload))
    assert not (found := HARMFUL.search(said)), found
    assert SECRET not in said.replace("\u200b", "")
    json.dumps(payload, ensure_ascii=False).encode()


@settings(max_examples=25, deadline=None)
@given(NOTICES)
def test_every_notice_is_taken_and_does_nothing(notice: Notice) -> None:
    chat, tracker = ChatServer(), JiraServer()
    for address, payload in ((SLACK, slack.slack_notice(notice)), (TEAMS, teams.teams_notice(notice))):
        harmless(payload)
        body = teams.sent(payload)
        answer = chat.answer("POST", address, {"Content-Type": "application/json"}, body)
        assert answer.status < 300, answer.body
    fields: dict[str, object] = {
        "project": {"key": PROJECT},
        "issuetype": {"name": "Task"},
        "summary": jira.summary(notice),
        "description": jira.description(notice),
        "labels": jira.labels(notice),
    }
    harmless(fields)
    harmless(jira.comment(notice, "a sentence"))
    tracker._check(fields)
    markup = azure_devops.description(notice)
    assert set(re.findall(r"<[^>]*", markup)) <= {"<p", "</p", "<b", "</b", "<ul", "</ul", "<li", "</li", "</a"} | {
        each
        for each in re.findall(r"<[^>]*", markup)
        if re.fullmatch(r'<a href="https://example\.com/[^"]*" rel="noopener noreferrer"', each)
    }
    harmless([html.unescape(re.sub(r"<[^>]*>", "", markup)), azure_devops.summary(notice)])
    assert len(azure_devops.summary(notice)) <= 255


@settings(max_examples=15, deadline=None)
@given(NOTICES)
def test_every_message_of_a_topic_is_within_its_limits(notice: Notice) -> None:
    sent = sns.sns_notice(notice)
    assert sent.subject.isascii()
    assert sent.subject.isprintable()
    assert 1 <= len(sent.subject) <= sns.MAX_SUBJECT
    attributes = sum(len(f"{name}String{value}".encode()) for name, value in sent.attributes.items())
    assert len(sent.body.encode()) + attributes + len(sent.subject) <= sns.MAX_BYTES
    assert all(value and value.isprintable() for value in sent.attributes.values())
    assert len(sent.group) <= 128
    assert len(sent.deduplication) <= 128
    by_protocol = json.loads(sent.body)
    assert set(by_protocol) == {"default", "email", "sms"}
    assert json.loads(by_protocol["default"])["version"] == 1
    assert SECRET not in sent.body + sent.subject
    harmless(by_protocol["email"])


@settings(max_examples=10, deadline=None)
@given(st.builds(Summary, run=TEXTS, states=COUNTS, severities=COUNTS, teams=COUNTS))
def test_every_summary_is_taken(summary: Summary) -> None:
    chat = ChatServer()
    for address, payload in ((SLACK, slack.slack_summary(summary)), (TEAMS, teams.teams_summary(summary))):
        harmless(payload)
        answer = chat.answer("POST", address, {"Content-Type": "application/json"}, teams.sent(payload))
        assert answer.status < 300, answer.body
    assert len(sns.sns_summary(summary).body.encode()) < sns.MAX_BYTES


def test_a_summary_counts_by_severity_and_team() -> None:
    teams_ = {f"team {number:02}": number for number in range(1, MOST_TEAMS + 3)}
    facts = dict(summary_message(Summary("r", {"proposed": 3}, {"low": 1, "critical": 2}, teams_)).facts)
    assert facts["By severity"] == "2 critical, 1 low"
    assert facts["By team"].startswith(f"{MOST_TEAMS + 2} team {MOST_TEAMS + 2}, ")
    assert facts["By team"].endswith("3 of 2 other teams")
    assert facts["By state"] == "3 proposed"


def plain_notice(**more: Any) -> Notice:
    given = {
        "key": "a" * 64,
        "occasion": Occasion.FIXED,
        "control": "c",
        "title": "t",
        "resource": "r",
        "state": "fixed",
    }
    return Notice(**cast("Any", {**given, "severity": Severity.LOW, "reason": "", **more}))


def test_whoever_decides_sees_what_about_as_far_as_there_is_room() -> None:
    wide = tuple((f"{number}. what", "\U0001f4a9" * 600) for number in range(20))
    notice = plain_notice(
        details=(("Before", "public"), ("After", "private\n\nOwner: me"), *wide), reason="\U0001f4a9" * 2_000
    )
    said = "\n".join(texts(slack.slack_notice(notice)))
    assert "After: private Owner: me" in said
    assert "9. what" in said
    assert "11. what" not in said
    card = teams.teams_notice(notice)
    assert "private Owner: me" in "\n".join(texts(card))
    assert len(teams.sent(card)) <= teams.MAX_BYTES


def test_what_identifies_changes_with_what_it_is_of_alone() -> None:
    ids = {
        occasion_id(plain_notice()),
        occasion_id(plain_notice(key="b" * 64)),
        occasion_id(plain_notice(occasion=Occasion.STILL_OPEN)),
        occasion_id(plain_notice(round=2)),
    }
    assert len(ids) == 4
    assert occasion_id(plain_notice(reason="other", title="other")) in ids
    assert title(plain_notice(occasion=Occasion.STILL_OPEN)) == title(plain_notice())


@pytest.mark.parametrize("key", ["A" * 64, "", "x y;z", "a" * 65, "\u00e4"])
def test_a_mark_has_nothing_that_a_search_could_read(key: str) -> None:
    assert re.fullmatch(r"iacfix-[0-9a-f]{64}", mark(key))
    assert mark(key) != mark(f"{key}x")


def test_letters_are_cut_whole_and_secrets_before_they_are_cut() -> None:
    assert shown("e\u0301" * 10, 6) == "e\u0301e\u0301…"
    assert shown(f"xx {SECRET}", 12) == "xx [redacte…"
    assert SECRET[:8] not in shown(f"{SECRET[:6]}\u200b{SECRET[6:]}", 100)


def test_a_link_says_where_it_leads() -> None:
    (link,) = message(plain_notice(link="https://evil.example/pull/1")).links
    assert link.words == "The finding at evil.example"


def test_broken_text_reads_as_it_did() -> None:
    said = "arn:aws:s3:::logs in main.tf line 3 costs 5 < 6"
    assert broken(said) == said
