"""From the configuration to what is let in, and to what callers over HTTP have to show."""

from iacfix.config.intake import HttpSettings, IntakeSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.findings.acceptance import SHAPES, Acceptance
from iacfix.findings.authentication import Kind, Proof


def acceptance_from(settings: IntakeSettings) -> Acceptance:
    """Raises ConfigurationError for a shape that does not exist: it would let in nothing, and say so to nobody."""
    if unknown := sorted(set(settings.shapes) - SHAPES):
        known = ", ".join(sorted(SHAPES))
        raise ConfigurationError(f"intake.shapes: {unknown[0]} is no shape", remedy=f"known are {known}")
    return Acceptance(
        shapes=frozenset(settings.shapes),
        accounts=frozenset(settings.accounts),
        queues=frozenset(settings.queues),
        topics=frozenset(settings.topics),
        senders=frozenset(settings.senders),
    )


def proof_from(settings: HttpSettings | None) -> Proof | None:
    """None: nothing comes in over HTTP. Raises ConfigurationError for a secret that is not set or could be guessed."""
    if settings is None:
        return None
    if settings.unset:
        raise ConfigurationError(
            f"intake.http.secrets: the variable {settings.unset[0]} is not set",
            remedy="set it to a secret, or take its name out",
        )
    secrets = tuple(each.encode() for each in settings.secrets)
    return Proof(secrets, Kind(settings.proof), settings.header, window=settings.window)
