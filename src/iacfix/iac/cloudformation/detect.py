"""Which files are templates, without building them."""

import re

import yaml

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.syntax import decode, events

_TYPE = re.compile(r"(AWS|Custom|Alexa)::\w|\w+(::\w+){2,3}$")
# For what does not parse: a top-level `Resources`, and a type somewhere below it.
_SECTION = re.compile(rb"""^[\s{]{0,9}["']?Resources["']?[ \t]*:""", re.MULTILINE)
_TYPED = re.compile(rb"""\bType["']?[ \t]*:[ \t]*["']?(AWS|Custom|Alexa)::""")


def is_template(data: bytes) -> bool:
    """Whether a file is a template, broken ones too: a resource with a type stands below a top-level `Resources`.

    Cheap: most other files lack one of three words, the rest are known by their first events.
    """
    if b"Resources" not in data or b"Type" not in data or b"::" not in data:
        return False
    try:
        return _has_resource(decode(data))
    except DocumentError:
        section = _SECTION.search(data)
        return section is not None and _TYPED.search(data, section.end()) is not None


def _has_resource(text: str) -> bool:
    path: list[str | None] = []  # for each collection that is open: the key whose value comes next, None before a key
    for event in events(text):
        match event:
            case yaml.MappingStartEvent():
                path.append(None)
                continue
            case yaml.SequenceStartEvent():
                path.append("-")
                continue
            case yaml.ScalarEvent(value=value):
                if path and path[-1] is None:
                    path[-1] = value
                    continue
                if path[:1] == ["Resources"] and path[1:2] != ["-"] and path[2:] == ["Type"] and _TYPE.match(value):
                    return True
            case yaml.CollectionEndEvent():
                path.pop()
            case yaml.AliasEvent():
                pass
            case _:
                continue
        if path and path[-1] != "-":  # a value is done: the next thing is a key
            path[-1] = None
    return False
