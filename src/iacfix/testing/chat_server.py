"""Webhooks of Slack and Teams on this machine, with what their descriptions have them refuse."""

import json
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from iacfix.testing.rest_server import Answer, RestServer

SLACK: Final = "/services/T0000000/B0000000/fakewebhooktoken"
TEAMS: Final = "/workflows/fake/triggers/manual/paths/invoke?api-version=2016-06-01&sig=fakewebhooksignature"
MAX_CARD_BYTES: Final = 28 * 1024
_LIMITS = {"header": 150, "section": 3_000}
_MAX_BLOCKS, _MAX_FIELDS, _MAX_FIELD = 50, 10, 2_000
_ELEMENTS = {"RichTextBlock", "TextBlock", "FactSet"}
_CARD = "application/vnd.microsoft.card.adaptive"

Record = Mapping[str, object]


class ChatServer(RestServer):
    """`messages` are the payloads that were taken."""

    def __init__(self) -> None:
        super().__init__(threading.RLock())
        self.messages: list[Record] = []
        self.slack = ""
        self.teams = ""

    def started(self, address: str) -> None:
        self.slack = address + SLACK
        self.teams = address + TEAMS

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        is_json = headers.get("Content-Type") == "application/json"
        try:
            payload: object = json.loads(body) if is_json and verb == "POST" else None
        except (ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            return Answer(HTTPStatus.BAD_REQUEST, b"invalid_payload")
        if address == SLACK:
            refusal, done = _slack(payload), Answer(HTTPStatus.OK, b"ok")
        elif address == TEAMS:
            refusal = _teams(payload) if len(body) <= MAX_CARD_BYTES else "RequestEntityTooLarge"
            done = Answer(HTTPStatus.ACCEPTED, b"")
        else:
            return Answer(HTTPStatus.NOT_FOUND, b"no_service")
        if refusal:
            return Answer(HTTPStatus.BAD_REQUEST, refusal.encode())
        self.messages.append(payload)
        return done


def _slack(payload: Record) -> str:
    blocks = payload.get("blocks", [])
    if not payload.get("text") and not blocks:
        return "no_text"
    if not isinstance(blocks, list) or len(blocks) > _MAX_BLOCKS:
        return "invalid_blocks"
    return "" if all(isinstance(each, dict) and _is_block(each) for each in blocks) else "invalid_blocks"


def _is_block(block: Record) -> bool:
    kind, text, fields = str(block.get("type")), block.get("text"), block.get("fields", [])
    if kind not in _LIMITS or (text is None and not fields) or not isinstance(fields, list):
        return False
    if kind == "header" and (not isinstance(text, dict) or text.get("type") != "plain_text" or fields):
        return False
    if len(fields) > _MAX_FIELDS or not all(_is_text(each, _MAX_FIELD) for each in fields):
        return False
    return text is None or _is_text(text, _LIMITS[kind])


def _is_text(text: object, limit: int) -> bool:
    if not isinstance(text, dict) or text.get("type") not in {"plain_text", "mrkdwn"}:
        return False
    if ("emoji" in text) > (text["type"] == "plain_text") or ("verbatim" in text) > (text["type"] == "mrkdwn"):
        return False
    said = text.get("text")
    return isinstance(said, str) and 1 <= len(said) <= limit


def _teams(payload: Record) -> str:
    attachments = payload.get("attachments")
    if payload.get("type") != "message" or not isinstance(attachments, list) or len(attachments) != 1:
        return "TriggerInputSchemaMismatch"
    (attachment,) = attachments
    card = attachment.get("content") if isinstance(attachment, dict) else None
    if not isinstance(card, dict) or attachment.get("contentType") != _CARD or card.get("type") != "AdaptiveCard":
        return "TriggerInputSchemaMismatch"
    known = all(isinstance(each, dict) and each.get("type") in _ELEMENTS for each in card.get("body", []))
    return "" if known and isinstance(card.get("version"), str) else "BotsInvalidAdaptiveCard"
