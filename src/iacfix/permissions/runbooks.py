"""Which calls a document of SSM Automation makes: what its own steps say."""

from collections.abc import Iterator, Mapping
from typing import Final

from iacfix.domain.errors import ConfigurationError
from iacfix.permissions.actions import Call

# Steps that call AWS by a service and an operation, and those that call nothing.
_CALLING: Final = frozenset({"aws:executeAwsApi", "aws:waitForAwsResourceProperty", "aws:assertAwsResourceProperty"})
_QUIET: Final = frozenset({"aws:branch", "aws:pause", "aws:sleep"})
_LOOP: Final = "aws:loop"


def calls_of_document(name: str, document: Mapping[str, object]) -> frozenset[Call]:
    """Raises ConfigurationError for a step of which nobody can say what it calls, such as a script."""
    return frozenset(_calls(name, document.get("mainSteps")))


def _calls(name: str, steps: object) -> Iterator[Call]:
    if not isinstance(steps, list) or not steps:
        raise ConfigurationError(f"the runbook {name} has no steps", remedy="give it `mainSteps`")
    for step in steps:
        action = step.get("action") if isinstance(step, Mapping) else None
        inputs = step.get("inputs", {}) if isinstance(step, Mapping) else {}
        if action in _QUIET:
            continue
        if action == _LOOP and isinstance(inputs, Mapping):
            yield from _calls(name, inputs.get("Steps"))
            continue
        if action not in _CALLING or not isinstance(inputs, Mapping):
            raise ConfigurationError(
                f"what the step {action} of the runbook {name} calls cannot be told",
                remedy=f"use {', '.join(sorted(_CALLING))}",
            )
        yield str(inputs.get("Service", "")).lower(), _operation(str(inputs.get("Api", "")))


def _operation(api: str) -> str:
    """Documents may write it as Python does too: `put_public_access_block`."""
    return "".join(part[:1].upper() + part[1:] for part in api.split("_"))
