"""Runbooks by SSM Automation, in the account of the resource."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

import botocore.exceptions as boto
from botocore.parsers import ResponseParserError

from iacfix.adapters.aws.member import Members
from iacfix.adapters.aws.posture import TAG as CORRELATION
from iacfix.adapters.aws.session import BUSY, DENIED, said, shown
from iacfix.ports import CloudReadError
from iacfix.ports.posture import At
from iacfix.ports.runbooks import Execution, Progress, RunbookError, Start

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

MAX_CONCURRENT: Final = 100  # automations of an account and region; what is more is queued or refused
FULL: Final = "AutomationExecutionLimitExceededException"
_UNKNOWN: Final = frozenset({"AutomationDefinitionNotFoundException", "AutomationDefinitionVersionNotFoundException"})
_ENDS: Final = {
    "Success": Progress.SUCCEEDED,
    "CompletedWithSuccess": Progress.SUCCEEDED,
    "Failed": Progress.FAILED,
    "CompletedWithFailure": Progress.FAILED,
    "Rejected": Progress.FAILED,
    "Exited": Progress.FAILED,
    "ChangeCalendarOverrideRejected": Progress.FAILED,
    "TimedOut": Progress.TIMED_OUT,
    "Cancelled": Progress.CANCELLED,
}
_FIRST_SERVER_ERROR = 500


class SsmRunbooks:
    """Implements ports.runbooks.RunbookRunner."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def start(self, start: Start) -> str:
        with self._telling(f"the runbook {start.runbook}", "ssm:StartAutomationExecution"):
            answer = self._client(start.at, start.correlation).start_automation_execution(
                DocumentName=start.runbook,
                Parameters={name: list(value) for name, value in start.parameters.items()},
                ClientToken=start.token,
                Mode="Auto",
                Tags=[{"Key": CORRELATION, "Value": start.correlation}],
            )
            return answer["AutomationExecutionId"]

    def look(self, execution: str, at: At, correlation: str) -> Execution:
        with self._telling(f"the execution {shown(execution)}", "ssm:GetAutomationExecution"):
            answer = self._client(at, correlation).get_automation_execution(AutomationExecutionId=execution)
            found = answer["AutomationExecution"]
            progress = _ENDS.get(found["AutomationExecutionStatus"], Progress.RUNNING)
            return Execution(execution, progress, shown(found.get("FailureMessage", "")))

    def stop(self, execution: str, at: At, correlation: str) -> None:
        with self._telling(f"the execution {shown(execution)}", "ssm:StopAutomationExecution"):
            self._client(at, correlation).stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")

    def _client(self, at: At, correlation: str) -> "SSMClient":
        return cast("SSMClient", self._members.client("ssm", at, correlation))

    @contextmanager
    def _telling(self, what: str, permission: str) -> Iterator[None]:
        try:
            yield
        except CloudReadError as error:
            raise RunbookError(error.what, remedy=error.remedy, code=_code(error), passes=error.again) from None
        except boto.ClientError as error:
            raise _of_service(error, what, permission) from None
        except boto.ParamValidationError:
            raise RunbookError(f"boto3 cannot ask for {what}", remedy="check the parameters of the control") from None
        except boto.BotoCoreError as error:
            kind = type(error).__name__
            raise RunbookError(f"there was no answer about {what} ({kind})", remedy="try again", passes=True) from None
        except (ResponseParserError, KeyError, TypeError, ValueError):
            raise RunbookError(f"what AWS answered about {what} cannot be read", passes=True) from None


def _code(error: CloudReadError) -> str:
    return "AccessDenied" if "denies" in error.what else ""


def _of_service(error: boto.ClientError, what: str, permission: str) -> RunbookError:
    code, message, status = said(error)
    if code in DENIED:
        told, remedy = f"AWS denies {what} ({shown(message) or code})", f"allow {permission} there"
        return RunbookError(told, remedy=remedy, code=code)
    if code == FULL:
        told = f"as many automations run as may, before {what}"
        return RunbookError(told, remedy="try again later", code=code, passes=True)
    if code in BUSY or code == "InternalServerError" or status >= _FIRST_SERVER_ERROR:
        told = f"AWS could not answer about {what} now ({shown(code)})"
        return RunbookError(told, remedy="try again later", code=code, passes=True)
    if code in _UNKNOWN:
        told = f"{what} is not in the account"
        return RunbookError(told, remedy="put the documents of deploy/runbooks there, or share them with it", code=code)
    told = f"AWS answered {shown(code)} about {what}: {shown(message)}"
    return RunbookError(told, remedy="check the parameters of the control", code=code)
