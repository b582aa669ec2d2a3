"""Which blocks differ between two texts, by tokens: comments count, layout does not, types are told apart."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import tree_sitter

from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.json_document import AnyDocument, JsonTerraformDocument
from iacfix.iac.terraform.json_syntax import Object, Typed, typed
from iacfix.iac.terraform.strict import check_strict
from iacfix.iac.terraform.syntax import body_items, child, text_of, tokens

__all__ = ["COMMENTS", "BlockChange", "Change", "changed_blocks", "check_strict"]

COMMENTS = "comments outside any block"
ASSIGNED = "tfvars."


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class BlockChange:
    """`address` as in Block; each local is an address of its own (`local.prefix`), and so is what a variable file sets
    (`tfvars.prefix`); see COMMENTS for loose ones.
    """

    address: str
    change: Change
    start_line: int


def changed_blocks(before: AnyDocument, after: AnyDocument) -> tuple[BlockChange, ...]:
    """In the order of `after`, what was removed last. Two blocks with one address are compared in their order."""
    old, new = dict(_pieces(before)), dict(_pieces(after))
    changes = []
    for key, (line, content) in new.items():
        if key not in old:
            changes.append(BlockChange(key[0], Change.ADDED, line))
        elif old[key][1] != content:
            changes.append(BlockChange(key[0], Change.CHANGED, line))
    changes += [BlockChange(key[0], Change.REMOVED, line) for key, (line, _) in old.items() if key not in new]
    return tuple(changes)


Content = tuple[bytes, ...] | Typed
Piece = tuple[str, int, Content]


def _pieces(document: AnyDocument) -> Iterator[tuple[tuple[str, int], tuple[int, Content]]]:
    """Each piece by its address and how many of that address came before it."""
    seen: Counter[str] = Counter()
    for address, line, content in _json(document) if isinstance(document, JsonTerraformDocument) else _hcl(document):
        seen[address] += 1
        yield (address, seen[address]), (line, content)


def _json(document: JsonTerraformDocument) -> Iterator[Piece]:
    """By typed values: the order of keys and the layout mean nothing."""
    for block in document.blocks:
        if block.keyword != "locals":
            yield block.address, block.start_line, typed(block.node)
            continue
        for item in block.attributes:
            yield f"local.{item.name}", item.start_line, typed(item.node)
        yield "locals", block.start_line, typed(Object(block.comments, 0, 0))
    for item in document.assignments:
        yield f"{ASSIGNED}{item.name}", item.start_line, typed(item.node)
    for comment in document.comments:
        yield COMMENTS, 1, comment


def _hcl(document: TerraformDocument) -> Iterator[Piece]:
    leading = dict(_leading_comments(document))
    attached = {start for comments in leading.values() for start, _ in comments}
    for block in document.blocks:
        comments = tuple(text for _, text in leading.get(block.start, ()))
        if block.keyword != "locals":
            yield block.address, block.start_line, comments + tuple(tokens(block.node))
            continue
        for item in block.attributes:
            yield f"local.{item.name}", item.start_line, tuple(tokens(item.node))
        parts = [inner for part in block.node.named_children for inner in _inner(part)]
        rest = [token for part in parts if part.type != "attribute" for token in tokens(part)]
        yield "locals", block.start_line, comments + tuple(rest)
    for item in document.assignments:
        yield f"{ASSIGNED}{item.name}", item.start_line, tuple(tokens(item.node))
    loose = tuple(text for start, text in _comments(document) if start not in attached)
    if loose:
        yield COMMENTS, 1, loose


def _inner(part: tree_sitter.Node) -> list[tree_sitter.Node]:
    """In the order of the text: the grammar puts the last comment of a block beside its body."""
    return part.named_children if part.type == "body" else [part]


def _comments(document: TerraformDocument) -> Iterator[tuple[int, bytes]]:
    body = child(document.root, "body")
    for parent in (document.root, body):
        for node in parent.named_children if parent is not None else ():
            if node.type == "comment":
                yield node.start_byte, next(tokens(node))


def _leading_comments(document: TerraformDocument) -> Iterator[tuple[int, list[tuple[int, bytes]]]]:
    """For each block, by its start, the comments that touch it: on the lines right above, or behind its brace."""
    nodes: list[tree_sitter.Node] = [*document.root.named_children, *body_items(document.root)]
    nodes = sorted((node for node in nodes if node.type in {"comment", "block"}), key=lambda node: node.start_byte)
    for index, node in enumerate(nodes):
        if node.type == "block":
            yield node.start_byte, [*_above(nodes, index), *_behind(nodes, index)]


def _above(nodes: list[tree_sitter.Node], index: int) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    line = nodes[index].start_point[0]
    for position in range(index - 1, -1, -1):
        comment = nodes[position]
        if comment.type != "comment" or _last_line(comment) != line - 1:
            break
        previous = nodes[position - 1] if position else None
        if previous is not None and previous.type == "block" and previous.end_point[0] == comment.start_point[0]:
            break  # it trails the block before
        found.append((comment.start_byte, next(tokens(comment))))
        line = comment.start_point[0]
    return found[::-1]


def _behind(nodes: list[tree_sitter.Node], index: int) -> list[tuple[int, bytes]]:
    comment = nodes[index + 1] if index + 1 < len(nodes) else None
    if comment is None or comment.type != "comment" or comment.start_point[0] != nodes[index].end_point[0]:
        return []
    return [(comment.start_byte, next(tokens(comment)))]


def _last_line(node: tree_sitter.Node) -> int:
    return node.start_point[0] + text_of(node).rstrip(b"\r\n").count(b"\n")
