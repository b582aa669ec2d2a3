"""From what CloudFormation says of a resource: stack and logical id, by its tags or asked of the service itself."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from iacfix.domain.errors import DocumentError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Evidence, LocationResult, NotLocated
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.entry import CLOUDFORMATION, Entry
from iacfix.locators.names import cloudformation_types, physical_names
from iacfix.locators.places import Place, locate_at
from iacfix.locators.repository import Repository
from iacfix.locators.sam import parent_of
from iacfix.locators.template_entries import CDK_PATH, is_template_path, value_of
from iacfix.ports import CloudReadError, StackReader

STRATEGY = "CloudFormation"
MAPPED, ONLY, ALIKE = 0.98, 0.95, 0.9
# Of the resources of stack and template together, the part that both must have; and the lead over the next template.
MIN_ALIKE, MIN_LEAD = 0.5, 0.1
SHOWN = 256  # characters of a text from outside in a reason: as long as a tag's value may be

STACK_NAME, STACK_ID, LOGICAL_ID = (f"aws:cloudformation:{name}" for name in ("stack-name", "stack-id", "logical-id"))

Found = tuple[str, Entry]


@dataclass(frozen=True, slots=True)
class StackTemplate:
    """Which template stacks are made of; `stack` is a name or a pattern with `*`, `path` is in the repository."""

    stack: str
    path: str


@dataclass(frozen=True, slots=True)
class Stacks:
    """`reader` asks the account itself, where that is wanted."""

    templates: tuple[StackTemplate, ...] = ()
    reader: StackReader | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """`told` names who knows it, with its verb."""

    stack: str
    logical_id: str
    type: str
    told: str
    construct: str = ""


def stack_of(finding: Finding) -> str:
    """As the tags say; "" where they say nothing."""
    tags = dict(finding.resource.tags)
    return tags.get(STACK_NAME, "") or _name_in(tags.get(STACK_ID, ""))


def origin(finding: Finding, stacks: Stacks) -> Origin | None:
    """None where nothing says that a stack made it. Raises what the reader raises."""
    tags = dict(finding.resource.tags)
    logical_id, stack = tags.get(LOGICAL_ID, ""), stack_of(finding)
    if stack and logical_id:
        return Origin(stack, logical_id, "", "its tags say", tags.get(CDK_PATH, ""))
    if stacks.reader is None:
        return None
    identifier, expected = finding.resource.identifier, _expected(finding)
    for each in dict.fromkeys((*physical_names(identifier, finding.resource.name), identifier)):
        known = stacks.reader.by_physical_id(each, finding.resource.region) if each else None
        if known is not None and (not expected or known.type in expected):  # a bucket may be called like a queue
            return Origin(known.stack_name, known.logical_id, known.type, "CloudFormation says")
    return None


def locate(made: Origin, finding: Finding, repository: Repository, stacks: Stacks) -> LocationResult:
    """What a stack made is written in a template, or nowhere that is known."""
    said = f"{made.told} that the stack {_shown(made.stack)} made it as {_shown(made.logical_id)}"
    if made.construct:
        return NotLocated(synthesised(made.construct))
    every = list(repository.index.blocks(CLOUDFORMATION))
    mapped = [each.path for each in stacks.templates if fnmatchcase(made.stack, each.stack)]
    if mapped:
        every = [found for found in every if found[0] in mapped]
    found, how = _written(made, every)
    if not found:
        return NotLocated(f"{said}, and {_missing(repository, mapped)}")
    confidence = MAPPED if mapped else ONLY
    if len(found) > 1 and stacks.reader is not None:
        found, confidence = _most_alike(found, repository, _deployed(stacks.reader, made, finding)), ALIKE
    evidence = Evidence(STRATEGY, f"{said}{how}")
    locations = tuple(locate_at(Place(*each), repository, (evidence,), confidence) for each in found)
    if len(locations) > 1:
        told = f"{len(locations)} templates hold {_shown(made.logical_id)} of the stack {_shown(made.stack)}"
        return NotLocated(told, locations)
    expected = _expected(finding) or ((made.type,) if made.type else ())
    kind = found[0][1].labels[0]
    if not how and expected and kind not in expected:
        reason = f"{said}, which is an {kind}, while the finding is about an {' or '.join(expected)}"
        return NotLocated(reason, locations)
    return locations[0]


def synthesised(construct: str) -> str:
    where = construct if construct.isprintable() and len(construct) <= SHOWN else _shown(construct)
    return f"synthesised by CDK at construct {where}: change the code of the construct, not what CDK writes"


def construct_of(path: str, address: str, repository: Repository) -> str:
    """Where CDK says that it made a template's resource of; "" where it does not."""
    found = (entry.texts.get(CDK_PATH, "") for entry in repository.entries(path) if entry.address == address)
    value = value_of(next(found, ""))
    return str(getattr(value, "value", ""))


def _written(made: Origin, every: list[Found]) -> tuple[list[Found], str]:
    """The blocks of the logical id, or what SAM made it of."""
    found = [each for each in every if each[1].labels[1] == made.logical_id]
    if made.type and any(each[1].labels[0] == made.type for each in found):
        found = [each for each in found if each[1].labels[0] == made.type]
    if found:
        return found, ""
    parents = parent_of(made.logical_id, every)
    return parents, f", which SAM makes of {parents[0][1].labels[1]}" if parents else ""


def _missing(repository: Repository, mapped: list[str]) -> str:
    if mapped:
        if unread := [repository.index.unread[path] for path in mapped if path in repository.index.unread]:
            return f"the template that the configuration names for it is not read: {unread[0]}"
        return f"{' and '.join(mapped)}, which the configuration names for it, does not hold that"
    if any(path == "cdk.json" or path.endswith("/cdk.json") for path in repository.paths):
        return "the repository is a CDK app, whose templates are not kept in it: change the construct"
    unread = sorted(text for path, text in repository.index.unread.items() if is_template_path(path))[:1]
    return "no template in the repository holds that" + (f"; not read: {unread[0]}" if unread else "")


def _deployed(reader: StackReader, made: Origin, finding: Finding) -> frozenset[tuple[str, str]]:
    """Type and logical id of what the stack's own template says. Raises CloudReadError as the reader does."""
    data = reader.template(made.stack, finding.resource.region)
    try:
        document = CloudFormationDocument.read(f"the template of the stack {made.stack}", data)
    except DocumentError as error:
        raise CloudReadError(error.what, remedy="name the template under `locate.stacks` in iacfix.yaml") from None
    return frozenset((each.type, each.name) for each in document.resources.values())


def _most_alike(found: list[Found], repository: Repository, deployed: frozenset[tuple[str, str]]) -> list[Found]:
    """The one template that is clearly nearest to what was deployed, else all."""
    scores = []
    for each in found:
        here = {entry.labels for entry in repository.entries(each[0]) if entry.keyword == CLOUDFORMATION}
        scores.append((len(here & deployed) / max(len(here | deployed), 1), each))
    scores.sort(key=lambda score: score[0], reverse=True)
    (best, first), (second, _) = scores[:2]
    return [first] if best >= MIN_ALIKE and best - second >= MIN_LEAD else found


def _expected(finding: Finding) -> tuple[str, ...]:
    return cloudformation_types(finding.resource.type, finding.resource.identifier)


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def _name_in(stack_id: str) -> str:
    """`arn:aws:cloudformation:region:account:stack/NAME/uuid`."""
    _, _, rest = stack_id.partition(":stack/")
    return rest.partition("/")[0]
