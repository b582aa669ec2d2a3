"""Unified diffs: read what others wrote, apply it in memory where it belongs, render the canonical form."""

from iacfix.patches.apply import apply_patch
from iacfix.patches.hunks import FilePatch, Hunk, HunkLine, LineKind
from iacfix.patches.read import MAX_DIFF_BYTES, read_diff
from iacfix.patches.render import count_changed_lines, render_diff

__all__ = [
    "MAX_DIFF_BYTES",
    "FilePatch",
    "Hunk",
    "HunkLine",
    "LineKind",
    "apply_patch",
    "count_changed_lines",
    "read_diff",
    "render_diff",
]
