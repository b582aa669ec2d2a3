"""Which functions a policy calls. The engine takes some that it does not have for undefined, and says nothing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from iacfix.domain.errors import ConfigurationError

# Known to Rego, and never the same twice, or open to the world: a decision follows from the facts alone.
UNSTEADY = re.compile(
    r"(http|opa|rand|uuid|rego|internal)\..*|net\.lookup_ip_addr|time\.now_ns|trace|print|io\.jwt\.decode_verify"
)
_KEYWORDS = frozenset({"as", "default", "else", "every", "if", "import", "in", "not", "package", "some", "with"})
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?P<comment>\#[^\n]*)|(?P<line>\n)|(?P<space>[^\S\n]+)'
    r"|(?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)(?P<call>\s*\()?|(?P<other>.)",
    re.DOTALL,
)
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)", re.MULTILINE)
_IMPORTED = re.compile(r"^\s*import\s+(?:data|input|rego|future)\b([\w.]*)(?:\s+as\s+(\w+))?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Called:
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class _Module:
    """`defines` are the functions whose heads stand in it, `imports` the names that stand for other packages."""

    package: str
    imports: frozenset[str]
    defines: set[str] = field(default_factory=set)
    calls: list[_Called] = field(default_factory=list)


def check(modules: Mapping[str, str], is_builtin: Callable[[str], bool]) -> None:
    """`modules` by file name. Raises ConfigurationError naming file, line and function."""
    read = {name: _module(text) for name, text in modules.items()}
    for name, module in read.items():
        own = {each for other in read.values() if other.package == module.package for each in other.defines}
        for called in module.calls:
            function, place = called.function, f"{name}:{called.line}"
            first = function.partition(".")[0]
            if function in own or (first in module.imports and "." in function):
                continue
            if UNSTEADY.fullmatch(function):
                what = f"{place}: {function} is not allowed: a decision follows from the facts alone"
                raise ConfigurationError(what, remedy="take it out: input.now is the time")
            if first == "input" or not is_builtin(function):
                what = f"{place}: {function} is not known to this engine"
                raise ConfigurationError(what, remedy="take it out, or ask an OPA server: `triage.opa`")


def _module(text: str) -> _Module:
    package = _PACKAGE.search(text)
    imports = {alias or path.rpartition(".")[2] for path, alias in _IMPORTED.findall(text)}
    module = _Module(package[1] if package is not None else "", frozenset(imports | {"data"}))
    line, depth, before, at_start = 1, 0, "", True
    for token in _TOKEN.finditer(text):
        if token["name"] is not None:
            name = "".join(token["name"].split())
            if token["call"] is not None and name not in _KEYWORDS:
                if depth == 0 and (at_start or before == "default") and _ended(before):
                    module.defines.add(name)
                else:
                    module.calls.append(_Called(line, name))
            depth += token["call"] is not None
            before, at_start = ("(" if token["call"] is not None else name), False
        elif token["other"] is not None or token["text"] is not None:
            depth += (token[0] in "([{") - (token[0] in ")]}")
            before, at_start = token[0], False
        elif token["line"] is not None:
            at_start = True
        line += token[0].count("\n")
    return module


def _ended(before: str) -> bool:
    """Whether a rule may begin behind this: what goes on would not end in an operator or in a keyword like `if`."""
    return before in {"", "default", ")", "]", "}"} or before[0] in '"`0123456789' or (
        before[0].isidentifier() and before not in _KEYWORDS
    )  # fmt: skip
