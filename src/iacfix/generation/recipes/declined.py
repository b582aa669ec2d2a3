"""Why a recipe gives up. It ends the recipe and becomes a Declined."""

from iacfix.domain.errors import IacfixError


class DeclinedError(IacfixError):
    """No safe change is known, because …."""


class UnprovenError(DeclinedError):
    """The same, where the setting at fault is looked at and nothing shows that it is right."""
