"""One call that reads a live resource, by names of the service's model, as the role that changes it."""

import re
from collections.abc import Mapping

import botocore.exceptions as boto
from botocore import xform_name
from botocore.parsers import ResponseParserError

from iacfix.adapters.aws.member import Members
from iacfix.adapters.aws.session import BUSY, DENIED, said, shown
from iacfix.ports import CloudReadError
from iacfix.ports.posture import Answer, At, PostureError

_READS = re.compile(r"(?:Get|List|Describe)[A-Za-z0-9]+")
_FIRST_SERVER_ERROR = 500


class LiveReader:
    """Implements ports.posture.PostureReader. `correlation` is the key of the finding that is worked on."""

    def __init__(self, members: Members, correlation: str) -> None:
        self._members = members
        self._correlation = correlation

    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:
        what = f"{service}:{operation}"
        if _READS.fullmatch(operation) is None:
            raise PostureError(f"{shown(what)} does not only read")
        try:
            client = self._members.client(service, at, self._correlation)
            answer = getattr(client, xform_name(operation))(**parameters)
        except CloudReadError as error:
            raise PostureError(error.what, remedy=error.remedy, passes=error.again) from None
        except boto.ClientError as error:
            code, message, status = said(error)
            passes = code in BUSY or status >= _FIRST_SERVER_ERROR
            remedy = f"allow {what} there" if code in DENIED else "look at the resource"
            told = f"AWS answered {shown(code)} to {what}: {shown(message)}"
            raise PostureError(told, remedy=remedy, code=code, passes=passes) from None
        except boto.ParamValidationError:
            raise PostureError(f"boto3 cannot ask {what}", remedy="check `reads` of the control") from None
        except (boto.BotoCoreError, ResponseParserError, AttributeError) as error:
            kind = type(error).__name__
            raise PostureError(f"there was no answer to {what} ({kind})", remedy="try again", passes=True) from None
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
