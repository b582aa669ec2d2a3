"""What a user can say about who is told of findings. Webhooks, tokens and passwords are never in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iacfix.domain.finding import Severity
from iacfix.domain.notice import Occasion

SLACK_WEBHOOK = "IACFIX_SLACK_WEBHOOK"
TEAMS_WEBHOOK = "IACFIX_TEAMS_WEBHOOK"
JIRA_USER = "IACFIX_JIRA_USER"
JIRA_TOKEN = "IACFIX_JIRA_TOKEN"  # noqa: S105 - the name of a variable
AZURE_DEVOPS_TOKEN = "IACFIX_AZURE_DEVOPS_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class ForSettings:
    """What one notifier is for: on which occasions, and from which severity on."""

    occasions: frozenset[Occasion] = frozenset(Occasion)
    min_severity: Severity = Severity.UNKNOWN


@dataclass(frozen=True, slots=True)
class SnsSettings:
    topic: str
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """`url` is the site's (Jira) or the organization's (Azure DevOps). `priorities` are by severity, as the tracker has
    them; what is left out is as the tracker usually has it. `people` leads from a contact to the tracker's name of it.
    """

    url: str
    project: str
    type: str = "Task"
    priorities: Mapping[Severity, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    area: str = ""
    done: str = ""
    reopened: str = ""
    told_of: ForSettings = field(default_factory=ForSettings)


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """`told` is the file of what was told, or `dynamodb:TABLE`. `account_owner_map` leads from an
    account to a contact, for findings that no rule over tags gives to somebody with one. Topics get everything.
    """

    told: str
    summary: bool = True
    account_owner_map: Mapping[str, str] = field(default_factory=dict)
    sns: SnsSettings | None = None
    slack: ForSettings | None = None
    teams: ForSettings | None = None
    jira: TrackerSettings | None = None
    azure_devops: TrackerSettings | None = None
