"""From the configuration to where findings are asked for, and where it is told what became of them."""

from iacfix import __version__
from iacfix.adapters.aws.role import Role
from iacfix.adapters.aws.security_hub import Connection, SecurityHub
from iacfix.adapters.aws.security_hub_rules import SecurityHubRules
from iacfix.adapters.aws.security_hub_v2 import SecurityHubV2
from iacfix.adapters.wiz.client import AUTH, Credentials, WizClient
from iacfix.adapters.wiz.issues import WizIssues
from iacfix.config import Settings
from iacfix.config.finding_sources import SecurityHubSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.ports.findings_source import FindingsSource, FindingTracker

AUTHOR = f"iacfix/{__version__}"


def security_hub_from(settings: Settings) -> SecurityHub | SecurityHubV2:
    """Nothing is asked yet."""
    connection = _connection(settings.security_hub)
    return SecurityHubV2(connection) if settings.security_hub.api == "v2" else SecurityHub(connection, author=AUTHOR)


def wiz_from(settings: Settings) -> WizIssues:
    """Raises ConfigurationError."""
    wiz = settings.wiz
    if not wiz.api:
        raise ConfigurationError("the configuration says nothing of Wiz", remedy="set `wiz.api`: docs/security-hub.md")
    client = WizClient(wiz.api, Credentials(wiz.client_id, wiz.client_secret), auth=wiz.auth or AUTH)
    return WizIssues(client, rescan=wiz.rescan)


def source_from(settings: Settings, name: str) -> FindingsSource:
    """`security-hub` or `wiz`. Raises ConfigurationError."""
    if name not in {"security-hub", "wiz"}:
        raise ConfigurationError(f"findings are not pulled from {name[:40]!r}", remedy="name security-hub or wiz")
    return wiz_from(settings) if name == "wiz" else security_hub_from(settings)


def trackers_from(settings: Settings) -> tuple[FindingTracker, ...]:
    """Those that keep findings: Security Hub, and Wiz where it is configured. Raises ConfigurationError."""
    hub = security_hub_from(settings)
    return (hub, wiz_from(settings)) if settings.wiz.api else (hub,)


def rules_kept_by(settings: Settings) -> SecurityHubRules:
    return SecurityHubRules(_connection(settings.security_hub), author=AUTHOR)


def _connection(settings: SecurityHubSettings) -> Connection:
    role = Role(settings.role_arn, settings.external_id) if settings.role_arn else None
    return Connection(settings.region, role)
