"""Which functions a policy calls. The engine takes some that it does not have for undefined, and says nothing."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from iacfix.domain.errors import ConfigurationError

# Known to Rego, and never the same twice, or open to the world: a decision follows from the facts alone.
UNSTEADY = re.compile(r"(http|net|opa|rand|uuid|rego|internal)\..*|time\.now_ns|trace|print|io\.jwt\.decode_verify")
_KEYWORDS = frozenset({"as", "default", "else", "every", "if", "import", "in", "not", "package", "some", "with"})
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?P<comment>\#[^\n]*)|(?P<line>\n)'
    r"|(?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)(?P<call>\s*\()?|(?P<other>.)",
    re.DOTALL,
)
_DEFINED = re.compile(r"^\s*(?:default\s+)?([A-Za-z_]\w*)\s*\(", re.MULTILINE)
_IMPORTED = re.compile(r"^\s*import\s+(?:data|input|rego|future)\b([\w.]*)(?:\s+as\s+(\w+))?", re.MULTILINE)


def check(modules: Mapping[str, str], is_builtin: Callable[[str], bool]) -> None:
    """`modules` by file name. Raises ConfigurationError naming file, line and function."""
    plain = {name: "".join(_plain(text)) for name, text in modules.items()}
    defined = {found for text in plain.values() for found in _DEFINED.findall(text)}
    for name, text in plain.items():
        imported = {alias or path.rpartition(".")[2] for path, alias in _IMPORTED.findall(text)} | {"data"}
        for line, function in _calls(text):
            first = function.partition(".")[0]
            if function in defined or (first in imported and "." in function):
                continue
            if first == "input":
                raise ConfigurationError(f"{name}:{line}: {function} is no function", remedy="correct the policy")
            if UNSTEADY.fullmatch(function):
                what = f"{name}:{line}: {function} is not allowed: a decision follows from the facts alone"
                raise ConfigurationError(what, remedy="take it out: facts.now is the time")
            if not is_builtin(function):
                what = f"{name}:{line}: {function} is not known to this engine"
                raise ConfigurationError(what, remedy="take it out, or ask an OPA server: `triage.opa`")


def _calls(text: str) -> Iterator[tuple[int, str]]:
    line = 1
    for token in _TOKEN.finditer(text):
        if token["name"] is not None and token["call"] is not None:
            function = "".join(token["name"].split())
            if function not in _KEYWORDS:
                yield line, function
        line += token[0].count("\n")


def _plain(text: str) -> Iterable[str]:
    """Without comments and without what stands in texts; lines stay where they are."""
    for token in _TOKEN.finditer(text):
        if token["comment"] is not None:
            continue
        yield '""' + "\n" * token[0].count("\n") if token["text"] is not None else token[0]
