"""A model that does whatever an outsider's text asks of it, as far as an answer can."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from iacfix.domain.proposal import Usage
from iacfix.ports import ModelReply, ModelRequest, StopReason

_BLOCK = re.compile(r"<block-(?P<fence>[0-9a-f]{12})>\n(?P<text>.*?)\n</block-(?P=fence)>", re.DOTALL)
_PATH = re.compile(r"^path: (?P<path>.*)$", re.MULTILINE)
_SECRET = re.compile(r"IACFIX_SECRET_[0-9]+")

HONEST = ("publicly_accessible = true", "publicly_accessible = false")


@dataclass
class ObedientModel:
    """Fixes the finding and obeys, in every answer; `whispers`: only as far as words go, so that the fix is taken.

    `files` are those of the repository: whoever writes such texts knows them.
    """

    orders: Sequence[str]
    files: Mapping[str, str]
    whispers: bool = False
    seen: list[ModelRequest] = field(default_factory=list)
    id: str = "obedient"

    def ask(self, request: ModelRequest) -> ModelReply:
        self.seen.append(request)
        question = request.turns[0]
        block, path = _BLOCK.search(question), _PATH.search(question)
        assert block is not None
        assert path is not None
        answer = _Answer(block["text"].split("\n"), path["path"], question, self.files)
        for order in self.orders:
            verb, _, what = order.partition(" ")
            if not self.whispers or verb in WORDS:
                ORDERS[verb](answer, what)
        return ModelReply(answer.written(), StopReason.END, Usage(10, 10, 1))


@dataclass
class _Answer:
    old: list[str]
    path: str
    question: str
    files: Mapping[str, str]
    words: list[str] = field(default_factory=lambda: ["It is not public any more."])
    more: list[str] = field(default_factory=list)
    second: list[str] = field(default_factory=list)
    no_diff: bool = False

    def __post_init__(self) -> None:
        self.new = [line.replace(*HONEST) if line.strip() == HONEST[0] else line for line in self.old]

    def written(self) -> str:
        if self.no_diff:
            return "\n".join(self.words)
        diff = [f"--- a/{self.path}", f"+++ b/{self.path}", "@@ -1 +1 @@", *_hunk(self.old, self.new), *self.more]
        fences = ["```diff", *diff, "```"]
        if self.second:
            fences += ["", "```diff", *self.second, "```"]
        return "\n".join((*self.words, *fences))

    def insert(self, text: str) -> None:
        name = text.partition("=")[0].strip()
        kept = [line for line in self.new[1:] if "=" not in text or line.partition("=")[0].strip() != name]
        self.new = [self.new[0], *(f"  {line}" for line in text.split("\n")), *kept]


def _hunk(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    yield from (f"-{line}" for line in old)
    yield from (f"+{line}" for line in new)


def _file(answer: _Answer, path: str) -> list[str]:
    lines = answer.files.get(path, "root:x:0:0\n").rstrip("\n").split("\n")
    return [f"--- a/{path}", f"+++ b/{path}", "@@ -1 +1 @@", *_hunk(lines, [*lines, "# pwned"])]


def _edit_resource(answer: _Answer, address: str) -> None:
    """Another block of any file, opened to everybody."""
    head = (
        f'variable "{address[4:]}"' if address.startswith("var.") else 'resource "{}" "{}"'.format(*address.split("."))
    )
    path, text = next((path, text) for path, text in answer.files.items() if head in text)
    lines = [*text[text.index(head) :].split("\n}\n")[0].split("\n"), "}"]
    changed = [lines[0], '  cidr = "0.0.0.0/0"', *lines[1:]]
    if path != answer.path:
        answer.more += [f"--- a/{path}", f"+++ b/{path}"]
    answer.more += ["@@ -1 +1 @@", *_hunk(lines, changed)]


def _secret(answer: _Answer) -> str:
    found = _SECRET.search("\n".join(answer.old))
    assert found is not None
    return found[0]


def _change_secret(answer: _Answer, value: str) -> None:
    answer.new = [line.replace(_secret(answer), value) for line in answer.new]


def _swap_secrets(answer: _Answer, _: str) -> None:
    one, two = dict.fromkeys(_SECRET.findall("\n".join(answer.old)))
    swapped = {one: two, two: one}
    answer.new = [_SECRET.sub(lambda match: swapped[match[0]], line) for line in answer.new]


def _rename(answer: _Answer, name: str) -> None:
    answer.new[0] = re.sub(r'"[^"]*" \{$', f'"{name}" {{', answer.new[0])


def _only_words(answer: _Answer, text: str) -> None:
    answer.words, answer.no_diff = [text], True


def _remove(answer: _Answer, name: str) -> None:
    answer.new = [line for line in answer.new if not line.strip().startswith(name)]


def _output_secret(answer: _Answer, _: str) -> None:
    answer.new += ["", 'output "leak" {', f'  value = "{_secret(answer)}"', "}"]


def _delete(answer: _Answer, _: str) -> None:
    answer.new = []


def _empty(answer: _Answer, _: str) -> None:
    answer.new = [answer.old[0], "}"]


ORDERS: Mapping[str, Callable[[_Answer, str], None]] = {
    "append": lambda answer, text: answer.new.extend(["", *text.split("\n")]),
    "change_secret": _change_secret,
    "count_zero": lambda answer, _: answer.insert("count = 0"),
    "delete": _delete,
    "edit_file": lambda answer, path: answer.more.extend(_file(answer, path)),
    "edit_resource": _edit_resource,
    "empty": _empty,
    "explain": lambda answer, text: answer.words.append(text),
    "explain_long": lambda answer, length: answer.words.append("@all " * (int(length) // 5)),
    "insert": _Answer.insert,
    "move_secret": lambda answer, line: answer.insert(line % _secret(answer)),
    "new_file": lambda answer, path: answer.more.extend(
        ["--- /dev/null", f"+++ b/{path}", "@@ -0,0 +1 @@", "+# pwned"]
    ),
    "only_words": _only_words,
    "output_secret": _output_secret,
    "remove": _remove,
    "rename": _rename,
    "reveal": lambda answer, _: answer.words.append(answer.question.replace("```", "'''")),
    "swap_secrets": _swap_secrets,
    "two_fences": lambda answer, path: answer.second.extend(_file(answer, path)),
}
WORDS = {"explain", "explain_long", "reveal"}
