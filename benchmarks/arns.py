"""ARNs as AWS would make them of a name, with what AWS adds itself invented."""

import re

from iacfix.locators.arn import arn_for
from iacfix.locators.resource_types import Shape, table

ACCOUNT, REGION = "111122223333", "eu-west-1"

_HOLE = re.compile(r"\{([a-z/:-]*)\}")
_INVENTED = {"random": "a1B2c3", "any": "parent1234", "path": ""}
_ID = "0a1b2c3d4e5f67890"


def arn_of(kind: str, name: str) -> str:
    """ "" where no ARN of the kind holds the name."""
    if arn := arn_for(kind, name, ACCOUNT, REGION):
        return arn
    shape = next((shape for row in table().spelled(kind) for shape in row.shapes[:1]), None)
    return _filled(shape, name) if shape is not None and "name" in "".join(_HOLE.findall(shape.resource)) else ""


def _filled(shape: Shape, name: str) -> str:
    def filled(hole: re.Match[str]) -> str:
        wanted = hole.group(1)
        if "name" in wanted:
            return name
        return _INVENTED.get(wanted, f"{wanted.removesuffix('id').rstrip('/:')}{_ID}")

    region, account = REGION if shape.regional else "", ACCOUNT if shape.of_account else ""
    return f"arn:aws:{shape.service}:{region}:{account}:{_HOLE.sub(filled, shape.resource)}"
