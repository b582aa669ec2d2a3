"""From `iacfix.yaml` and the environment to Settings. The file wins over the environment."""

import json
import math
from collections.abc import Callable, Hashable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import cast

import jsonschema
import yaml

from iacfix.config.hosting import GitHostSettings
from iacfix.config.load_assurance import change_set_settings, plan_settings, rescan_settings, stage_settings
from iacfix.config.load_finding_sources import security_hub_settings, wiz_settings
from iacfix.config.load_hosting import git_host_settings, pull_request_settings
from iacfix.config.load_intake import intake_settings
from iacfix.config.load_locating import locate_settings, repository_settings
from iacfix.config.load_notify import notify_settings
from iacfix.config.load_remediation import remediation_settings
from iacfix.config.load_triage import triage_settings
from iacfix.config.load_verification import verification_settings
from iacfix.config.settings import ModelSettings, PriceSettings, RedactSettings, Settings, Value
from iacfix.config.stores import table_at
from iacfix.domain.errors import ConfigurationError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

Node = Mapping[str, object]


class _StrictLoader(yaml.SafeLoader):
    """Refuses what a person did not mean: keys written twice or read as something else than text (`on`, `1`), aliases,
    which can blow a small file up, and nesting that no setting has.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise ConfigurationError("aliases are not read", remedy="write the value out")
        if self.depth == MAX_DEPTH:
            raise ConfigurationError("it is nested too deeply", remedy=f"{MAX_DEPTH} levels is the most")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[str] = set()
        for key_node, _ in node.value:
            line, key = key_node.start_mark.line + 1, self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise ConfigurationError(f"line {line}: the key is not text", remedy="put it in quotes")
            if key in seen:
                raise ConfigurationError(f"line {line}: {key} is written twice", remedy="keep one of them")
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_finite(self, node: yaml.ScalarNode) -> float:
        """`.nan` is neither above nor below a limit, so that no limit would stop it."""
        number = self.construct_yaml_float(node)
        if not math.isfinite(number):
            raise ConfigurationError(
                f"line {node.start_mark.line + 1}: not a number with an end", remedy="give a figure"
            )
        return number


_StrictLoader.add_constructor("tag:yaml.org,2002:float", _StrictLoader.construct_finite)


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Raises ConfigurationError naming file, key and what is allowed. Paths in the file are relative to the file."""
    entry = _read(path) if path is not None else {}
    folder = path.parent if path is not None else Path()

    def to_path(value: object) -> Path:
        return _path(folder, value, environ)

    model = cast("Node", entry.get("model", {}))
    local = GitHostSettings(folder=_state_folder(environ))
    host = git_host_settings(cast("Node", entry.get("git_host", {})), local, to_path)
    ledger = _address(entry["ledger"], to_path) if "ledger" in entry else environ.get("IACFIX_LEDGER", "")
    return Settings(
        generator=str(entry.get("generator", Settings().generator)),
        model=_model(model, environ),
        redact=RedactSettings(**cast("Mapping[str, bool]", entry.get("redact", {}))),
        max_changed_lines=_whole(entry.get("max_changed_lines", Settings().max_changed_lines)),
        defaults={key: _value(value) for key, value in cast("Node", entry.get("defaults", {})).items()},
        git_host=host,
        controls=tuple(to_path(each) for each in cast("list[object]", entry.get("controls", []))),
        locate=locate_settings(cast("Node", entry.get("locate", {})), to_path),
        repositories=repository_settings(entry.get("repositories"), to_path, host, lambda: _cache_folder(environ)),
        stages=stage_settings(cast("Node", entry.get("stages", {}))),
        rescan=rescan_settings(cast("Node", entry.get("rescan", {}))),
        plan=plan_settings(cast("Node", entry.get("plan", {}))),
        change_set=change_set_settings(cast("Node", entry.get("change_set", {}))),
        pull_requests=pull_request_settings(cast("Node", entry.get("pull_requests", {}))),
        verification=verification_settings(cast("Node", entry.get("verification", {}))),
        remediation=remediation_settings(cast("Node", entry.get("remediation", {}))),
        triage=triage_settings(entry.get("triage"), to_path, environ),
        ledger=ledger,
        intake=intake_settings(cast("Node", entry.get("intake", {})), environ),
        security_hub=security_hub_settings(cast("Node", entry.get("security_hub", {}))),
        wiz=wiz_settings(cast("Node", entry.get("wiz", {})), environ),
        notify=notify_settings(entry.get("notify"), to_path, _state_folder(environ).parent, ledger),
    )


def _address(value: object, to_path: Callable[[object], Path]) -> str:
    return str(value) if table_at(str(value)) is not None else str(to_path(value))


def _model(entry: Node, environ: Mapping[str, str]) -> ModelSettings:
    standard = ModelSettings()
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or standard.region
    return ModelSettings(
        id=str(entry.get("id", environ.get("IACFIX_MODEL", standard.id))),
        region=str(entry.get("region", region)),
        max_tokens=_whole(entry.get("max_tokens", standard.max_tokens)),
        connect_timeout=cast("float", entry.get("connect_timeout", standard.connect_timeout)),
        read_timeout=cast("float", entry.get("read_timeout", standard.read_timeout)),
        max_attempts=_whole(entry.get("max_attempts", standard.max_attempts)),
        endpoint=str(entry.get("endpoint", standard.endpoint)),
        fallback=str(entry.get("fallback", standard.fallback)),
        role_arn=str(entry.get("role_arn", standard.role_arn)),
        external_id=str(entry.get("external_id", standard.external_id)),
        guardrail_id=str(entry.get("guardrail_id", standard.guardrail_id)),
        guardrail_version=str(entry.get("guardrail_version", standard.guardrail_version)),
        tokens_per_finding=_whole(entry.get("tokens_per_finding", standard.tokens_per_finding)),
        tokens_per_run=_whole(entry.get("tokens_per_run", standard.tokens_per_run)),
        cost_per_finding=_number(entry.get("cost_per_finding", standard.cost_per_finding)),
        cost_per_run=_number(entry.get("cost_per_run", standard.cost_per_run)),
        concurrency=_whole(entry.get("concurrency", standard.concurrency)),
        prices={name: _price(cast("Node", each)) for name, each in cast("Node", entry.get("prices", {})).items()},
    )


