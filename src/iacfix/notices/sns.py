"""Notices as SNS takes them: a subject for mail, JSON for programs, text for people, attributes for filter policies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from iacfix.domain.notice import Notice, Summary
from iacfix.notices.message import Message, fitted, mark, message, occasion_id, shown, summary_message

# "Publish", API reference: less than 100 characters of ASCII; 256 KB; group and deduplication id at most 128.
MAX_SUBJECT = 99
MAX_BYTES = 256 * 1024
_ATTRIBUTE = 256
_VERSION = 1


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """`body` is JSON by protocol (MessageStructure `json`). `group` and `deduplication` are for FIFO topics."""

    subject: str
    body: str
    attributes: Mapping[str, str]
    group: str
    deduplication: str


def sns_notice(notice: Notice) -> SnsMessage:
    attributes = {
        "kind": "notice",
        "occasion": notice.occasion.value,
        "severity": notice.severity.value,
        "state": notice.state,
        "control": notice.control,
        "account": notice.account,
        "region": notice.region,
        "owner": notice.owner,
        "id": occasion_id(notice),
    }
    record = {"key": notice.key, "round": notice.round, **attributes, "resource": notice.resource}
    return _sent(message(notice), record, attributes, mark(notice.key), occasion_id(notice))


def sns_summary(summary: Summary) -> SnsMessage:
    identity = mark(f"run {summary.run}")
    record = {
        "run": shown(summary.run, _ATTRIBUTE),
        "states": dict(summary.states),
        "severities": dict(summary.severities),
        "teams": {shown(team, _ATTRIBUTE): count for team, count in summary.teams.items()},
    }
    attributes = {"kind": "summary", "id": identity}
    return _sent(summary_message(summary), {**record, **attributes}, attributes, "iacfix-summaries", identity)


def _sent(
    said: Message, record: Mapping[str, object], attributes: Mapping[str, str], group: str, deduplication: str
) -> SnsMessage:
    subject = f"[iacfix] {said.headline}: {said.title}".encode("ascii", "replace").decode("ascii")
    kept = {name: text for name, value in attributes.items() if (text := shown(value, _ATTRIBUTE))}
    clean = {key: shown(value, 2_000) if isinstance(value, str) else value for key, value in record.items()}
    room = MAX_BYTES - sum(len(f"{name}String{value}".encode()) for name, value in kept.items()) - MAX_SUBJECT

    def body(of: Message) -> str:
        program = {
            "version": _VERSION,
            **clean,
            "headline": of.headline,
            "title": of.title,
            "reason": of.body,
            "facts": dict(of.facts),
            "links": [each.url for each in of.links],
        }
        text = json.dumps(program)
        return json.dumps({"default": text, "email": of.text, "sms": shown(f"{of.headline}: {of.title}", 140)})

    small = fitted(said, lambda each: len(body(each)) <= room)
    return SnsMessage(shown(subject, MAX_SUBJECT).replace("…", "~"), body(small), kept, group, deduplication)
