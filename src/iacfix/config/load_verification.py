"""From the part of `iacfix.yaml` about verification to its settings. The schema has been checked before."""

from collections.abc import Mapping
from typing import cast

from iacfix.config.verification import DEFAULT_WAIT, VerificationSettings


def verification_settings(entry: Mapping[str, object]) -> VerificationSettings:
    return VerificationSettings(
        role_arn=str(entry.get("role_arn", "")),
        external_id=str(entry.get("external_id", "")),
        accounts=_texts(entry.get("accounts")),
        regions=_texts(entry.get("regions")),
        wait=float(cast("float", entry.get("wait", DEFAULT_WAIT))),
        session_tags=bool(entry.get("session_tags", True)),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value or []))
