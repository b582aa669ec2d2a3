"""Checks that no change of code can meet, and why."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import cast

import yaml

from iacfix.controls.names import canonical

Node = Mapping[str, object]


@cache
def beyond_code() -> Mapping[tuple[str, str], str]:
    """The reason by the canonical name of a check."""
    text = (resources.files("iacfix.controls") / "beyond_code.yaml").read_text(encoding="utf-8")
    return {
        canonical(tool, name): str(group["reason"])
        for group in cast("list[Node]", yaml.safe_load(text))
        for tool, names in cast("Mapping[str, list[str]]", group["names"]).items()
        for name in names
    }
