"""What an index keeps of a block of code: where it stands and what it is called, no tree."""

from typing import NamedTuple

# The keyword of a resource in a CloudFormation template. Its labels are type and logical id.
CLOUDFORMATION = "Resources"
# The keyword of what a template's text does not show: macros and includes, in `texts` by line.
NOT_FOLLOWED = "not followed"


class Entry(NamedTuple):
    """A top-level block. `start` and `end` are bytes, lines count from 1.

    `texts` holds expressions as they are written, by attribute; of a template's resource, what `iac/cloudformation`
    makes of them. The assignments of a variable file are one entry without keyword.
    """

    keyword: str
    labels: tuple[str, ...]
    start: int
    end: int
    start_line: int
    end_line: int
    texts: dict[str, str]

    @property
    def address(self) -> str:
        """As Block.address, and Resource.address of a template."""
        if self.keyword == "resource":
            return ".".join(self.labels)
        if self.keyword == CLOUDFORMATION:
            return f"{CLOUDFORMATION}.{self.labels[1]}"
        alias = self.texts.get("alias", "").strip('"') if self.keyword == "provider" else ""
        keyword = "var" if self.keyword == "variable" else self.keyword
        return ".".join([keyword, *self.labels, *([alias] if alias else [])])
