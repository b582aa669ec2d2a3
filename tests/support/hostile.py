"""The corpus of fixtures/hostile: targets, and answers to them that no stage may let pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import indent
from typing import cast

import yaml
from tests.support.in_memory import InMemoryTree
from tests.support.repositories import finding

from iacfix.controls import load_catalogue
from iacfix.domain.control import Literal
from iacfix.domain.errors import PatchError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit, Usage
from iacfix.domain.verdict import Rejected, StageName, StageOutcome, StageResult, Verdict
from iacfix.generation.model.answer import read_answer
from iacfix.locators.locate import locate
from iacfix.locators.repository import Repository
from iacfix.patches import render_diff
from iacfix.ports import ModelReply, StopReason
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

HOSTILE = Path(__file__).resolve().parents[2] / "fixtures" / "hostile"
CATALOGUE = load_catalogue()
UNKNOWN_CHECK = "CKV_ACME_1"
SIDE = {"infra/side.tf": "locals {\n  side = 1\n}\n", "README.md": "# Shop\n"}

LANGUAGES = ("terraform", "cloudformation")
ROOMS = (*LANGUAGES, "answers")
Entry = Mapping[str, object]


@dataclass(frozen=True)
class Target:
    """`right` are the edits that put the file right; `by_a_person`: they hold what only its owner can know, and no author
    is believed where the catalogue knows the check.
    """

    language: str
    name: str
    path: str
    check: str
    resource: str
    before: str
    right: tuple[Entry, ...]
    by_a_person: bool = False

    @property
    def address(self) -> str:
        return self.resource

    @property
    def block_name(self) -> str:
        return self.resource.rpartition(".")[2]

    @property
    def head(self) -> str:
        """The line that starts the target."""
        kind, _, name = self.resource.rpartition(".")
        return f'resource "{kind}" "{name}" {{\n' if self.language == "terraform" else f"  {name}:\n"

    @property
    def block(self) -> str:
        """The target as it stands, from its head to its end."""
        start = self.before.index(self.head)
        if self.language == "terraform":
            return self.before[start : self.before.index("\n}\n", start) + 3]
        end = next((at for at in _dedents(self.before, start + len(self.head))), len(self.before))
        return self.before[start:end]


def _dedents(text: str, start: int) -> Iterator[int]:
    at = start
    for line in text[start:].splitlines(keepends=True):
        if line.strip() and not line.startswith("    "):
            yield at
        at += len(line)


@dataclass(frozen=True)
class HostileCase:
    """`answer` is what the model says; `known` tells whether the catalogue knows the check."""

    name: str
    target: Target
    answer: str
    stages: frozenset[str]
    known: bool = True


@cache
def targets(language: str) -> Mapping[str, Target]:
    page = _read(HOSTILE / "targets" / f"{language}.yaml")
    beside = str(page["beside"])
    made = {}
    for name, entry in cast("Mapping[str, Entry]", page["targets"]).items():
        text = str(entry["before"])
        before = text + beside if language == "terraform" else beside + text
        right = tuple(cast("Sequence[Entry]", entry["right"]))
        made[name] = Target(
            language,
            name,
            str(page["path"]),
            str(entry["check"]),
            str(entry["resource"]),
            before,
            right,
            entry.get("by_a_person") is True,
        )
    return made


def edited(target: Target, text: str, edits: Sequence[Entry]) -> str:
    for edit in edits:
        text = _edited(target, text, edit)
    return text


def _edited(target: Target, text: str, edit: Entry) -> str:  # noqa: C901 - one case for each kind of edit
    terraform = target.language == "terraform"
    head_end = text.find(target.head) + len(target.head)
    match edit:
        case {"top": str(added)}:
            at = head_end if terraform else text.index("    Properties:\n", head_end) + len("    Properties:\n")
            return text[:at] + indent(filled(target, added), "  " if terraform else "      ") + text[at:]
        case {"resource": str(added)}:
            return text[:head_end] + indent(filled(target, added), "    ") + text[head_end:]
        case {"below": str(added)}:
            at = _block_end(target, text)
            return text[:at] + filled(target, added) + text[at:]
        case {"above": str(added)}:
            at = head_end - len(target.head)
            return text[:at] + filled(target, added) + text[at:]
        case {"below_line": str(line), "text": str(added)}:
            at = text.index(line) + len(line)
            return text[:at] + indent(filled(target, added), "  ") + text[at:]
        case {"bottom": str(added)}:
            at = _block_end(target, text) - len("}\n" if terraform else "")
            return text[:at] + indent(filled(target, added), "  " if terraform else "      ") + text[at:]
        case {"empty": True}:
            at = _block_end(target, text) - len("}\n" if terraform else "")
            return text[:head_end] + text[at:]
        case {"end": str(added)}:
            return text + filled(target, added)
        case {"start": str(added)}:
            return filled(target, added) + text
        case {"drop": True}:
            return text.replace(text[head_end - len(target.head) : _block_end(target, text)], "", 1)
        case {"replace": [str(old), str(new)]}:
            wanted = filled(target, old)
            assert wanted in text, f"{target.name}: {wanted!r}"
            return text.replace(wanted, filled(target, new), 1)
        case _:
            msg = f"no such edit: {edit}"
            raise ValueError(msg)


def _block_end(target: Target, text: str) -> int:
    start = text.index(target.head)
    if target.language == "terraform":
        return text.index("\n}\n", start) + 3
    return next(_dedents(text, start + len(target.head)), len(text))


def filled(target: Target, text: str) -> str:
    kind, _, name = target.resource.rpartition(".")
    for mark, value in (
        ("<address>", target.address),
        ("<type>", kind),
        ("<name>", name),
        ("<path>", target.path),
        ("<head>", target.head.rstrip("\n")),
        ("<end>", target.block[-60:]),
        ("<surrogate>", chr(0xD800)),
        ("<homoglyph>", name.replace("a", "\u0430").replace("o", "\u043e").replace("e", "\u0435")),
    ):
        text = text.replace(mark, value)
    return text


def right(target: Target) -> str:
    return edited(target, target.before, target.right)


def diff_of(target: Target, after: str) -> str:
    return render_diff([Edit(target.path, target.before.encode(), after.encode())])


def groups() -> list[str]:
    """The classes, as `terraform/silenced`."""
    return [f"{path.parent.name}/{path.stem}" for room in ROOMS for path in sorted((HOSTILE / room).glob("*.yaml"))]


def cases(group: str, *, most: int | None = None) -> Iterator[HostileCase]:
    """Of one class. `most`: no more than so many targets for each way to do it, other ones for each."""
    room = group.partition("/")[0]
    for number, entry in enumerate(cast("Sequence[Entry]", _read(HOSTILE / f"{group}.yaml")["cases"])):
        if room != "answers":
            yield from _made(group, entry, _turned(entry, targets(room), number, most))
            continue
        for language in cast("Sequence[str]", entry.get("languages", LANGUAGES)):
            yield from _answers(group, entry, _turned(entry, targets(language), number, most))


def _turned(entry: Entry, known: Mapping[str, Target], turn: int, most: int | None) -> list[Target]:
    names = cast("Sequence[str]", entry.get("targets", list(known)))
    wanted = [known[name] for name in names if name in known]
    return (wanted[turn % len(wanted) :] + wanted[: turn % len(wanted)])[:most] if wanted else []


def _made(group: str, entry: Entry, wanted: Sequence[Target]) -> Iterator[HostileCase]:
    """One for each target, once with its check and once with a check that nobody knows."""
    instead = bool(entry.get("instead"))
    edits = cast("Sequence[Entry]", entry["edits"])
    for target in wanted:
        start = target.before if instead else right(target)
        after = edited(target, start, edits)
        name = f"{group}: {entry['name']}: {target.name}"
        answer = fenced(diff_of(target, after))
        yield HostileCase(name, target, answer, _stages(entry, "stages"))
        alone = instead or not any("below" in edit for edit in target.right)  # no companion is known to nobody's check
        if entry.get("unknown", True) and alone:
            yield HostileCase(f"{name}, unknown check", target, answer, _stages(entry, "unknown_stages"), known=False)


def _answers(group: str, entry: Entry, wanted: Sequence[Target]) -> Iterator[HostileCase]:
    for target in wanted:
        diff = diff_of(target, right(target))
        body = diff[diff.index("@@") :]
        answer = ""
        for piece in cast("Sequence[object]", entry["answer"]):
            match piece:
                case str(text):
                    made = text
                case {"text": str(text), "times": int(times)}:
                    made = text * times
                case _:
                    msg = f"no such piece: {piece}"
                    raise ValueError(msg)
            answer += filled(target, made).replace("<diff>", diff).replace("<body>", body)
        yield HostileCase(
            f"{group}: {entry['name']}: {target.language} {target.name}", target, answer, _stages(entry, "stages")
        )


def _stages(entry: Entry, key: str) -> frozenset[str]:
    return frozenset(cast("Sequence[str]", entry.get(key, entry["stages"])))


def fenced(diff: str) -> str:
    return f"Here is the fix.\n\n```diff\n{diff}```\n"


def judged(
    target: Target, answer: str, *, known: bool = True, defaults: Mapping[str, Literal] | None = None
) -> Verdict:
    """What becomes of a model's answer, from its words on."""
    try:
        diff = read_answer(ModelReply(answer, StopReason.END, Usage())).diff
    except PatchError as error:
        return Rejected(StageName.PARSE, str(error), (StageResult(StageName.PARSE, StageOutcome.REJECTED, str(error)),))
    repository = Repository(InMemoryTree({target.path: target.before, **SIDE}))
    read = finding(target.check if known else UNKNOWN_CHECK, target.resource, target.path)
    assert isinstance(read, Finding)
    location = locate(read, repository)
    assert isinstance(location, Location), location
    control = CATALOGUE.find("checkov", read.check_id, read.resource.type)
    assert (control is not None) is known
    return judge(
        Candidate(diff, "model:hostile"), Fixer(CATALOGUE, repository, defaults=defaults or {}).case(control, location)
    )


@cache
def _read(path: Path) -> Mapping[str, object]:
    return cast("Mapping[str, object]", yaml.load(path.read_text(), Loader=yaml.CSafeLoader))
