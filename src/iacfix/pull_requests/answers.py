"""What iacfix answers to a command in a comment. No line of an answer begins with a command."""

import hashlib

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.pull_requests.commands import USAGE
from iacfix.pull_requests.markdown import code, fence, inline

_LENGTH = 600
_REFERENCES = 5


def answer_key(comment: str) -> str:
    """That of our comment which answers the one with this id."""
    return f"answer-{_short(comment)}"


def refusal_key(author: str) -> str:
    """Whoever may not command is told once in a pull request, however often they try: nobody makes us write more."""
    return f"no-access-{_short(author)}"


def not_allowed() -> str:
    return (
        "Thank you. iacfix does here what people with write access to this repository ask for, so that nothing was "
        "done. One of them can give the command instead."
    )


def not_understood(why: str) -> str:
    """`why` may hold words of the one who asked."""
    return f"Nothing was done: {inline(why.replace('`', ''), _LENGTH)}.\n\nThere are {USAGE}."


def said(outcome: str, details: str = "") -> str:
    """`outcome` is ours; `details` may hold anything."""
    return f"{outcome} {inline(details, _LENGTH)}".rstrip()


def ignored() -> str:
    return "Closed. iacfix does not open it again until the finding changes."


def accepted(until: str, url: str, *, is_new: bool) -> str:
    what = "is asked for" if is_new else "was asked for already"
    where = f": {url}" if url.startswith(("https://", "http://")) else ""
    return (
        f"An exception until {until} {what} in a pull request of its own{where}. "
        "Once it is merged, `iacfix prs refresh` closes this one."
    )


def no_exceptions_file(path: str, text: str) -> str:
    return (
        f"There is no {code(path, _LENGTH)} yet, and iacfix only changes files that are there. "
        f"Add it with this, and the exception holds:\n\n{fence(text, 'yaml')}"
    )


def explained(finding: Finding, control: Control | None, change: str, *, by_model: bool) -> str:
    parts = [f"**{inline(control.title if control else finding.title or finding.check_id, _LENGTH)}**"]
    if control is None:
        parts.append("The catalogue knows no more of this check than the tool that reported it.")
    else:
        parts += [inline(control.why, _LENGTH)]
        parts += [f"When the change is applied: {inline(control.effect, _LENGTH)}"] if control.effect else []
        parts += [f"`iacfix controls show {control.id}` tells what is checked, and how it is fixed."]
        parts += [f"- {code(each, _LENGTH)}" for each in control.references[:_REFERENCES]]
    if change:
        who = "its author, whose words nobody has checked, says" if by_model else "it"
        parts.append(f"Of the change {who}: “{inline(change, _LENGTH)}”")
    return "\n\n".join(parts)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
