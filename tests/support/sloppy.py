"""Honest answers as models write them: the recipes' own diffs, each made worse in form and no other in meaning."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

Change = Callable[[str, Random], str]


@dataclass(frozen=True)
class Hunk:
    header: str
    lines: list[str]


def hunks(diff: str) -> tuple[list[str], list[Hunk]]:
    """Header lines, then hunks."""
    head: list[str] = []
    found: list[Hunk] = []
    for line in diff.removesuffix("\n").split("\n"):
        if line.startswith("@@"):
            found.append(Hunk(line, []))
        elif found:
            found[-1].lines.append(line)
        else:
            head.append(line)
    return head, found


def joined(head: list[str], found: list[Hunk]) -> str:
    return "\n".join([*head, *(line for hunk in found for line in (hunk.header, *hunk.lines))]) + "\n"


def fenced(diff: str, language: str = "diff", mark: str = "```") -> str:
    return f"{mark}{language}\n{diff}{mark}\n"


def _path(diff: str) -> str:
    found = re.search(r"^--- a/(.*)$", diff, re.MULTILINE)
    assert found is not None, diff
    return found[1]


def _headers(old: str, new: str) -> Change:
    """Other names after --- and +++, and nothing of git's."""

    def change(diff: str, _: Random) -> str:
        path, found = _path(diff), hunks(diff)[1]
        windows = path.replace("/", "\\")
        names = [each.replace("<path>", path).replace("<windows>", windows) for each in (old, new)]
        return fenced(joined([f"--- {names[0]}", f"+++ {names[1]}"], found))

    return change


def _hunk_headers(make: Callable[[str, Random], str]) -> Change:
    def change(diff: str, random: Random) -> str:
        head, found = hunks(diff)
        return fenced(joined(head, [Hunk(make(each.header, random), each.lines) for each in found]))

    return change


def _lines(make: Callable[[str], str]) -> Change:
    def change(diff: str, _: Random) -> str:
        head, found = hunks(diff)
        return fenced(joined(head, [Hunk(each.header, [make(line) for line in each.lines]) for each in found]))

    return change


def _around(before: str, after: str = "", language: str = "diff") -> Change:
    return lambda diff, _: before + fenced(diff, language) + after


def _wrong_counts(header: str, random: Random) -> str:
    return re.sub(r",\d+", lambda _: f",{random.randrange(1, 40)}", header)


def _wrong_lines(header: str, random: Random) -> str:
    return re.sub(r"(?<=[-+])\d+", lambda _: str(random.randrange(1, 900)), header)


def _indented(diff: str, _: Random) -> str:
    """A fence within a list, as Markdown allows it: up to three spaces, and the diff at the margin."""
    return f"1. The change:\n\n   ```diff\n{diff}   ```\n"


def _wholly_indented(diff: str, _: Random) -> str:
    """A fence within a list with everything in it set in as far."""
    inside = "".join(f"   {line}\n" for line in diff.removesuffix("\n").split("\n"))
    return f"1. The change:\n\n   ```diff\n{inside}   ```\n"


def _restated(diff: str, _: Random) -> str:
    """Every line removed and written again."""
    head, found = hunks(diff)
    made = []
    for hunk in found:
        old = ["-" + line[1:] for line in hunk.lines if line[:1] in {" ", "-"}]
        new = ["+" + line[1:] for line in hunk.lines if line[:1] in {" ", "+"}]
        made.append(Hunk(hunk.header, [*old, *new]))
    return fenced(joined(head, made))


def _numbered_index(diff: str, _: Random) -> str:
    head, found = hunks(diff)
    path = _path(diff)
    return fenced(joined([f"diff --git a/{path} b/{path}", "index 83db48f..bf2a1c4 100644", *head[-2:]], found))


