"""What a user can choose, as one frozen value. Defaults stand here and, for editors, in iacfix.schema.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from iacfix.config.assurance import ChangeSetSettings, PlanSettings, RescanSettings, StageSettings
from iacfix.config.finding_sources import SecurityHubSettings, WizSettings
from iacfix.config.hosting import GitHostSettings, PullRequestSettings
from iacfix.config.intake import IntakeSettings
from iacfix.config.locating import LocateSettings, RepositorySettings
from iacfix.config.notify import NotifySettings
from iacfix.config.remediation import RemediationSettings
from iacfix.config.triage import TriageSettings
from iacfix.config.verification import VerificationSettings
from iacfix.domain.errors import ConfigurationError

Value = str | int | bool | tuple["Value", ...]

# Where the size stage ends for everybody: a configuration may ask for less, never for more.
MAX_CHANGED_LINES = 50


# More at once than any account's quota of a model lets through.
MAX_CONCURRENCY = 32


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """US dollars for a million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write: float


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model, if any; timeouts are in seconds, `max_attempts` counts the first call of a request too. Costs are US
    dollars; a limit of 0 is none.
    """

    id: str = ""
    region: str = ""
    max_tokens: int = 4096
    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    max_attempts: int = 4
    endpoint: str = "bedrock"
    fallback: str = ""
    role_arn: str = ""
    external_id: str = ""
    guardrail_id: str = ""
    guardrail_version: str = "DRAFT"
    tokens_per_finding: int = 0
    tokens_per_run: int = 0
    cost_per_finding: float = 0.0
    cost_per_run: float = 0.0
    prices: Mapping[str, PriceSettings] = field(default_factory=dict)
    concurrency: int = 4


@dataclass(frozen=True, slots=True)
class RedactSettings:
    """What is hidden from models beside secrets, which always are."""

    account_ids: bool = False
    arns: bool = False
    uuids: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """`defaults` are values that recipes need and only the user knows; `controls` are folders of own controls. `ledger`
    is where it is kept: a file, or `dynamodb:TABLE`; "" is nowhere.

    Raises ConfigurationError when `max_changed_lines` is not 1 to 50, wherever it came from.
    """

    generator: str = "auto"
    model: ModelSettings = field(default_factory=ModelSettings)
    max_changed_lines: int = MAX_CHANGED_LINES
    defaults: Mapping[str, Value] = field(default_factory=dict)
    git_host: GitHostSettings = field(default_factory=GitHostSettings)
    controls: tuple[Path, ...] = ()
    locate: LocateSettings = field(default_factory=LocateSettings)
    repositories: tuple[RepositorySettings, ...] = ()
    stages: StageSettings = field(default_factory=StageSettings)
    rescan: RescanSettings = field(default_factory=RescanSettings)
    plan: PlanSettings = field(default_factory=PlanSettings)
    change_set: ChangeSetSettings = field(default_factory=ChangeSetSettings)
    redact: RedactSettings = field(default_factory=RedactSettings)
    triage: TriageSettings | None = None
    verification: VerificationSettings = field(default_factory=VerificationSettings)
    remediation: RemediationSettings = field(default_factory=RemediationSettings)
    pull_requests: PullRequestSettings = field(default_factory=PullRequestSettings)
    security_hub: SecurityHubSettings = field(default_factory=SecurityHubSettings)
    wiz: WizSettings = field(default_factory=WizSettings)
    ledger: str = ""
    intake: IntakeSettings = field(default_factory=IntakeSettings)
    notify: NotifySettings | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.max_changed_lines <= MAX_CHANGED_LINES:
            raise ConfigurationError(
                f"max_changed_lines is {self.max_changed_lines}", remedy=f"give 1 to {MAX_CHANGED_LINES}"
            )
