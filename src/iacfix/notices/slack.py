"""Notices as Slack's incoming webhooks take them. What is not ours stands in `plain_text`, which Slack does not read as
markup; what has to stand in mrkdwn is escaped.
"""

from collections.abc import Mapping
from typing import Final

from iacfix.domain.notice import Notice, Summary
from iacfix.notices.message import Message, broken, message, summary_message

Block = Mapping[str, object]
# "Section block", "Header block", "Blocks" of Slack's reference.
MAX_TEXT: Final = 3_000
MAX_HEADER: Final = 150
MAX_FIELDS: Final = 10
MAX_FIELD: Final = 2_000
MAX_BLOCKS: Final = 50
_STYLES = str.maketrans({each: f"\u200b{each}\u200b" for each in "*_~`"})


def slack_notice(notice: Notice) -> Mapping[str, object]:
    return _payload(message(notice))


def slack_summary(summary: Summary) -> Mapping[str, object]:
    return _payload(summary_message(summary))


def mrkdwn(text: str) -> str:
    """Text that mrkdwn shows as it is: "Formatting text for app surfaces" has the three to escape."""
    escaped = broken(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.translate(_STYLES)


def _payload(said: Message) -> Mapping[str, object]:
    fallback = mrkdwn(f"{said.headline}: {said.title}")[:MAX_TEXT]
    blocks: list[Block] = [{"type": "header", "text": _plain(said.headline, MAX_HEADER)}]
    blocks += [{"type": "section", "text": _plain(text, MAX_TEXT)} for text in (said.title, said.body) if text]
    fields = [_plain(f"{name}: {value}", MAX_FIELD) for name, value in said.facts]
    blocks += [{"type": "section", "fields": fields[at : at + MAX_FIELDS]} for at in range(0, len(fields), MAX_FIELDS)]
    blocks += [
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": f"<{each.url.replace('&', '&amp;')}|{mrkdwn(each.words)}>",
                "verbatim": True,
            },
        }
        for each in said.links
    ]
    return {"text": fallback, "unfurl_links": False, "unfurl_media": False, "blocks": blocks[:MAX_BLOCKS]}


def _plain(text: str, limit: int) -> Block:
    """Without emoji of the form :name:, and cut once more: what breaks it up makes it longer."""
    return {"type": "plain_text", "text": broken(text)[:limit], "emoji": False}
