"""Both forms of deploy/ describe the same."""

import json
from collections import Counter

from tests.deploy.forms import (
    DEPLOY,
    MODULE,
    PARTS,
    POLICIES,
    SAME_KINDS,
    blocks,
    kinds,
    local,
    pattern,
    resources,
    said_in_module,
    said_in_template,
    template,
    variables,
)

ROUTES = {
    "ImportedRule": "imported",
    "ImportedV2Rule": "imported-v2",
    "CustomActionRule": "custom-action",
    "ConfigRule": "config",
    "GuardDutyRule": "guardduty",
}


def test_both_have_the_same_kinds_in_the_same_number() -> None:
    in_template = Counter(each["Type"] for each in template()["Resources"].values())
    assert set(in_template) - POLICIES == set(SAME_KINDS)
    in_module = Counter(kinds())
    several = {
        "aws_cloudwatch_event_rule": len(local("routes")),
        "aws_cloudwatch_metric_alarm": len(local("alarms")) + 1,
    }
    wanted = {name: in_template[kind] for kind, names in SAME_KINDS.items() for name in names}
    assert {name: several.get(name, in_module[name]) for name in wanted} == wanted
    beside = {name for name in in_module if name not in wanted and name not in PARTS}
    assert {name.removeprefix("aws_s3_bucket_") for name in beside} == {
        "lifecycle_configuration", "logging", "notification", "object_lock_configuration", "ownership_controls",
        "public_access_block", "server_side_encryption_configuration", "versioning",
    }  # fmt: skip


def test_both_allow_the_same() -> None:
    assert said_in_module() == said_in_template()


def test_both_watch_the_same_events() -> None:
    rules = resources("AWS::Events::Rule")
    assert {ROUTES[name]: rule["EventPattern"] for name, rule in rules.items()} == {
        route: pattern(route) for route in local("routes")
    }
    assert {rule["Description"] for rule in rules.values()} == set(local("routes").values())
    assert {path.stem for path in (DEPLOY / "event-patterns").iterdir()} == set(local("routes"))
    open_ones = {ROUTES[f"{name.removesuffix('Route')}Rule"] for name, each in template()["Parameters"].items()
                 if name.endswith("Route") and each["Default"] == "ENABLED"}  # fmt: skip
    assert open_ones == set(variables()["routes"]["default"])


