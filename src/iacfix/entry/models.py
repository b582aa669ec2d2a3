"""From settings to the model that is asked: an endpoint, a second model behind it, prices and limits around it."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import cast

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.adapters.aws.role import Role
from iacfix.config import ModelSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.generation.model.fallback import FallbackModel
from iacfix.generation.model.spending import BudgetedModel, Limits, Price, PricedModel
from iacfix.ports import Model

GROUP = "iacfix.models"
BEDROCK = "bedrock"

Endpoint = Callable[[str, ModelSettings], Model]


def model_from(settings: ModelSettings, model_id: str) -> Model:
    """Raises ConfigurationError for an endpoint that nobody has installed, and for limits of cost without prices."""
    endpoint = _endpoint(settings.endpoint)
    ids = [model_id, *([settings.fallback] if settings.fallback else [])]
    prices = {
        name: Price(price.input, price.output, price.cache_read, price.cache_write)
        for name, price in settings.prices.items()
    }
    unpriced = [name for name in ids if name not in prices]
    if unpriced and (settings.cost_per_finding or settings.cost_per_run):
        raise ConfigurationError(
            f"a limit of cost needs the price of {' and '.join(unpriced)}", remedy="write it into model.prices"
        )
    first, *rest = (_priced(endpoint(name, settings), prices.get(name)) for name in ids)
    model = FallbackModel(first, rest[0]) if rest else first
    limits = Limits(
        settings.tokens_per_finding,
        settings.tokens_per_run,
        int(settings.cost_per_finding * 1_000_000),
        int(settings.cost_per_run * 1_000_000),
    )
    return BudgetedModel(model, limits, [prices[name] for name in ids if name in prices])


def bedrock(model_id: str, settings: ModelSettings) -> Model:
    guarded = (settings.guardrail_id, settings.guardrail_version) if settings.guardrail_id else None
    return BedrockModel(
        model_id,
        region=settings.region or None,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        max_attempts=settings.max_attempts,
        role=Role(settings.role_arn, settings.external_id) if settings.role_arn else None,
        guardrail=guarded,
    )


def _priced(model: Model, price: Price | None) -> Model:
    return model if price is None else PricedModel(model, price)


def _endpoint(name: str) -> Endpoint:
    if name == BEDROCK:
        return bedrock
    found = {each.name: each for each in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join([BEDROCK, *sorted(found)])
        raise ConfigurationError(f"model.endpoint is {name!r}, which nobody has installed", remedy=f"known: {known}")
    loaded: object = found[name].load()
    if not callable(loaded):
        raise ConfigurationError(f"the entry point {name!r} of {GROUP} is no function", remedy="see its own pages")
    return cast("Endpoint", loaded)
