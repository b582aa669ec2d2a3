"""Whether a candidate may be proposed: five stages that are always on, then the assurance stages."""

from iacfix.validators.pipeline import judge
from iacfix.validators.trial import MAX_CHANGED_LINES, Case, Code, Origin, Tools

__all__ = ["MAX_CHANGED_LINES", "Case", "Code", "Origin", "Tools", "judge"]
