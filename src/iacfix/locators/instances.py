"""The ways a module's folder is used: applied by itself, with one variable file or another, or called by others."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from posixpath import dirname, join, normpath

from iacfix.domain.location import CallSite
from iacfix.iac.entry import Entry
from iacfix.iac.terraform import files
from iacfix.iac.terraform.resolve import resolve
from iacfix.iac.terraform.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value
from iacfix.iac.terraform.written import read_expression
from iacfix.locators.index import Index

# Calls of calls, and ways to use one folder: beyond this the values of variables are held to be unknown.
MAX_DEPTH = 12
MAX_INSTANCES = 10_000
MAX_KEYS = 100

# Arguments of a module call that are not the module's variables.
META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})


@dataclass(frozen=True)
class Instance:
    """One use of a folder. `calls` leads to it from outside, `given` holds its variables where others set them.

    `applied` names the variable file that a person has to choose, "" where there is none to choose.
    """

    names: "Names" = field(repr=False)
    given: Mapping[str, Value] = field(default_factory=dict, repr=False)
    calls: tuple[CallSite, ...] = ()
    applied: str = ""
    of: Mapping[str, Value] = field(default_factory=dict, repr=False)
    _followed: dict[str, Value] = field(default_factory=dict, repr=False, compare=False)

    def variable(self, name: str) -> Value | None:
        return self.given[name] if name in self.given else self.names.defaults.get(name)

    def local(self, name: str) -> Value | None:
        """With what it says followed: many names are made of the same few."""
        written = self.names.locals.get(name)
        if written is None or name in self._followed:
            return self._followed.get(name)
        self._followed[name] = Unknown("refers to itself")
        self._followed[name] = resolve(written, self)
        return self._followed[name]

    def each(self, name: str) -> Value | None:
        return self.of.get(name)

    def written(self, address: str, name: str, *, repeated: bool) -> Value | None:
        """Of a resource of the same folder, as far as the index keeps its attributes."""
        texts = self.names.resources.get(address, {})
        if not texts.get(name) or repeated != bool(texts.keys() & {"count", "for_each"}):
            return None
        return read_expression(texts[name])

    def value(self, text: str) -> Value:
        return resolve(read_expression(text), self)

    def resolved(self, value: Value) -> Value:
        return resolve(value, self)

    def repeated(self, entry: Entry) -> Iterator["Instance"]:
        """The same for each key of the block's `for_each`, or each index of its `count`, as far as they are known."""
        if "count" in entry.texts:
            yield from self._counted(self.value(entry.texts["count"]))
            return
        value = self.value(entry.texts["for_each"]) if "for_each" in entry.texts else None
        pairs: list[tuple[Value, Value]] = []
        if isinstance(value, ListValue):
            pairs = [(item, item) for item in value.items]
        elif isinstance(value, ObjectValue) and value.complete:
            pairs = [(Known(key), item) for key, item in dict(value.items).items()]
        if not pairs or len(pairs) > MAX_KEYS:
            yield self
        else:
            for key, item in pairs:
                yield replace(self, of={"key": key, "value": item})

    def _counted(self, count: Value) -> Iterator["Instance"]:
        if isinstance(count, Known) and type(count.value) is int and 0 < count.value <= MAX_KEYS:
            for index in range(count.value):
                yield replace(self, of={"index": Known(index)})
        else:
            yield self


class Names:
    """What the variables and locals of a folder are by themselves; what is written twice is not known."""

    def __init__(self, index: Index, folder: str) -> None:
        self._index = index
        self._folder = folder

    @cached_property
    def defaults(self) -> Mapping[str, Value]:
        found: list[tuple[str, str]] = []
        for _, entry in self._index.entries(self._folder):
            if entry.keyword == "variable" and len(entry.labels) == 1:
                found.append((entry.labels[0], entry.texts.get("default", "")))
        return _once(found)

    @cached_property
    def resources(self) -> Mapping[str, Mapping[str, str]]:
        """By address, what the index keeps of their texts, override files laid over them."""
        found: dict[str, dict[str, str]] = {}
        twice: set[str] = set()
        entries = sorted(self._index.entries(self._folder), key=lambda each: files.is_override(each[0]))
        for path, entry in entries:
            if entry.keyword == "resource":
                if not files.is_override(path):
                    twice |= {entry.address} & found.keys()
                found[entry.address] = {**found.get(entry.address, {}), **entry.texts}
        return {address: texts for address, texts in found.items() if address not in twice}

    @cached_property
    def locals(self) -> Mapping[str, Value]:
        entries = self._index.entries(self._folder)
        return _once([pair for _, entry in entries if entry.keyword == "locals" for pair in entry.texts.items()])


def _once(written: list[tuple[str, str]]) -> dict[str, Value]:
    times = Counter(name for name, _ in written)
    return {name: read_expression(text) for name, text in written if text and times[name] == 1}


