"""A file that was as Terraform's own formatter wants it is left so."""

from dataclasses import replace

from iacfix.iac.terraform.compare import changed_blocks
from iacfix.patches import count_changed_lines
from iacfix.ports import ToolError
from iacfix.validators.terraform.trial import TerraformTrial


def laid_out(trial: TerraformTrial) -> TerraformTrial:
    """What is only layout is put right, and refuses nothing. Where it is not looked at, or is left, that is said."""
    formatter, path = trial.case.tools.formatter, trial.case.location.path
    if formatter is None:
        return trial
    before, after = trial.document_before.data, trial.document_after.data
    try:
        wanted = formatter.formatted(after)
        if wanted == after or formatter.formatted(before) != before:
            return trial
    except ToolError as error:
        return replace(trial, said=f"whether it is laid out well was not looked at: {error}")
    edits = tuple(replace(edit, after=wanted) if edit.path == path else edit for edit in trial.edits)
    better = replace(trial, edits=edits).reading(next(edit for edit in edits if edit.path == path))
    if changed_blocks(trial.document_after, better.document_after):
        return replace(trial, said="terraform fmt would write it in another way, and not only lay it out")
    if count_changed_lines(edits) > trial.case.max_changed_lines:
        return replace(trial, said="laid out as terraform fmt does, it would be too many changed lines")
    return replace(better, said="laid out as terraform fmt does")
