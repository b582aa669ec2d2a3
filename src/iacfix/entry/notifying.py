"""From settings and environment to who is told. Webhooks and tokens are read here and stand in no message."""

import time
from collections.abc import Mapping
from pathlib import Path

from iacfix import __version__
from iacfix.adapters.aws.role import Role
from iacfix.adapters.aws.tables import dynamodb
from iacfix.adapters.stores.told_sqlite import SqliteTold
from iacfix.config.load_notify import DYNAMODB
from iacfix.config.notify import (
    AZURE_DEVOPS_TOKEN,
    JIRA_TOKEN,
    JIRA_USER,
    SLACK_WEBHOOK,
    TEAMS_WEBHOOK,
    ForSettings,
    NotifySettings,
    TrackerSettings,
)
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.secrets import with_secrets
from iacfix.ports import CloudReadError
from iacfix.ports.notifier import Notifier
from iacfix.ports.stores import LedgerStore
from iacfix.ports.told import ToldStore
from iacfix.workflows.notify import Notifying, Subscription

Environment = Mapping[str, str]


def notifying_from(
    settings: NotifySettings,
    environ: Environment,
    *,
    store: LedgerStore | None = None,
    actor: str = f"iacfix/{__version__}",
) -> Notifying:
    """`store` has the audit record. Raises ConfigurationError where something is missing, before anybody is told."""
    known = _with_named(environ)
    found: list[Subscription] = []
    if settings.sns is not None:
        from iacfix.adapters.notifiers.sns import SnsNotifier  # noqa: PLC0415 - only who tells there pays for it

        role = Role(settings.sns.role_arn, settings.sns.external_id) if settings.sns.role_arn else None
        found.append(Subscription(SnsNotifier(settings.sns.topic, role=role), summaries=settings.summary))
    if settings.slack is not None or settings.teams is not None:
        from iacfix.adapters.notifiers.chats import SlackNotifier, TeamsNotifier  # noqa: PLC0415 - as above

        if settings.slack is not None:
            slack = SlackNotifier(_secret(known, SLACK_WEBHOOK, "Slack"))
            found.append(_subscribed(slack, settings.slack, summaries=settings.summary))
        if settings.teams is not None:
            teams = TeamsNotifier(_secret(known, TEAMS_WEBHOOK, "Teams"))
            found.append(_subscribed(teams, settings.teams, summaries=settings.summary))
    if settings.jira is not None:
        found.append(_subscribed(_jira(settings.jira, known), settings.jira.told_of, summaries=False))
    if settings.azure_devops is not None:
        found.append(_subscribed(_azure(settings.azure_devops, known), settings.azure_devops.told_of, summaries=False))
    contacts = settings.account_owner_map
    return Notifying(tuple(found), told_store(settings), time.sleep, store, actor, contacts=contacts)


def told_store(settings: NotifySettings) -> ToldStore:
    """Raises ConfigurationError where its folder cannot be made."""
    if settings.told.startswith(DYNAMODB):
        from iacfix.adapters.stores.told_dynamodb import DynamoDbTold  # noqa: PLC0415 - as above

        return DynamoDbTold(dynamodb(), settings.told.removeprefix(DYNAMODB))
    path = Path(settings.told)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path.parent} cannot be made: {error.strerror}", remedy="name another file as notify.told"
        ) from None
    return SqliteTold(path)


def _subscribed(notifier: Notifier, told_of: ForSettings, *, summaries: bool) -> Subscription:
    return Subscription(notifier, told_of.occasions, told_of.min_severity, summaries)


def _jira(settings: TrackerSettings, environ: Environment) -> Notifier:
    from iacfix.adapters.notifiers.jira import PRIORITIES, JiraNotifier, JiraProject  # noqa: PLC0415 - as above

    project = JiraProject(
        settings.url,
        settings.project,
        settings.type,
        {**PRIORITIES, **settings.priorities},
        settings.done,
        settings.reopened,
        settings.people,
    )
    return JiraNotifier(project, _secret(environ, JIRA_USER, "Jira"), _secret(environ, JIRA_TOKEN, "Jira"))


def _azure(settings: TrackerSettings, environ: Environment) -> Notifier:
    from iacfix.adapters.notifiers.azure_devops import (  # noqa: PLC0415 - as above
        PRIORITIES,
        AzureDevOpsNotifier,
        AzureProject,
    )

    given = {severity: _priority(each) for severity, each in settings.priorities.items()}
    project = AzureProject(
        settings.url,
        settings.project,
        settings.type,
        {**PRIORITIES, **given},
        settings.area,
        settings.done,
        settings.reopened,
        settings.people,
    )
    return AzureDevOpsNotifier(project, _secret(environ, AZURE_DEVOPS_TOKEN, "Azure DevOps"))


def _priority(text: str) -> int:
    if text not in {"1", "2", "3", "4"}:
        raise ConfigurationError(f"{text[:20]!r} is no priority of Azure DevOps", remedy='give "1" to "4"')
    return int(text)


def _with_named(environ: Environment) -> Environment:
    try:
        return with_secrets(environ)
    except CloudReadError as error:
        raise ConfigurationError(error.what, remedy=error.remedy) from None


def _secret(environ: Environment, name: str, service: str) -> str:
    if value := environ.get(name, "").strip():
        return value
    raise ConfigurationError(f"{service} cannot be told without {name}", remedy=f"set it, or {name}_FROM")
