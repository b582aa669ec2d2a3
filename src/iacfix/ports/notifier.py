"""Who tells people."""

from typing import Protocol

from iacfix.domain.notice import Notice, Summary


class Notifier(Protocol):
    """Raises NotifierError where it could not tell; that never fails a finding."""

    @property
    def name(self) -> str:
        """As the configuration has it: `sns`, `slack`."""

    def tell(self, notice: Notice, before: str = "") -> str:
        """The link to what was made of it (a ticket), "" where there is none. `before` is the link that was answered
        for the same key earlier, "" where nobody knows. Doing it again makes no second ticket.

        Raises NotifierUnsureError where it may have been told nevertheless.
        """

    def summarize(self, summary: Summary) -> None: ...
