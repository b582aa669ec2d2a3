"""From the configuration to what looks at live resources."""

from iacfix.adapters.aws.posture import AwsPosture, Reading
from iacfix.config import VerificationSettings
from iacfix.controls import Catalogue
from iacfix.verification import every_operation
from iacfix.workflows.verify import Verifier


def posture_from(settings: VerificationSettings) -> AwsPosture:
    """Raises ConfigurationError for a role without accounts."""
    return AwsPosture(
        Reading(
            every_operation(),
            role=settings.role_arn,
            external_id=settings.external_id,
            accounts=settings.accounts,
            regions=settings.regions,
            tags=settings.session_tags,
        )
    )


def verifier_from(settings: VerificationSettings, catalogue: Catalogue, *, wait: float | None = None) -> Verifier:
    """`wait` in seconds goes before the configuration's; 0 looks at once. Raises ConfigurationError."""
    return Verifier(catalogue, posture_from(settings).about, settings.wait if wait is None else wait)
