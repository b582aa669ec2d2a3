"""What SAM's `Globals` lay under the properties of a function or an API."""

from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.iac.cloudformation.places import Path
from iacfix.iac.cloudformation.values import read_value
from iacfix.iac.values import ObjectValue, Value

_SERVERLESS = "AWS::Serverless::"


def properties(document: CloudFormationDocument, resource: Resource, path: Path) -> Value | None:
    """Of a resource, with what SAM's Globals add to the property that is asked for.

    Where both have it, the resource's own wins, and mappings are laid over each other.
    """
    own = resource.get("Properties")
    shared = _globals(document, resource)
    if shared is None or not path or not isinstance(path[0], str):
        return own
    given = shared.get(path[0])
    if given is None or not isinstance(own, ObjectValue | None):
        return own
    pairs = own.items if own is not None else ()
    mine = own.get(path[0]) if own is not None else None
    if isinstance(mine, ObjectValue) and isinstance(given, ObjectValue):
        given = ObjectValue((*given.items, *mine.items), given.complete and mine.complete)
    elif mine is not None:
        return own
    return ObjectValue((*pairs, (path[0], given)), complete=own is None or own.complete)


def _globals(document: CloudFormationDocument, resource: Resource) -> ObjectValue | None:
    if not document.is_sam or not resource.type.startswith(_SERVERLESS):
        return None
    section = document.root.get("Globals")
    found = read_value(section) if section is not None else None
    found = found.get(resource.type.removeprefix(_SERVERLESS)) if isinstance(found, ObjectValue) else None
    return found if isinstance(found, ObjectValue) else None
