"""From the parts of `iacfix.yaml` about sources of findings to their settings. The schema has been checked before."""

from collections.abc import Mapping

from iacfix.config.finding_sources import SecurityHubSettings, WizSettings

Node = Mapping[str, object]
CLIENT_ID, CLIENT_SECRET = "WIZ_CLIENT_ID", "WIZ_CLIENT_SECRET"


def security_hub_settings(entry: Node) -> SecurityHubSettings:
    return SecurityHubSettings(**{name: str(value) for name, value in entry.items()})


def wiz_settings(entry: Node, environ: Mapping[str, str]) -> WizSettings:
    return WizSettings(
        api=str(entry.get("api", "")),
        auth=str(entry.get("auth", "")),
        rescan=bool(entry.get("rescan", True)),
        client_id=environ.get(CLIENT_ID, ""),
        client_secret=environ.get(CLIENT_SECRET, ""),
    )
