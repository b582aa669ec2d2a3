"""What a user can choose: one file, a few variables, one frozen value."""

from iacfix.config.assurance import ChangeSetSettings, PlanSettings, RescanSettings, StageSettings
from iacfix.config.hosting import CODEOWNERS, GitHostSettings, PullRequestSettings
from iacfix.config.load import load_settings
from iacfix.config.locating import LocateSettings, RepositorySettings, StateSetting
from iacfix.config.remediation import RemediationSettings
from iacfix.config.settings import ModelSettings, PriceSettings, RedactSettings, Settings
from iacfix.config.triage import TriageSettings
from iacfix.config.verification import VerificationSettings

__all__ = [
    "CODEOWNERS",
    "ChangeSetSettings",
    "GitHostSettings",
    "LocateSettings",
    "ModelSettings",
    "PlanSettings",
    "PriceSettings",
    "PullRequestSettings",
    "RedactSettings",
    "RemediationSettings",
    "RepositorySettings",
    "RescanSettings",
    "Settings",
    "StageSettings",
    "StateSetting",
    "TriageSettings",
    "VerificationSettings",
    "load_settings",
]
