"""How far each finding came on its way round."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from iacfix.testing.security_hub_findings import Findings

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """`closed` is the workflow status in Security Hub, `again` whether what had found it finds it still."""

    check: str
    resource: str
    status: str
    place: str
    branch: str
    seen: str
    state: str
    closed: str
    again: bool

    @property
    def is_round(self) -> bool:
        """It was fixed in the code, and everybody agrees that it is gone."""
        fixed = self.status == "proposed" and self.seen == "resolved" and self.state == "fixed"
        return fixed and self.closed == "RESOLVED" and not self.again

    @property
    def is_caught(self) -> bool:
        """It was fixed in the code, what is deployed has it not, and nobody claims otherwise."""
        still = self.status == "proposed" and self.seen == "still_open" and self.again
        return still and self.state == "still_open" and self.closed == "NOTIFIED"

    @property
    def is_left(self) -> bool:
        """Nothing was to be done, nothing was done, and nobody claims otherwise."""
        untouched = self.status == "not_eligible" and self.seen == "still_open" and self.again
        return untouched and self.state == "human_review" and self.closed != "RESOLVED"


def rows_of(
    proposed: Sequence[Document], seen: Sequence[Document], hub: Findings, again: Collection[tuple[str, str]]
) -> list[Row]:
    """`proposed` is what `generate` told, `seen` what `verify` told, in any order. `again` are check and resource of
    what is found now.
    """
    looks = {(_text(each, "control"), _text(each, "resource")): each for each in seen}
    found: list[Row] = []
    for outcome in proposed:
        check, resource = _text(outcome, "check_id"), _text(outcome, "resource")
        look = looks.get((_text(outcome, "control"), resource), {})
        pull_request = outcome.get("pull_request")
        found.append(
            Row(
                check=check,
                resource=resource,
                status=_text(outcome, "status"),
                place=_text(outcome, "path"),
                branch=_text(cast("Document", pull_request), "branch") if pull_request else "",
                seen=_text(look, "result"),
                state=_text(look, "state"),
                closed=hub.status(_text(outcome, "finding_id"))[0],
                again=(check, resource) in again,
            )
        )
    return found


def _text(document: Document, name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