def _price(entry: Node) -> PriceSettings:
    tokens_in = _number(entry["input"])
    return PriceSettings(
        tokens_in,
        _number(entry["output"]),
        _number(entry.get("cache_read", tokens_in)),
        _number(entry.get("cache_write", tokens_in)),
    )


def _number(value: object) -> float:
    return float(cast("float", value))


def _path(folder: Path, value: object, environ: Mapping[str, str]) -> Path:
    text = str(value)
    return _home(environ) / text[2:] if text == "~" or text.startswith("~/") else folder / text


def _state_folder(environ: Mapping[str, str]) -> Path:
    """By the XDG base directory specification, which has relative paths ignored."""
    given = Path(environ.get("XDG_STATE_HOME", ""))
    state = given if given.is_absolute() else _home(environ) / ".local" / "state"
    return state / "iacfix" / "pull-requests"


def _cache_folder(environ: Mapping[str, str]) -> Path:
    """For clones. Where nothing but /tmp can be written, as in Lambda, IACFIX_CACHE says so."""
    if own := environ.get("IACFIX_CACHE", ""):
        return Path(own) / "repositories"
    given = Path(environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else _home(environ) / ".cache") / "iacfix" / "repositories"


def _home(environ: Mapping[str, str]) -> Path:
    given = Path(environ.get("HOME", ""))
    try:
        return given if given.is_absolute() else Path.home()
    except RuntimeError:
        raise ConfigurationError("there is no home folder", remedy="set HOME to an absolute path") from None


def _read(path: Path) -> Node:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", remedy="correct --config") from None
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"{path} is larger than {MAX_BYTES} bytes", remedy="is it the right file?")
    try:
        loaded: object = yaml.load(data.decode(), _StrictLoader)  # noqa: S506 - a SafeLoader, made stricter
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error.what}", remedy=error.remedy) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"{path} is not YAML: {_problem(error)}", remedy="correct the file") from None
    entry = {} if loaded is None else loaded
    _check(path, entry)
    return cast("Node", entry)


def _problem(error: yaml.YAMLError | ValueError) -> str:
    """Without the excerpt that PyYAML shows: it may hold a secret."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else "a character or a value cannot be read"


def _check(path: Path, entry: object) -> None:
    wrong = min(
        jsonschema.Draft202012Validator(_schema()).iter_errors(entry),
        key=lambda each: [str(part) for part in each.absolute_path],
        default=None,
    )
    if wrong is None:
        return
    where = [str(part) for part in wrong.absolute_path]
    if wrong.validator == "additionalProperties":
        known = list(cast("Node", cast("Node", wrong.schema)["properties"]))
        unknown = next(key for key in cast("Node", wrong.instance) if key not in known)
        near = get_close_matches(unknown, known, n=1)
        meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
        raise ConfigurationError(f"{path}: {'.'.join((*where, unknown))} is no key", remedy=meant)
    raise ConfigurationError(
        f"{path}: {'.'.join(where) or 'the file'} {_allowed(wrong)}", remedy="see docs/configuration.md"
    )


_NOUNS = {"object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number"}
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}


def _allowed(wrong: jsonschema.ValidationError) -> str:
    """What may stand there. What does stand there is not repeated: it may be a secret in the wrong place."""
    limit: object = wrong.validator_value
    match wrong.validator:
        case "type":
            return f"must be {_NOUNS[str(limit)]}"
        case "enum":
            return f"must be one of {', '.join(str(each) for each in cast('list[object]', limit))}"
        case "minimum" | "exclusiveMinimum" | "maximum" as bound:
            return f"must be {_BOUNDS[bound]} {limit}"
        case "required":
            names = [str(each) for each in cast("list[object]", limit) if each not in cast("Node", wrong.instance)]
            return f"lacks {' and '.join(names)}"
        case "anyOf":
            ways = (cast("Node", each)["required"] for each in cast("list[object]", limit))
            return f"lacks {' or '.join(str(name) for way in ways for name in cast('list[object]', way))}"
        case "oneOf" if wrong.absolute_path[-1] == "reviewers":
            return "must be codeowners, or a list of names"
        case "maxLength":
            return f"must not be longer than {limit} characters"
        case "oneOf":
            return "must be text, a whole number, true, false, or a list of these"
        case "pattern":
            return "has a key that is not written in small letters, digits and _, like log_bucket"
        case _:
            return "must not be empty or hold control characters"


@cache
def _schema() -> Node:
    text = (resources.files("iacfix.config") / "iacfix.schema.json").read_text(encoding="utf-8")
    return cast("Node", json.loads(text))


def _value(value: object) -> Value:
    if isinstance(value, list):
        return tuple(_value(item) for item in value)
    return _whole(value) if isinstance(value, float) else cast("Value", value)


def _whole(value: object) -> int:
    """For JSON Schema 10.0 is a whole number too."""
    return int(cast("float", value))
