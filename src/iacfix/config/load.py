"""From `iacfix.yaml` and the environment to Settings. The file wins over the environment."""

import json
from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import cast

import jsonschema
import yaml

from iacfix.config.settings import GitHostSettings, ModelSettings, Settings, Value
from iacfix.domain.errors import ConfigurationError

MAX_BYTES = 256 * 1024

Node = Mapping[str, object]


class _StrictLoader(yaml.SafeLoader):
    """Refuses what a person did not mean: keys written twice, and aliases, which can blow a small file up."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise ConfigurationError("aliases are not read", remedy="write the value out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise ConfigurationError(f"line {key_node.start_mark.line + 1}: {key} is written twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Raises ConfigurationError naming file, key and what is allowed. Paths in the file are relative to the file."""
    entry = _read(path) if path is not None else {}
    folder = path.parent if path is not None else Path()
    model, host = cast("Node", entry.get("model", {})), cast("Node", entry.get("git_host", {}))
    return Settings(
        generator=str(entry.get("generator", Settings().generator)),
        model=_model(model, environ),
        max_changed_lines=cast("int", entry.get("max_changed_lines", Settings().max_changed_lines)),
        defaults={key: _value(value) for key, value in cast("Node", entry.get("defaults", {})).items()},
        git_host=GitHostSettings(
            kind=str(host.get("kind", GitHostSettings().kind)),
            folder=folder / str(host["folder"]) if "folder" in host else _state_folder(environ),
        ),
        controls=tuple(folder / str(each) for each in cast("list[object]", entry.get("controls", []))),
    )


def _model(entry: Node, environ: Mapping[str, str]) -> ModelSettings:
    standard = ModelSettings()
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or standard.region
    return ModelSettings(
        id=str(entry.get("id", environ.get("IACFIX_MODEL", standard.id))),
        region=str(entry.get("region", region)),
        max_tokens=cast("int", entry.get("max_tokens", standard.max_tokens)),
        connect_timeout=cast("float", entry.get("connect_timeout", standard.connect_timeout)),
        read_timeout=cast("float", entry.get("read_timeout", standard.read_timeout)),
        max_attempts=cast("int", entry.get("max_attempts", standard.max_attempts)),
    )


def _state_folder(environ: Mapping[str, str]) -> Path:
    """By the XDG base directory specification."""
    state = environ.get("XDG_STATE_HOME") or f"{environ.get('HOME') or '~'}/.local/state"
    return Path(state).expanduser() / "iacfix" / "pull-requests"


def _read(path: Path) -> Node:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", remedy="correct --config") from None
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"{path} is larger than {MAX_BYTES} bytes", remedy="is it the right file?")
    try:
        loaded: object = yaml.load(data.decode(), _StrictLoader)  # noqa: S506 - a SafeLoader, made stricter
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error.what}", remedy=error.remedy) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ConfigurationError(f"{path} is not YAML: {' '.join(str(error).split())[:300]}") from None
    entry = {} if loaded is None else loaded
    _check(path, entry)
    return cast("Node", entry)


def _check(path: Path, entry: object) -> None:
    validator = jsonschema.Draft202012Validator(_schema())
    wrong = jsonschema.exceptions.best_match(validator.iter_errors(entry))
    if wrong is None:
        return
    where = ".".join(str(part) for part in wrong.absolute_path)
    if wrong.validator == "additionalProperties" and isinstance(wrong.instance, dict):
        known = list(cast("Node", cast("Node", wrong.schema)["properties"]))
        unknown = [str(key) for key in wrong.instance if key not in known]
        near = get_close_matches(unknown[0], known, n=1)
        meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise ConfigurationError(f"{path}: {'.'.join(filter(None, (where, unknown[0])))} is no key", remedy=meant)
    raise ConfigurationError(
        f"{path}: {where or 'the file'}: {wrong.message[:300]}", remedy="see docs/configuration.md"
    )


@cache
def _schema() -> Node:
    text = (resources.files("iacfix.config") / "iacfix.schema.json").read_text(encoding="utf-8")
    return cast("Node", json.loads(text))


def _value(value: object) -> Value:
    return tuple(_value(item) for item in value) if isinstance(value, list) else cast("Value", value)
