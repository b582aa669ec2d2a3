"""SARIF as others read it: its schema, and its fixes applied by the letter of the standard (3.57 and 3.30)."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import jsonschema

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(cast("Mapping[str, object]", SCHEMA))


def run_of(text: str | bytes) -> dict[str, list[dict[str, object]]]:
    """The one run of a log that keeps to the schema."""
    log = json.loads(text)
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    return cast("dict[str, list[dict[str, object]]]", run)


def applied(before: str, replacements: list[Mapping[str, Mapping[str, object]]]) -> str:
    """Regions are of the text as it was; lines and columns count from 1, the end column is not in the region."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n", before))]
    text = before
    for each in sorted(replacements, key=lambda each: -cast("int", each["deletedRegion"]["startLine"])):
        region = cast("Mapping[str, int]", each["deletedRegion"])
        begin = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        assert begin <= end <= len(before)
        text = text[:begin] + str(each["insertedContent"]["text"]) + text[end:]
    return text
