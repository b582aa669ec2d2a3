"""Why a recipe gives up. It ends the recipe and becomes a Declined."""

from iacfix.domain.decision import Reading
from iacfix.domain.errors import IacfixError


class DeclinedError(IacfixError):
    """No safe change is known, because …."""


class UnprovenError(DeclinedError):
    """The same, where the setting at fault is looked at and nothing shows that it is right."""


class ReadingError(UnprovenError):
    """The same, where the setting is a variable or a local: its value may be mended where it is set."""

    def __init__(self, what: str, reading: Reading) -> None:
        super().__init__(what)
        self.reading = reading
