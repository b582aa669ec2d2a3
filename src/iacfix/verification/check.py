"""A check: what it looks at, what it may call, and how it judges. Most are data: one call, and what its answer says."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from iacfix.verification.answers import ABSENT, Filled, Hold, Node, at, same, text, within, wrong
from iacfix.verification.asking import Ask, GoneError, Operation
from iacfix.verification.target import Kind, UnclearError


@dataclass(frozen=True, slots=True)
class Seen:
    resolved: bool
    said: str


@dataclass(frozen=True, slots=True)
class Check:
    """`asserts` is what is true of a resource that is as it should be, for the page of checks."""

    name: str
    asserts: str
    kinds: tuple[Kind, ...]
    operations: frozenset[Operation]
    judge: Callable[[Ask], Seen]


@dataclass(frozen=True, slots=True)
class Source:
    """How a kind of resource is described: one call, and where in the answer the resource stands.

    `item` is the path to it, "" where the answer itself is it; of a list that stands there it has to be the one item.
    `identity` is where its own name stands, which has to be what was asked for: the `same` of the target's names.
    `missing` is the path to a list that names what is not there, for services that answer so. `lists`: the
    call tells all that there are, in pages, so that what is not among them is gone.
    `ended` are states in which a resource is only remembered. `absent` codes mean that nothing is set, which is wrong.
    `first` sees that the resource is there, where a service has the same code for what is not set and what is gone.
    `more` are further parameters.
    """

    kind: Kind
    service: str
    operation: str
    parameters: Mapping[str, object]
    item: str = ""
    identity: str = ""
    same: str = "id"
    missing: str = ""
    lists: bool = False
    token: tuple[str, str] = ("NextToken", "NextToken")
    ended: tuple[str, frozenset[str]] = ("", frozenset())
    absent: Mapping[str, str] = field(default_factory=dict)
    first: "Source | None" = None
    more: Callable[[Ask], Mapping[str, object]] = lambda _: {}

    @property
    def operations(self) -> frozenset[Operation]:
        before = self.first.operations if self.first is not None else frozenset[Operation]()
        return frozenset({(self.service, self.operation)}) | before

    def ask(self, ask: Ask) -> Node | None:
        """None where one of the codes `absent` says that nothing is set."""
        if self.first is not None:
            self.first.ask(ask)
        parameters = {**self.parameters, **self.more(ask)}
        if self.lists:
            return self._among(ask.pages(self.service, self.operation, parameters, self.item, self.token), ask)
        answer = ask.read(self.service, self.operation, parameters, self.absent.keys())
        if answer is None:
            return None
        if self.missing and at(answer, self.missing) not in (ABSENT, []):
            self._missed(at(answer, self.missing), ask)
        nodes = within(answer, self.item)
        if len(nodes) != 1:
            raise UnclearError(f"{self.service}:{self.operation} answered {len(nodes)} where one was asked for")
        return self._itself(nodes[0], ask)

    def _missed(self, found: object, ask: Ask) -> NoReturn:
        """A list of failures has more in it than what is not there: only its own word for that means gone."""
        for each in found if isinstance(found, list) else ():
            if each == ask.target.names.get(self.same) or at(each, "reason") == "MISSING":
                raise GoneError(f"{self.service} names it among what is missing")
        raise UnclearError(f"{self.service}:{self.operation} failed, and not because it is missing")

    def _among(self, nodes: list[Node], ask: Ask) -> Node:
        wanted = ask.target.names.get(self.same, "")
        matching = [node for node in nodes if same(at(node, self.identity), wanted)]
        if not matching:
            raise GoneError(f"it is not among what {self.service}:{self.operation} lists")
        if len(matching) > 1:
            raise UnclearError(f"{self.service}:{self.operation} lists it more than once")
        return self._itself(matching[0], ask)

    def _itself(self, node: Node, ask: Ask) -> Node:
        wanted = ask.target.names.get(self.same, "") if self.identity else ""
        if wanted and text(node, self.identity).lower() != wanted.lower():
            raise UnclearError(f"{self.service}:{self.operation} answered about something else")
        path, ends = self.ended
        state = at(node, path) if path else ABSENT
        if isinstance(state, str) and state in ends:
            raise GoneError(f"it is {state}")
        return node


def described(name: str, *ways: tuple[Source, tuple[Hold, ...]]) -> Check:
    """A check that is all data: for each kind of resource how it is described, and what its description has to say."""

    def judge(ask: Ask) -> Seen:
        for source, holds in ways:
            if source.kind == ask.target.kind:
                return _judged(source, holds, ask)
        raise UnclearError(f"no way to look at a {ask.target.kind.name} is known")

    told = dict.fromkeys(" and ".join(hold.told for hold in holds) for _, holds in ways)
    return Check(
        name,
        "; or ".join(told),
        tuple(source.kind for source, _ in ways),
        frozenset().union(*(source.operations for source, _ in ways)),
        judge,
    )


def _judged(source: Source, holds: tuple[Hold, ...], ask: Ask) -> Seen:
    node = source.ask(ask)
    if node is None:
        return Seen(resolved=False, said="; ".join(dict.fromkeys(source.absent.values())))
    said = wrong(node, holds)
    return Seen(not said, said or " and ".join(hold.told for hold in holds))


def alike(name: str, sources: Collection[Source], *holds: Hold) -> Check:
    """As `described`, where the kinds' descriptions say it in the same words."""
    return described(name, *((source, holds) for source in sources))


def customer_key(name: str, *ways: tuple[Source, str]) -> Check:
    """The key at a path is one of the owner's: the service's own keys are in an account's hands as little as none."""

    def judge(ask: Ask) -> Seen:
        source, path = next((source, path) for source, path in ways if source.kind == ask.target.kind)
        node = source.ask(ask)
        said = "no encryption is set" if node is None else wrong(node, (Filled(path),))
        if said or node is None:
            return Seen(resolved=False, said=said)
        return own_key(ask, text(node, path))

    operations = frozenset().union(*(source.operations for source, _ in ways))
    paths = " or ".join(dict.fromkeys(path for _, path in ways))
    return Check(
        name,
        f"{paths} names a key of your own",
        tuple(source.kind for source, _ in ways),
        operations | {("kms", "DescribeKey")},
        judge,
    )


def own_key(ask: Ask, key: str) -> Seen:
    if key.rpartition(":")[2].startswith("alias/aws/"):
        return Seen(resolved=False, said=f"the key is {key}, which is AWS's")
    answer = ask.read("kms", "DescribeKey", {"KeyId": key}, absent={"NotFoundException"})
    if answer is None:
        return Seen(resolved=False, said="the key is not there any more")
    manager, enabled = at(answer, "KeyMetadata.KeyManager"), at(answer, "KeyMetadata.Enabled")
    if manager != "CUSTOMER" or enabled is not True:
        return Seen(resolved=False, said=f"the key's manager is {manager}, and it is enabled: {enabled is True}")
    return Seen(resolved=True, said="the key is one of your own, and enabled")
