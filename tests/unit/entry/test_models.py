import sys
from pathlib import Path

import pytest

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.config import ModelSettings, PriceSettings
from iacfix.domain.errors import ConfigurationError, ModelNotAskedError
from iacfix.entry.models import model_from
from iacfix.generation.model.spending import BudgetedModel
from iacfix.ports import ModelRequest
from iacfix.testing.bedrock_script import Failure, Text
from iacfix.testing.bedrock_server import ScriptedBedrock

REQUEST = ModelRequest("s", ("t",), 300)
PRICE = PriceSettings(1.0, 2.0, 1.0, 1.0)
CODE = """
from iacfix.domain.proposal import Usage
from iacfix.ports import ModelReply, StopReason

class Ours:
    def __init__(self, model_id, settings):
        self.id = f"{model_id} in {settings.region}"

    def ask(self, request):
        return ModelReply(f"ours was asked {request.turns[0]}", StopReason.END, Usage(1, 1, 1))

nothing = 1
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution as an installer leaves it."""
    (tmp_path / "iacfix_models_of_ours.py").write_text(CODE)
    info = tmp_path / "iacfix_models_of_ours-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: iacfix-models-of-ours\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[iacfix.models]\nours = iacfix_models_of_ours:Ours\nbroken = iacfix_models_of_ours:nothing\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "iacfix_models_of_ours", raising=False)


@pytest.mark.usefixtures("installed")
def test_another_endpoint_comes_from_an_installed_distribution() -> None:
    model = model_from(ModelSettings(endpoint="ours", region="r"), "m")

    assert model.id == "m in r"
    assert model.ask(REQUEST).text == "ours was asked t"


@pytest.mark.usefixtures("installed")
def test_limits_hold_for_other_endpoints_too() -> None:
    model = model_from(ModelSettings(endpoint="ours", tokens_per_run=300), "m")

    with pytest.raises(ModelNotAskedError):
        model.ask(REQUEST)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (ModelSettings(endpoint="theirs"), "known: bedrock, broken, ours"),
        (ModelSettings(endpoint="broken"), "is no function"),
        (ModelSettings(cost_per_run=1.0), "needs the price of m"),
        (ModelSettings(cost_per_finding=1.0, fallback="n", prices={"m": PRICE}), "needs the price of n"),
    ],
)
def test_what_cannot_be_used_is_said_before_the_run(settings: ModelSettings, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        model_from(settings, "m")


def test_a_second_model_of_bedrock_answers_and_is_named_with_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ModelSettings(
        region="eu-west-1", max_attempts=1, fallback="b.b", prices={"a.a": PRICE, "b.b": PRICE}, cost_per_run=1.0
    )
    with ScriptedBedrock([Failure("AccessDeniedException"), Text("one"), Text("two")]) as bedrock:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.endpoint_url)
        model = model_from(settings, "a.a")
        replies = [model.ask(REQUEST), model.ask(REQUEST)]

    assert [request.model_id for request in bedrock.requests] == ["a.a", "b.b", "b.b"]
    assert [(reply.text, reply.model) for reply in replies] == [("one", "b.b"), ("two", "b.b")]
    assert {reply.usage.cost_micros for reply in replies} == {1_200 + 2 * 150}


def test_a_guardrail_goes_with_every_question(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ModelSettings(region="eu-west-1", guardrail_id="abcdefgh1234", guardrail_version="3")
    with ScriptedBedrock([Text("one")]) as bedrock:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.endpoint_url)
        model_from(settings, "a.a").ask(REQUEST)

    guarded = {"guardrailIdentifier": "abcdefgh1234", "guardrailVersion": "3"}
    assert bedrock.requests[0].body["guardrailConfig"] == guarded


def test_without_more_it_is_bedrock_alone() -> None:
    model = model_from(ModelSettings(), "m")

    assert isinstance(model, BudgetedModel)
    assert isinstance(model.model, BedrockModel)