CHANGES: Mapping[str, Change] = {
    "as it is": lambda diff, _: diff,
    "in a fence": _around(""),
    "prose before": _around("I looked at the finding. This is the smallest change:\n\n"),
    "prose on both sides": _around("Sure!\n\n", "\nThis makes it so.\n- It is minimal.\n- Nothing else changes.\n"),
    "a list with bold words": _around("**Fix**\n\n* one thing\n\n", "\n**Why**: the check wants it.\n"),
    "a fence for patch": _around("", language="patch"),
    "a fence without a language": _around("Here:\n\n", language=""),
    "a fence for udiff": _around("", language="udiff"),
    "a fence with an attribute": _around("", language="diff title=fix"),
    "a fence in capitals": _around("", language="Diff"),
    "a longer fence": lambda diff, _: fenced(diff, mark="````"),
    "a fence of tildes": lambda diff, _: fenced(diff, mark="~~~"),
    "a fence that does not end": lambda diff, _: "```diff\n" + diff,
    "no newline at the end": lambda diff, _: diff.rstrip("\n"),
    "no newline before the fence": lambda diff, _: "```diff\n" + diff.rstrip("\n") + "\n```",
    "blank lines within the fence": lambda diff, _: f"```diff\n\n{diff}\n\n```\n",
    "CRLF": lambda diff, _: fenced(diff).replace("\r\n", "\n").replace("\n", "\r\n"),
    "an indented fence": _indented,
    "an indented diff": _wholly_indented,
    "wrong counts": _hunk_headers(_wrong_counts),
    "wrong line numbers": _hunk_headers(_wrong_lines),
    "no counts": _hunk_headers(lambda header, _: re.sub(r",\d+", "", header)),
    "no numbers": _hunk_headers(lambda _, __: "@@"),
    "dots for numbers": _hunk_headers(lambda _, __: "@@ ... @@"),
    "words for numbers": _hunk_headers(lambda _, __: "@@ in the resource @@"),
    "a heading on the hunk": _hunk_headers(lambda header, _: re.sub(r"@@.*$", "", header) + header + " resource"),
    "all zero": _hunk_headers(lambda _, __: "@@ -0,0 +0,0 @@"),
    "no prefixes": _headers("<path>", "<path>"),
    "a prefix on one side": _headers("a/<path>", "<path>"),
    "a dot before": _headers("./<path>", "./<path>"),
    "a dot behind the prefix": _headers("a/./<path>", "b/./<path>"),
    "the name of the repository": _headers("a/shop/<path>", "b/shop/<path>"),
    "slashes of Windows": _headers("a\\<windows>", "b\\<windows>"),
    "a dot and slashes of Windows": _headers(".\\<windows>", ".\\<windows>"),
    "time stamps": _headers("a/<path>\t2026-01-02 03:04:05", "b/<path>\t2026-01-02 03:04:06"),
    "original and modified": _headers("a/<path>\t(original)", "b/<path>\t(modified)"),
    "old and new": _headers("old/<path>", "new/<path>"),
    "spaces behind the names": _headers("a/<path>  ", "b/<path>  "),
    "names in back-ticks": _headers("`a/<path>`", "`b/<path>`"),
    "an index line": _numbered_index,
    "git's header alone": lambda diff, _: fenced(
        joined([f"diff --git a/{_path(diff)} b/{_path(diff)}"], hunks(diff)[1])
    ),
    "no git header": lambda diff, _: fenced(joined([f"--- a/{_path(diff)}", f"+++ b/{_path(diff)}"], hunks(diff)[1])),
    "white space trimmed at the ends": _lines(lambda line: line.rstrip() if line[:1] == " " else line),
    "blank context lines trimmed": _lines(lambda line: "" if line == " " else line),
    "white space at the ends of context": _lines(
        lambda line: line + "  " if line[:1] == " " and line.strip() else line
    ),
    "tabs for spaces in context": _lines(
        lambda line: " " + line[1:].replace("    ", "\t") if line[:1] == " " else line
    ),
    "every line written again": _restated,
}
