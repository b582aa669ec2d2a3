from collections.abc import Mapping
from typing import Any

import pytest
from tests.unit.verification.raw_answers import RAW, Answers, Raw
from tests.unit.verification.reading import Given
from tests.unit.verification.test_look import seen

from iacfix.domain.finding import CloudResource
from iacfix.domain.verification import Result
from iacfix.ports.posture import PostureError
from iacfix.testing.service_contract import misfit_of_input, misfit_of_output
from iacfix.verification import CHECKS

IDS = [each.check for each in RAW]


def _reader(answers: Answers) -> Given:
    return Given({operation: (answer,) for operation, answer in answers.items()})


def _resource(raw: Raw) -> CloudResource:
    return CloudResource("", raw.arn, account="123456789012", region="eu-west-1")


@pytest.mark.parametrize("raw", RAW, ids=IDS)
def test_a_raw_answer_tells_wrong_from_right(raw: Raw) -> None:
    for answers, result in ((raw.wrong, Result.STILL_OPEN), (raw.right, Result.RESOLVED)):
        reader = _reader({**raw.first, **answers})
        found = seen(raw.check, reader, _resource(raw))
        assert found.result is result, found.seen
        for service, operation, parameters, _ in reader.asked:
            assert misfit_of_input(service, operation, parameters, any_texts=True) == ""


@pytest.mark.parametrize("raw", [each for each in RAW if each.gone], ids=[each.check for each in RAW if each.gone])
def test_the_services_own_code_means_gone(raw: Raw) -> None:
    assert raw.gone is not None
    operation, code = raw.gone
    reader = Given(
        {**{name: (answer,) for name, answer in raw.right.items()}, operation: (PostureError("", code=code),)}
    )
    assert seen(raw.check, reader, _resource(raw)).result is Result.RESOURCE_GONE


def test_what_a_list_names_as_missing_is_gone() -> None:
    answer: Mapping[str, Any] = {"projects": [], "projectsNotFound": ["orders"]}
    project = CloudResource("", "arn:aws:codebuild:eu-west-1:123456789012:project/orders")
    assert seen("codebuild_logging", Given({"BatchGetProjects": (answer,)}), project).result is Result.RESOURCE_GONE


@pytest.mark.parametrize("raw", RAW, ids=IDS)
def test_raw_answers_are_what_the_service_could_say(raw: Raw) -> None:
    services = {operation: service for service, operation in CHECKS[raw.check].operations}
    for answers in (raw.first, raw.wrong, raw.right):
        for operation, answer in answers.items():
            assert misfit_of_output(services[operation], operation, answer, any_texts=True) == ""


@pytest.mark.parametrize("raw", RAW, ids=IDS)
def test_null_in_the_place_of_any_field_never_resolves(raw: Raw) -> None:
    """Of what makes it right: each field on its own is null, and then not there."""
    fields = [path for answer in raw.right.items() for path in _paths(answer[1], (answer[0],))]
    for path in fields:
        wrong = _value(raw.wrong, path)
        if wrong == _value(raw.right, path) and wrong is not None:
            continue  # a field that is the same in both decides nothing
        for changed in (_without(raw.right, path, {path[-1]: None}), _without(raw.right, path, {})):
            found = seen(raw.check, _reader({**raw.first, **changed}), _resource(raw))
            assert found.result in {Result.STILL_OPEN, Result.ERROR}, path


def _paths(value: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not isinstance(value, Mapping):
        return []
    return [found for name, item in value.items() for found in ((*path, name), *_paths(item, (*path, name)))]


def _value(value: object, path: tuple[str, ...]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _without(value: Any, path: tuple[str, ...], instead: Mapping[str, None]) -> Any:
    if len(path) == 1:
        return {**{name: item for name, item in value.items() if name != path[0]}, **instead}
    return {**value, path[0]: _without(value[path[0]], path[1:], instead)}
