"""One diff, applied by us and by git: the same bytes, or a difference whose reason is known."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from pathlib import Path
from random import Random

from iacfix.domain.errors import PatchError
from iacfix.patches import apply_patch, read_diff

ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


class Outcome(StrEnum):
    SAME = "the same bytes"
    BOTH_REFUSE = "both refuse"
    OTHER_BYTES = "other bytes"
    # Only git applies it.
    AMBIGUOUS = "git takes the line number, here the lines stand more than once"
    NO_CONTEXT = "git takes the line number of added lines alone, here nothing says where they go"
    # Only we apply it.
    WHITE = "git wants the white space of the context, here what does not show may differ"
    ORDER = "git wants hunks in order, here they stand in any"
    EDGE = "git wants a hunk with little context at an end of the file, here its lines decide"
    ENDS = "git wants the ends of lines as they are, here the file knows best"
    # To be looked into.
    ONLY_GIT = "only git"
    ONLY_US = "only here"


@dataclass(frozen=True)
class Sample:
    """`twists` are what was done to a right diff."""

    before: bytes
    diff: str
    twists: frozenset[str]


def by_git(folder: Path, before: bytes, diff: str) -> bytes | None:
    """`git apply --recount`, as people use it for diffs whose counts may be wrong; None where it refuses."""
    (folder / "x").write_bytes(before)
    command = ["git", "-c", "core.autocrlf=false", "apply", "--recount", "--whitespace=nowarn", "-"]
    environment = {**ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(command, cwd=folder, input=diff.encode(), capture_output=True, env=environment, check=False)
    return (folder / "x").read_bytes() if done.returncode == 0 else None


def by_us(before: bytes, diff: str) -> bytes | str:
    """The reason where it is refused."""
    try:
        (patch,) = read_diff(diff)
        return apply_patch(before, patch)
    except PatchError as error:
        return error.what


def compare(folder: Path, sample: Sample) -> Outcome:
    git, ours = by_git(folder, sample.before, sample.diff), by_us(sample.before, sample.diff)
    if isinstance(ours, bytes):
        if git is not None:
            return Outcome.SAME if git == ours else Outcome.OTHER_BYTES
        return _only_here(sample)
    if git is None:
        return Outcome.BOTH_REFUSE
    if "more than once" in ours:
        return Outcome.AMBIGUOUS
    if "only added lines" in ours:
        return Outcome.NO_CONTEXT
    return Outcome.ONLY_GIT


def _only_here(sample: Sample) -> Outcome:
    for twist, outcome in (
        ("white", Outcome.WHITE),
        ("order", Outcome.ORDER),
        ("numbers", Outcome.EDGE),
        ("context", Outcome.EDGE),
        ("ends", Outcome.ENDS),
    ):
        if twist in sample.twists:
            return outcome
    return Outcome.ONLY_US


LINES = [
    "resource x {",
    "}",
    "  a = 1",
    "  b = 2",
    "",
    "# c",
    "  d = [",
    "  ]",
    "é",
    "-- x",
    "++ y",
    "\ta = 1",
    "  a = 1  ",
]
TWISTS = ("numbers", "white", "order", "context", "ends")


def samples(seed: int, count: int) -> Iterator[Sample]:
    random = Random(seed)  # noqa: S311 - the same sample each time
    while count:
        if (sample := _sample(random)) is not None:
            count -= 1
            yield sample


def _sample(random: Random) -> Sample | None:
    ending = random.choice(["\n", "\n", "\n", "\r\n"])
    alike = random.choice([0.1, 0.7])  # how many lines there are more than once
    before = [
        random.choice(LINES) + (f" {number}" if random.random() > alike else "")
        for number in range(random.randrange(3, 40))
    ]
    after = list(before)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(after) + 1)
        after[at : at + random.randrange(3)] = [f"new {random.randrange(99)}" for _ in range(random.randrange(3))]
    if after == before:
        return None
    unfinished = random.random() < 0.15
    texts = [ending.join(side) + ("" if unfinished else ending) for side in (before, after)]
    twists = frozenset(twist for twist in TWISTS if random.random() < 0.2)
    diff = _diff(random, texts[0], texts[1], 1 if "context" in twists else 3)
    return Sample(texts[0].encode(), _twisted(random, diff, twists), twists)


def _diff(random: Random, before: str, after: str, context: int) -> str:
    """By another maker of diffs than our own."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    made = unified_diff(old, new, "a/x", "b/x", n=random.choice([context, 3]))
    unfinished = "\n\\ No newline at end of file\n"
    return "".join(line if line.endswith("\n") else line + unfinished for line in made)


def _twisted(random: Random, diff: str, twists: frozenset[str]) -> str:
    head, *rest = diff.split("\n@@")
    hunks = ["@@" + hunk.removesuffix("\n") for hunk in rest]
    if "numbers" in twists:
        hunks = [_renumbered(random, hunk) for hunk in hunks]
    if "order" in twists:
        random.shuffle(hunks)
    if "white" in twists:
        hunks = [_spaced(random, hunk) for hunk in hunks]
    diff = "\n".join([head, *hunks]) + "\n"
    return diff.replace("\r\n", "\n") if "ends" in twists else diff


def _renumbered(random: Random, hunk: str) -> str:
    _, _, body = hunk.partition("\n")
    old, new = random.randrange(1, 50), random.randrange(1, 50)
    return f"@@ -{old},{random.randrange(1, 9)} +{new},{random.randrange(1, 9)} @@\n{body}"


def _spaced(random: Random, hunk: str) -> str:
    lines = hunk.split("\n")
    at = random.randrange(len(lines))
    if lines[at].startswith(" "):
        lines[at] = random.choice(
            [lines[at] + "  ", lines[at].rstrip(), lines[at].replace("  ", "\t"), lines[at] + " z"]
        )
    return "\n".join(lines)
