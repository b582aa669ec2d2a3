"""The pull request that asks for an exception: people decide on it by merging it or not."""

import hashlib
import json

from iacfix.domain.change_request import BaseCommit, ChangeRequest, Person
from iacfix.domain.marks import content_hash, facts_marker, marker, trailer
from iacfix.domain.proposal import Edit
from iacfix.pull_requests.markdown import code, disarmed, fence, inline

FACT = "exception"  # in the marker: such a pull request holds no fix

_TITLE_LENGTH = 120
_LENGTH = 400


def exception_request(  # noqa: PLR0913 - all that people decide by
    fix: str,
    name: str,
    edit: Edit,
    entry: str,
    *,
    base: BaseCommit,
    until: str,
    approver: str,
    reason: str,
    labels: tuple[str, ...] = (),
    reviewers: tuple[Person, ...] = (),
) -> ChangeRequest:
    """`fix` is the key of the fix that is not wanted, `name` what is accepted, `entry` the new lines of the file."""
    key = hashlib.sha256(json.dumps(["exception", fix]).encode("ascii")).hexdigest()
    content = content_hash((edit,))
    title = disarmed(f"Accept the risk until {until}: {name}", _TITLE_LENGTH)
    facts = {FACT: fix, "base": base.commit, "content": content}
    body = (
        f"{marker(key)}\n{facts_marker(facts)}\n\n"
        f"**Exception.** {inline(name, _LENGTH)} stays as it is until {until}; then the finding comes back.\n\n"
        f"**Reason**, in the words of {code(approver, _LENGTH)}, who asks for it:\n\n> “{inline(reason, _LENGTH)}”\n\n"
        f"{fence(entry, 'yaml')}\n\n"
        "**To accept the risk**, merge this. To have it mended instead, close it."
    )
    message = f"{title}\n\nAsked for by: {disarmed(approver, _LENGTH)}\n\n{trailer(key, content)}\n"
    return ChangeRequest(
        key=key,
        branch=f"iacfix/exception/{key[:12]}",
        base=base.commit,
        title=title,
        body=body,
        commit_message=message,
        edits=(edit,),
        content=content,
        target=base.branch,
        labels=labels,
        reviewers=reviewers,
    )