def test_both_have_the_same_tables() -> None:
    found = {}
    for name, each in resources("AWS::DynamoDB::Table").items():
        keys = {key["KeyType"]: key["AttributeName"] for key in each["KeySchema"]}
        index = [
            (one["IndexName"], *(key["AttributeName"] for key in one["KeySchema"]), one["Projection"]["ProjectionType"])
            for one in each.get("GlobalSecondaryIndexes", [])
        ]
        found[name.lower()] = (
            keys["HASH"],
            keys.get("RANGE"),
            index,
            each.get("TimeToLiveSpecification", {}).get("AttributeName"),
            bool(each.get("DeletionProtectionEnabled")),
            each["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
            each["SSESpecification"]["SSEEnabled"],
        )
    written = {}
    for name, each in blocks("aws_dynamodb_table").items():
        index = [
            (one["name"], one["hash_key"], one["range_key"], one["projection_type"])
            for one in each.get("global_secondary_index", [])
        ]
        written[name] = (
            each["hash_key"],
            each.get("range_key"),
            index,
            each["ttl"][0]["attribute_name"] if "ttl" in each else None,
            bool(each.get("deletion_protection_enabled")),
            each["point_in_time_recovery"][0]["enabled"],
            each["server_side_encryption"][0]["enabled"],
        )
    assert written == found


def test_both_have_the_same_queues() -> None:
    queues = resources("AWS::SQS::Queue")
    findings, dead = (blocks("aws_sqs_queue")[name] for name in ("findings", "dead"))
    for one, other in ((queues["Queue"], findings), (queues["DeadLetterQueue"], dead)):
        assert one["VisibilityTimeout"] == other["visibility_timeout_seconds"]
        assert one["MessageRetentionPeriod"] == other["message_retention_seconds"]
    assert queues["Queue"]["ReceiveMessageWaitTimeSeconds"] == findings["receive_wait_time_seconds"]
    assert f"maxReceiveCount = {queues['Queue']['RedrivePolicy']['maxReceiveCount']}" in " ".join(
        (MODULE / "ways_in.tf").read_text().split()
    )


def test_both_have_the_same_functions() -> None:
    names = {"Function": "this", "WebhookFunction": "webhook"}
    for name, each in resources("AWS::Lambda::Function").items():
        other = blocks("aws_lambda_function")[names[name]]
        assert each["Timeout"] == other["timeout"]
        assert each["MemorySize"] == other["memory_size"]
        assert each["EphemeralStorage"]["Size"] == other["ephemeral_storage"][0]["size"]
        assert each["TracingConfig"]["Mode"] == other["tracing_config"][0]["mode"]
        assert each["Description"] == other["description"]
        assert set(each["Environment"]["Variables"]) == set(other["environment"][0]["variables"])
    (mapping,) = resources("AWS::Lambda::EventSourceMapping").values()
    (other,) = blocks("aws_lambda_event_source_mapping").values()
    assert mapping["BatchSize"] == other["batch_size"]
    assert mapping["FunctionResponseTypes"] == other["function_response_types"] == ["ReportBatchItemFailures"]


def test_the_queue_waits_six_times_as_long_as_the_function_works() -> None:
    """So AWS asks: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html."""
    assert (
        resources("AWS::SQS::Queue")["Queue"]["VisibilityTimeout"]
        == 6 * resources("AWS::Lambda::Function")["Function"]["Timeout"]
    )


def test_both_raise_the_same_alarms() -> None:
    alarms = {}
    for each in resources("AWS::CloudWatch::Alarm").values():
        if "MetricName" in each:
            name = each["AlarmName"]["Fn::Sub"].removeprefix("${Name}-")
            alarms[name] = (
                each["Namespace"],
                each["MetricName"],
                {one["Name"] for one in each["Dimensions"]},
                *(each[key] for key in ("Statistic", "Period", "EvaluationPeriods", "Threshold")),
            )
    written = {
        name: (
            each["namespace"],
            each["metric"],
            set(each["dimensions"]),
            *(each[key] for key in ("statistic", "period", "periods", "threshold")),
        )
        for name, each in local("alarms").items()
    }
    assert written == alarms
    rate = resources("AWS::CloudWatch::Alarm")["FailureRateAlarm"]["Metrics"]
    other = blocks("aws_cloudwatch_metric_alarm")["failure_rate"]["metric_query"]
    assert [each["Id"] for each in rate] == [each["id"] for each in other]
    assert rate[0]["Expression"] == other[0]["expression"]
    for one, query in zip(rate[1:], other[1:], strict=True):
        metric, written_metric = one["MetricStat"]["Metric"], query["metric"][0]
        assert metric["MetricName"] == written_metric["metric_name"]
        assert {each["Name"]: each["Value"] for each in metric["Dimensions"]} == written_metric["dimensions"]


def test_both_show_the_same_dashboard() -> None:
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    shown = (
        dashboard["DashboardBody"]["Fn::Sub"]
        .replace("${AWS::Region}", "${Region}")
        .replace("${StateMachine}", "${StateMachineArn}")
    )
    assert json.loads(shown) == json.loads((DEPLOY / "dashboard.json").read_text())


def test_both_ask_for_the_same() -> None:
    given = {name for name in template()["Parameters"] if not name.endswith("Route")}
    asked = {"".join(part.capitalize() for part in name.split("_")) for name in variables()} - {"Routes"}
    assert asked == given
    for name, each in variables().items():
        parameter = template()["Parameters"].get("".join(part.capitalize() for part in name.split("_")), {})
        if name != "routes":
            assert parameter.get("Description", each["description"]) == each["description"]
            assert ("default" in each) == ("Default" in parameter), name
            if each.get("default"):
                assert str(each["default"]) == str(parameter["Default"]), name
    assert not [name for name, each in variables().items() if each.get("sensitive")]
    assert not [name for name, each in template()["Parameters"].items() if each.get("NoEcho")]
