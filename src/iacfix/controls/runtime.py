"""From the part of a control about the live resource to its value. The schema has been checked before."""

from collections.abc import Mapping
from typing import cast

from iacfix.domain.runbook import LiveRead, Run, RuntimeFix, Template

Node = Mapping[str, object]


def runtime_fix(entry: Node) -> RuntimeFix:
    reads = cast("Node", entry["reads"])
    return RuntimeFix(
        arn=str(entry["arn"]),
        run=_run(entry),
        reads=LiveRead(
            service=str(reads["service"]),
            operation=str(reads["operation"]),
            parameters=cast("Mapping[str, Template]", _template(reads.get("parameters", {}))),
            nothing=tuple(str(each) for each in cast("list[object]", reads.get("nothing", []))),
        ),
        state=_texts(entry.get("state", {})),
        absent={name: (said(value),) for name, value in cast("Node", entry.get("absent", {})).items()},
        right={name: _either(value) for name, value in cast("Node", entry.get("right", {})).items()},
        at_least=cast("Mapping[str, int]", entry.get("at_least", {})),
        leave=_texts(entry.get("leave", {})),
        open_port=cast("int", entry.get("open_port", 0)),
        owns=tuple(str(each) for each in cast("list[object]", entry["owns"])),
        restore=_run(cast("Node", entry["restore"])) if "restore" in entry else None,
        irreversible=str(entry.get("irreversible", "")),
        caveat=str(entry.get("caveat", "")),
    )


def said(value: object) -> str:
    """As SSM and its documents write it: a yes is `true`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _either(value: object) -> tuple[str, ...]:
    return tuple(map(said, value)) if isinstance(value, list) else (said(value),)


def _run(entry: Node) -> Run:
    return Run(str(entry["runbook"]), _texts(entry["parameters"]))


def _template(value: object) -> Template:
    if isinstance(value, dict):
        return {str(name): _template(each) for name, each in value.items()}
    return tuple(_template(each) for each in value) if isinstance(value, list) else str(value)


def _texts(value: object) -> Mapping[str, str]:
    return {name: str(each) for name, each in cast("Node", value).items()}
