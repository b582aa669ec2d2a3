"""Notices as Jira Cloud's issues and comments: Atlassian Document Format, whose text nodes hold nothing but text."""

from collections.abc import Mapping
from typing import Final

from iacfix.domain.notice import Notice
from iacfix.notices.message import Message, broken, mark, message, title

Node = Mapping[str, object]
MAX_SUMMARY: Final = 255
LABEL: Final = "iacfix"


def summary(notice: Notice) -> str:
    return broken(title(notice))[:MAX_SUMMARY]


def labels(notice: Notice) -> list[str]:
    return [LABEL, mark(notice.key)]


def description(notice: Notice) -> Node:
    return _document(message(notice))


def comment(notice: Notice, more: str = "") -> Node:
    """`more` is a sentence of ours."""
    return _document(message(notice), more)


def sentence(text: str) -> Node:
    return {"type": "doc", "version": 1, "content": [_paragraph(_text(text))]}


def _document(said: Message, more: str = "") -> Node:
    content = [_paragraph(_text(said.headline, "strong"))]
    content += [_paragraph(_text(text)) for text in (said.body, more) if text]
    if said.facts:
        items = [_item(_text(f"{name}: ", "strong"), _text(value)) for name, value in said.facts]
        content.append({"type": "bulletList", "content": items})
    content += [_paragraph(_linked(each.words, each.url)) for each in said.links]
    return {"type": "doc", "version": 1, "content": content}


def _item(*nodes: Node) -> Node:
    return {"type": "listItem", "content": [_paragraph(*nodes)]}


def _paragraph(*nodes: Node) -> Node:
    return {"type": "paragraph", "content": list(nodes)}


def _text(text: str, *marks: str) -> Node:
    node: dict[str, object] = {"type": "text", "text": broken(text)}
    return {**node, "marks": [{"type": each} for each in marks]} if marks else node


def _linked(words: str, url: str) -> Node:
    return {"type": "text", "text": words, "marks": [{"type": "link", "attrs": {"href": url}}]}
