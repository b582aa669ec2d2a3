"""Apply the hunks of one file, each where its own lines stand and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from iacfix.domain.errors import PatchError
from iacfix.patches.hunks import FilePatch, Hunk, HunkLine, LineKind
from iacfix.patches.nearest import describe_nearest
from iacfix.patches.source import BOM, Source, decode, is_alike, squeezed

MAX_LISTED_PLACES = 20


@dataclass(frozen=True, slots=True)
class _Placed:
    """A hunk, its number in the diff (from 1), the lines it takes the place of, and the mark it leaves the file."""

    number: int
    hunk: Hunk
    start: int
    end: int
    bom: str


def apply_patch(
    before: bytes,
    patch: FilePatch,
    *,
    within: tuple[int, int] | None = None,
    is_sensitive: Callable[[str], bool] | None = None,
) -> bytes:
    """The file with every hunk applied, or PatchError and nothing.

    A hunk whose lines stand in the file more than once is taken when they stand once in the lines that the byte span
    `within` covers. Lines for which `is_sensitive` holds are not quoted in error messages.
    """
    source = Source.of(decode(before, patch.path))
    anchoring = _Anchoring(source, patch.path, _line_span(before, within), is_sensitive)
    placed = sorted(
        (anchoring.place(number, hunk) for number, hunk in enumerate(patch.hunks, start=1)),
        key=lambda one: one.start,
    )
    _refuse_overlap(placed, patch.path)
    kept = [text + ending for text, ending in zip(source.texts, source.endings, strict=True)]
    parts = [placed[0].bom if placed and placed[0].start == 0 else source.bom]
    done = 0
    for one in placed:
        parts += kept[done : one.start]
        parts += _new_lines(source, one)
        done = one.end
    parts += kept[done:]
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError:
        raise PatchError(f"the patch of {patch.path} is not valid Unicode", remedy="write it as UTF-8") from None


def _line_span(before: bytes, within: tuple[int, int] | None) -> tuple[int, int] | None:
    """First and last line index that the byte span covers."""
    if within is None:
        return None
    start, end = within
    if not 0 <= start < end <= len(before):
        msg = f"the span {start}..{end} is not inside a file of {len(before)} bytes"
        raise ValueError(msg)
    return before.count(b"\n", 0, start), before.count(b"\n", 0, end - 1)


@dataclass(frozen=True, slots=True)
class _Anchoring:
    """Where the hunks of one file belong. `span` is the first and last line index of the block asked for."""

    source: Source
    path: str
    span: tuple[int, int] | None
    is_sensitive: Callable[[str], bool] | None

    def place(self, number: int, hunk: Hunk) -> _Placed:
        name = f"hunk {number} of {self.path}"
        if not hunk.old:
            raise PatchError(
                f"{name} has only added lines, so nothing says where they go",
                remedy="add the lines that stand above and below, each with one space in front",
            )
        plain, bom = _without_bom(self.source, hunk)
        wanted = [line.text for line in plain.old]
        # A byte order mark stands on line 1 or nowhere.
        last = len(self.source.texts) - 1 if plain is hunk else len(wanted) - 1
        everywhere = (0, min(last, len(self.source.texts) - 1))
        found = self._found(wanted, everywhere, MAX_LISTED_PLACES + 1)
        if not found:
            found = self._found_alike(plain, everywhere)
        if not found:
            nearest = describe_nearest(self.source.texts, wanted, self.is_sensitive)
            raise PatchError(
                f"{name} does not match: its context and removed lines do not stand in the file as written. {nearest}",
                remedy="copy these lines from the file exactly, white space included",
            )
        if len(found) > 1:
            found = self._inside(name, wanted, found)
        return _Placed(number, plain, found[0], found[0] + len(wanted), bom)

    def _inside(self, name: str, wanted: list[str], everywhere: list[int]) -> list[int]:
        found = self._found(wanted, self.span, MAX_LISTED_PLACES + 1) if self.span else []
        if len(found) == 1:
            return found
        where = ""
        if self.span:
            inside = f"at {_listed(found)}" if found else "nowhere"
            where = f", and wholly inside the block at fault (lines {self.span[0] + 1} to {self.span[1] + 1}) {inside}"
        raise PatchError(
            f"{name} matches more than once, at {_listed(everywhere)}{where}",
            remedy="add more lines of context, or write the whole enclosing block, so that it matches once",
        )

    def _found_alike(self, hunk: Hunk, span: tuple[int, int]) -> list[int]:
        """Where context differs in white space that does not show, and there is one such place in the whole file.

        The file's own lines stay. A line that is to go is written as it stands.
        """
        places = list(islice(self.source.alike.places([squeezed(line.text) for line in hunk.old], *span), 2))
        if len(places) != 1:
            return []
        standing = self.source.texts[places[0] : places[0] + len(hunk.old)]
        if any(
            not is_alike(line.text, text) if line.kind is LineKind.CONTEXT else line.text != text
            for line, text in zip(hunk.old, standing, strict=True)
        ):
            return []
        return places

    def _found(self, wanted: list[str], span: tuple[int, int], limit: int) -> list[int]:
        return list(islice(self.source.places(wanted, *span), limit))


def _listed(found: list[int]) -> str:
    more = " and more" if len(found) > MAX_LISTED_PLACES else ""
    return "lines " + ", ".join(str(index + 1) for index in found[:MAX_LISTED_PLACES]) + more


def _without_bom(source: Source, hunk: Hunk) -> tuple[Hunk, str]:
    """The hunk as it reads without a byte order mark, and the mark that the file has when this hunk is at its top.

    A hunk that shows the file's mark decides what becomes of it; any other leaves it.
    """
    if not (source.bom and hunk.old[0].text.startswith(BOM)):
        return hunk, source.bom
    keeps = bool(hunk.new) and hunk.new[0].text.startswith(BOM)
    tops = {next(number for number, line in enumerate(hunk.lines) if line.kind is not LineKind.ADDED)}
    if keeps:
        tops.add(next(number for number, line in enumerate(hunk.lines) if line.kind is not LineKind.REMOVED))
    lines = (
        replace(line, text=line.text.removeprefix(BOM)) if number in tops else line
        for number, line in enumerate(hunk.lines)
    )
    return Hunk(tuple(lines)), BOM if keeps else ""


def _refuse_overlap(placed: list[_Placed], path: str) -> None:
    for one, other in pairwise(placed):
        if other.start < one.end:
            raise PatchError(
                f"hunks {one.number} and {other.number} of {path} overlap at line {other.start + 1}",
                remedy="write them as one hunk, with every line once",
            )


def _new_lines(source: Source, placed: _Placed) -> list[str]:
    exact = _endings_agree(source, placed)
    made: list[tuple[str, str]] = []
    at = placed.start
    for line in placed.hunk.lines:
        if line.kind is LineKind.ADDED:
            given = line.ending if exact else None
            made.append((line.text, given or source.newline_before(max(at - 1, placed.start))))
            continue
        if line.kind is LineKind.CONTEXT:
            made.append((source.texts[at], source.endings[at] or source.newline_before(at)))
        at += 1
    if made and placed.end == len(source.texts):
        text, ending = made[-1]
        made[-1] = (text, "" if _ends_without_newline(source, placed) else ending)
    return [text + ending for text, ending in made]


def _endings_agree(source: Source, placed: _Placed) -> bool:
    """Whether the hunk shows the line endings that the file has: if not, its author did not see them."""
    actual = source.endings[placed.start : placed.end]
    return all(
        line.ending == ending for line, ending in zip(placed.hunk.old, actual, strict=True) if line.ending and ending
    )


def _ends_without_newline(source: Source, placed: _Placed) -> bool:
    last = placed.hunk.new[-1]
    if _knows_end_of_file(source, placed.hunk):
        return last.ending == ""
    stays = last.kind is LineKind.ADDED or placed.hunk.old[-1].kind is LineKind.CONTEXT
    return stays and source.endings[-1] == ""


def _knows_end_of_file(source: Source, hunk: Hunk) -> bool:
    """Whether the hunk tells where a newline is missing, only where one can be, and rightly of the file as it is."""

    def misplaced(side: tuple[HunkLine, ...]) -> bool:
        return any(line.ending == "" for line in side[:-1])

    told = any(line.ending == "" for line in hunk.lines)
    rightly = (hunk.old[-1].ending == "") == (source.endings[-1] == "")
    return told and rightly and not misplaced(hunk.old) and not misplaced(hunk.new)