class Instances:
    """Of every folder, as far as the calls that are written in the repository say.

    `capped` names the folders that are used more often than is looked at.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._names: dict[str, Names] = {}
        self._found: dict[str, tuple[Instance, ...]] = {}
        self.capped: list[str] = []

    def of(self, folder: str) -> tuple[Instance, ...]:
        """At least one."""
        if folder not in self._found:
            self._found[folder] = ()  # while it is being found: a module that calls itself has no end
            self._found[folder] = self._find(folder)
        return self._found[folder]

    def names(self, folder: str) -> Names:
        return self._names.setdefault(folder, Names(self._index, folder))

    def sites(self, folder: str) -> tuple[CallSite, ...]:
        """Every module block that calls the folder, in the order of paths."""
        return tuple(CallSite(path, entry.address, entry.start_line) for path, entry in self.callers.get(folder, ()))

    def roots(self, folder: str) -> tuple[str, ...]:
        """The folders that are applied by themselves and lead here by calls; the folder itself where none calls it."""
        found: set[str] = set()
        seen, waiting = {folder}, [folder]
        while waiting:
            here = waiting.pop()
            callers = {dirname(path) for path, _ in self.callers.get(here, ())}
            if not callers:
                found.add(here)
            waiting += callers - seen
            seen |= callers
        return tuple(sorted(found)) or (folder,)

    @cached_property
    def callers(self) -> Mapping[str, tuple[tuple[str, Entry], ...]]:
        """By folder that is called: the module blocks with the files that they stand in."""
        found: dict[str, tuple[tuple[str, Entry], ...]] = {}
        for path, entry in sorted(self._index.blocks("module"), key=lambda found: (found[0], found[1].start)):
            target = local_source(path, entry)
            if target is not None and target != dirname(path):
                found[target] = (*found.get(target, ()), (path, entry))
        return found

    @cached_property
    def _variable_files(self) -> Mapping[str, tuple[str, ...]]:
        """By folder that is applied: the variable files that a person names, in it or in a folder below that holds no
        code of its own.
        """
        code = {folder for folder, paths in self._index.folders.items() if any(map(files.is_terraform, paths))}
        found: dict[str, tuple[str, ...]] = {}
        for folder, paths in self._index.folders.items():
            above = folder
            while above and above not in code:
                above = dirname(above)
            if above in code:
                variables = (path for path in paths if files.is_variables(path))
                named = tuple(path for path in variables if folder != above or not files.loaded_by_itself(path))
                found[above] = found.get(above, ()) + named
        return found

    def _find(self, folder: str) -> tuple[Instance, ...]:
        names = self.names(folder)
        callers = self.callers.get(folder, ())
        called = tuple(islice((each for call in callers for each in self._by_call(names, *call)), MAX_INSTANCES + 1))
        if len(called) > MAX_INSTANCES:
            self.capped.append(folder)
        if called:
            return called[:MAX_INSTANCES]
        if callers:  # too deep, or in a circle: what they give it is not known, so its defaults say nothing
            return (Instance(names, dict.fromkeys(names.defaults, Unknown("set by calls that are not followed"))),)
        return tuple(self._applied(folder, names))

    def _by_call(self, names: Names, path: str, entry: Entry) -> Iterator[Instance]:
        site = CallSite(path, entry.address, entry.start_line)
        for caller in self.of(dirname(path)):
            if len(caller.calls) >= MAX_DEPTH:
                continue
            for each in caller.repeated(entry):
                given = {name: sealed(each.value(text)) for name, text in entry.texts.items() if name not in META}
                yield Instance(names, given, (*caller.calls, site), caller.applied)

    def _applied(self, folder: str, names: Names) -> Iterator[Instance]:
        given: dict[str, Value] = {}
        own = [path for path in self._index.folders.get(folder, ()) if files.loaded_by_itself(path)]
        for path in sorted(own, key=files.variable_order):
            given |= self._assigned(path)
        chosen = self._variable_files.get(folder, ())[: MAX_INSTANCES - 1]
        if not chosen or given:
            yield Instance(names, given)
        for path in chosen:
            yield Instance(names, {**given, **self._assigned(path)}, applied=path)

    def _assigned(self, path: str) -> Mapping[str, Value]:
        texts = [entry.texts for entry in self._index.file(path) if not entry.keyword]
        return {name: read_expression(text) for each in texts for name, text in each.items() if text}


def sealed(value: Value) -> Value:
    """Names that are left in it are the caller's, and mean something else inside the module."""
    match value:
        case Reference(parts):
            return Unknown(".".join(parts))
        case Template(pieces):
            return Template(tuple(map(sealed, pieces)))
        case ListValue(items):
            return ListValue(tuple(map(sealed, items)))
        case ObjectValue(items, complete):
            return ObjectValue(tuple((key, sealed(item)) for key, item in items), complete)
        case CallValue(name):
            return Unknown(f"{name}(…)")
        case _:
            return value


def local_source(path: str, entry: Entry) -> str | None:
    """The folder that a module block calls, when it is one of the repository."""
    source = module_source(entry)
    if not source.startswith(("./", "../")):
        return None
    folder = normpath(join(dirname(path), source))
    return "" if folder == "." else None if folder.startswith("../") or folder == ".." else folder


def module_source(entry: Entry) -> str:
    """As it is written; "" where it is no plain string."""
    if entry.keyword != "module":
        return ""
    value = read_expression(entry.texts.get("source", ""))
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else ""
