"""How a file is written, in words of our own: nothing of its text is repeated here."""

from collections import Counter

from iacfix.iac.cloudformation import layout
from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.values import ObjectValue

# Fewer names than this are in order by chance.
ENOUGH = 3
# What is written this way in so many of all cases is a habit.
MOST = 0.75
_QUOTES = {"'": "single", '"': "double"}


def of_terraform(document: TerraformDocument, target: Block) -> tuple[str, ...]:
    told = [f"indentation: {_width(_steps(document))}"]
    if document.newline != "\n":
        told.append("lines end with CR LF")
    blocks = [block for block in document.blocks if block.keyword == target.keyword]
    if _habit([block.attributes[-1].name == "tags" for block in blocks if _has_more(block, "tags")]):
        told.append("`tags` is the last argument")
    sorted_blocks = [_in_order([item.name for item in block.attributes]) for block in blocks]
    if _habit([each for each in sorted_blocks if each is not None]):
        told.append("arguments stand in alphabetical order")
    if not _habit([_aligned(document, block) for block in blocks if len(block.attributes) > 1], default=True):
        told.append("equals signs are not aligned")
    return tuple(told)


def of_template(template: CloudFormationDocument, target: Resource) -> tuple[str, ...]:
    style = layout.style_of(template)
    told = [f"{'JSON' if style.json else 'YAML'}, indentation: {_width(Counter({style.step: 1}))}"]
    if style.newline != "\n":
        told.append("lines end with CR LF")
    if not style.json:
        told.append(f"strings that need quotes take {_QUOTES.get(style.quotes, 'double')} ones")
        told.append(f"the dash of a list is indented by {style.dash} from its key")
        short = template.data.count(b"!Ref") + template.data.count(b"!GetAtt") + template.data.count(b"!Sub")
        long = sum(template.data.count(name) for name in (b"Ref:", b"Fn::GetAtt:", b"Fn::Sub:"))
        if short or long:
            told.append(
                "functions are written " + ("short, as `!Ref`" if short >= long else "in full, as `Fn::GetAtt:`")
            )
    names = []
    for resource in template.of_type(target.type):
        value = resource.get("Properties")
        names.append([name for name, _ in value.items] if isinstance(value, ObjectValue) else [])
    if _habit([each for each in map(_in_order, names) if each is not None]):
        told.append("properties stand in alphabetical order")
    return tuple(told)


def _steps(document: TerraformDocument) -> Counter[str]:
    found: Counter[str] = Counter()
    for block in document.blocks:
        for item in block.attributes:
            before = document.data[document.data.rfind(b"\n", 0, item.start) + 1 : item.start].decode()
            if before and not before.strip():
                found[before] += 1
    return found


def _width(steps: Counter[str]) -> str:
    step = steps.most_common(1)[0][0] if steps else "  "
    if set(step) == {"\t"}:
        return "one tab" if len(step) == 1 else f"{len(step)} tabs"
    return f"{len(step)} spaces"


def _has_more(block: Block, name: str) -> bool:
    return len(block.attributes) > 1 and block.attribute(name) is not None


def _in_order(names: list[str]) -> bool | None:
    """None where too few are there to tell."""
    return names == sorted(names) if len(names) >= ENOUGH else None


def _aligned(document: TerraformDocument, block: Block) -> bool:
    """Whether arguments on lines that follow each other have their equals signs below each other."""
    columns: dict[int, int] = {}
    for item in block.attributes:
        equals = document.data.find(b"=", item.start, item.value_start)
        columns[item.start_line] = equals - document.data.rfind(b"\n", 0, item.start)
    return all(columns[line] == columns[line + 1] for line in columns if line + 1 in columns)


def _habit(cases: list[bool], *, default: bool = False) -> bool:
    return sum(cases) >= MOST * len(cases) if cases else default
