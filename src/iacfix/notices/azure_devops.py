"""Notices as work items of Azure DevOps: titles and tags are text, descriptions and remarks HTML."""

import html
from collections.abc import Mapping, Sequence
from typing import Final

from iacfix.domain.notice import Notice
from iacfix.notices.message import Message, broken, mark, message, title

Operation = Mapping[str, object]
MAX_TITLE: Final = 255
TAG: Final = "iacfix"


def summary(notice: Notice) -> str:
    return broken(title(notice))[:MAX_TITLE]


def tags(notice: Notice, more: Sequence[str] = ()) -> str:
    return "; ".join((TAG, mark(notice.key), *more))


def description(notice: Notice) -> str:
    return _html(message(notice))


def remark(notice: Notice, more: str = "") -> str:
    """`more` is a sentence of ours."""
    return _html(message(notice), more)


def field(name: str, value: object) -> Operation:
    """An operation of JSON Patch, as "Work Items - Update" has it."""
    return {"op": "add", "path": f"/fields/{name}", "value": value}


def escaped(text: str) -> str:
    return html.escape(broken(text), quote=True)


def _html(said: Message, more: str = "") -> str:
    parts = [f"<p><b>{escaped(said.headline)}</b></p>"]
    parts += [f"<p>{escaped(text)}</p>" for text in (said.body, more) if text]
    if said.facts:
        items = (f"<li><b>{escaped(name)}:</b> {escaped(value)}</li>" for name, value in said.facts)
        parts.append(f"<ul>{''.join(items)}</ul>")
    parts += [
        f'<p><a href="{html.escape(each.url)}" rel="noopener noreferrer">{html.escape(each.words)}</a></p>'
        for each in said.links
    ]
    return "".join(parts)
