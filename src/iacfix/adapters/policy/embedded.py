"""Rego in this process, by regopy (rego-cpp). Measured on 1.5, and the reason for what is done here:

- the JSON that it writes does not escape texts, so that a tag could add to the answer: texts come back in base64;
- a builtin that it lacks is undefined, in silence: calls are checked when the policy is loaded (see `calls`);
- an error of a builtin is undefined too, unless it is asked to be strict;
- texts end at a NUL, and escapes in JSON input are not read: facts are handed over as values.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, cast

from iacfix.adapters.policy.calls import check
from iacfix.adapters.policy.contract import MAX_REASONS, PACKAGE, decision, denied, shown
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.triage import PolicyDecision, Reason
from iacfix.ports.policy import Fact

if TYPE_CHECKING:
    import regopy

MAX_BYTES = 1024 * 1024

_Answer = Mapping[str, Sequence[Sequence[str]]]
_SETS = ("allowed", "denied")
_DATA = f"data.{PACKAGE}"
_LISTS = ", ".join(
    f'"{name}": [[base64.encode(each.rule), base64.encode(each.reason)] | some each in {_DATA}.{name}]'
    for name in _SETS
)
_QUERY = (
    f'{{"allow": [1 | {_DATA}.allow == true], "other": [1 | {_DATA}.allow == false],'
    f' "counts": [count({_DATA}.allowed), count({_DATA}.denied)], {_LISTS}}}'
)


class EmbeddedPolicy:
    """`modules` are texts of Rego by file name."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = dict(sorted(modules.items()))
        digest = hashlib.sha256()
        for name, text in self._modules.items():
            digest.update(f"{len(name)}:{name}{len(text)}:{text}".encode())
        self.version = f"sha256:{digest.hexdigest()}"

    @cached_property
    def fault(self) -> str:
        """Why this policy cannot be used; "" where it can."""
        try:
            _ = self._engine
        except ConfigurationError as error:
            return str(error)
        return ""

    def decide(self, facts: Mapping[str, Fact]) -> PolicyDecision:
        if self.fault:
            return denied(f"the policy cannot be used: {self.fault}", self.version)
        from regopy import RegoError  # noqa: PLC0415 - loads a library of 20 MB

        engine, bundle = self._engine
        try:
            engine.set_input(_handed(facts))
            output = engine.query_bundle(bundle)
            if not output.ok():
                return denied(
                    "the policy failed: a builtin was called wrongly, or a rule contradicts itself", self.version
                )
            return _read(output.results, self.version)
        # ValueError: what it writes is no JSON when it fails in some ways.
        except (RegoError, ValueError, TypeError, LookupError) as error:
            return denied(f"the policy failed: {type(error).__name__}", self.version)

    @cached_property
    def _engine(self) -> "tuple[regopy.Interpreter, regopy.Bundle]":
        """Raises ConfigurationError when the policy does not compile."""
        import regopy  # noqa: PLC0415 - loads a library of 20 MB

        engine = regopy.Interpreter()
        engine.log_level = regopy.LogLevel.NONE
        engine.strict_built_in_errors = True
        check(self._modules, engine.is_builtin)
        where = "the policy"
        try:
            for where, text in self._modules.items():
                engine.add_module(where, text)
            where = "the policy"
            bundle = engine.build(_QUERY)
        except (regopy.RegoError, ValueError) as error:
            raise ConfigurationError(f"{where} does not compile: {_said(error)}", remedy="correct it") from None
        if not bundle.ok():
            raise ConfigurationError(f"{where} does not compile", remedy="correct it")
        return engine, bundle


def shipped_policy() -> EmbeddedPolicy:
    folder = resources.files("iacfix") / "policies"
    return EmbeddedPolicy(
        {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir() if each.name.endswith(".rego")}
    )


def policy_of(folder: Path) -> EmbeddedPolicy:
    """Every `*.rego` in it and below but tests (`*_test.rego`). Raises ConfigurationError."""
    if not folder.is_dir():
        raise ConfigurationError(f"the folder of policies {folder} does not exist", remedy="correct `triage.policy`")
    modules = dict(_texts(folder))
    if not modules:
        raise ConfigurationError(f"there is no policy in {folder}", remedy="put a file *.rego there")
    return EmbeddedPolicy(modules)


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    left = MAX_BYTES
    for path in sorted(folder.rglob("*.rego")):
        if path.name.endswith("_test.rego") or not path.is_file():
            continue
        try:
            data = path.read_bytes()
            text = data.decode()
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror}", remedy="correct it") from None
        except UnicodeDecodeError:
            raise ConfigurationError(f"{path} is not UTF-8", remedy="save it as UTF-8") from None
        left -= len(data)
        if left < 0:
            raise ConfigurationError(
                f"the policies in {folder} are larger than {MAX_BYTES} bytes", remedy="is it right?"
            )
        yield path.relative_to(folder).as_posix(), text


def _handed(value: Fact) -> object:
    """Plain lists and mappings, with texts that the engine takes whole."""
    if isinstance(value, Mapping):
        return {_whole(key): _handed(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_handed(each) for each in value]
    return _whole(value) if isinstance(value, str) else value


def _whole(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _read(results: "Sequence[regopy.output.Result]", version: str) -> PolicyDecision:
    if len(results) != 1 or len(results[0].expressions) != 1:
        return denied(f"the policy lacks `allow`, `allowed` or `denied` in the package {PACKAGE}", version)
    answer = cast("_Answer", results[0].expressions[0])
    lists = [answer[name] for name in _SETS]
    if [len(each) for each in lists] != cast("object", answer["counts"]) or max(map(len, lists)) > MAX_REASONS:
        return denied("an entry of `allowed` or `denied` is not a rule and its reason", version)
    if bool(answer["allow"]) == bool(answer["other"]):
        return denied("`allow` is neither true nor false", version)
    told = [tuple(Reason(*map(_text, pair)) for pair in each) for each in lists]
    return decision(bool(answer["allow"]), told[0], told[1], version)


def _text(encoded: str) -> str:
    try:
        return shown(base64.b64decode(encoded, validate=True).decode(errors="replace"))
    except binascii.Error:
        msg = "a reason is not in base64"
        raise ValueError(msg) from None


def _said(error: Exception) -> str:
    """The first message in the engine's tree of them: `(errormsg 16:this is unclosed)`, with its place."""
    words = str(error)
    message = words.partition("(errormsg ")[2].partition(":")[2].partition(")")[0]
    return shown(message or json.dumps(words[:200]))
