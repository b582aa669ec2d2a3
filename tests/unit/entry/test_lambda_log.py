import logging
from io import StringIO

import pytest

from iacfix.domain.finding import InvalidFinding
from iacfix.entry import lambda_handler
from iacfix.workflows.fix import invalid
from iacfix.workflows.intake import Handled

SECRET = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def test_no_secret_of_a_finding_comes_into_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    log = StringIO()
    handler = lambda_handler.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", log)
    read = InvalidFinding("message", 0, "account", f"refused: it is {SECRET}, which is not accepted")
    assert lambda_handler._told(Handled(invalid(read)), "m-1") == "rejected"
    assert "refused: it is" in log.getvalue()
    assert SECRET not in log.getvalue()
