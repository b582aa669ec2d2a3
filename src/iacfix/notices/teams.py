"""Notices as adaptive cards. Text that is not ours stands in runs of text, where Teams reads no Markdown ("TextRun"),
and never in a TextBlock or a FactSet, where it does.
"""

import json
from collections.abc import Mapping
from typing import Final

from iacfix.domain.notice import Notice, Summary
from iacfix.notices.message import Message, broken, fitted, message, summary_message

# "Create an Incoming Webhook", Microsoft: the message's size limit.
MAX_BYTES: Final = 28 * 1024
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_CARD = "application/vnd.microsoft.card.adaptive"


def teams_notice(notice: Notice) -> Mapping[str, object]:
    return _payload(message(notice))


def teams_summary(summary: Summary) -> Mapping[str, object]:
    return _payload(summary_message(summary))


def sent(payload: Mapping[str, object]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _payload(said: Message) -> Mapping[str, object]:
    return _card(fitted(said, lambda each: len(sent(_card(each))) <= MAX_BYTES))


def _card(said: Message) -> Mapping[str, object]:
    body = [_line(_run(said.headline, weight="Bolder", size="Medium"))]
    body += [_line(_run(text)) for text in (said.title, said.body) if text]
    body += [_line(_run(f"{name}: ", weight="Bolder"), _run(value)) for name, value in said.facts]
    card = {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": each.words, "url": each.url} for each in said.links],
    }
    return {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": card}]}


def _line(*runs: Mapping[str, object]) -> Mapping[str, object]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: str) -> Mapping[str, object]:
    return {"type": "TextRun", "text": broken(text), **style}
