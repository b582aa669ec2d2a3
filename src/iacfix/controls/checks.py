"""Which checks the tools have, by service: what the catalogue is measured against."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import cast

OTHER = "other"


@cache
def known_checks() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """By tool and service. Of Checkov's graph checks (`CKV2_…`) only some are listed."""
    text = (resources.files("iacfix.controls") / "checks.json").read_text(encoding="utf-8")
    loaded = cast("Mapping[str, Mapping[str, list[str]]]", json.loads(text))
    return {tool: {service: tuple(ids) for service, ids in services.items()} for tool, services in loaded.items()}
