import pytest
from tests.support.code import bucket, call, instances, local, variable

from iacfix.domain.location import CallSite
from iacfix.iac.terraform.values import Known, ObjectValue, Reference, Template, Unknown, Value
from iacfix.locators.instances import MAX_DEPTH, MAX_INSTANCES, MAX_KEYS, Instance

NAME = variable("name")


def values(files: dict[str, str], folder: str = "", name: str = "name") -> list[Value | None]:
    return [instance.variable(name) for instance in instances(files).of(folder)]


def once(files: dict[str, str], folder: str = "") -> Instance:
    (instance,) = instances(files).of(folder)
    return instance


def test_a_folder_that_nobody_calls_is_applied_by_itself() -> None:
    instance = once({"main.tf": variable("name", '"acme"') + local(both='"${var.name}-logs"')})
    assert (instance.calls, instance.applied) == ((), "")
    assert instance.value("local.both") == Known("acme-logs")


def test_a_folder_that_is_not_there_has_one_empty_use() -> None:
    instance = once({"main.tf": NAME}, "nowhere")
    assert instance.variable("name") is None
    assert instance.value("var.name") == Reference(("var", "name"))


def test_a_call_gives_the_variables_of_the_module() -> None:
    files = {"main.tf": "\n" + call("logs", "./m", name='"acme"'), "m/main.tf": variable("name", '"default"')}
    instance = once(files, "m")
    assert instance.variable("name") == Known("acme")
    assert instance.calls == (CallSite("main.tf", "module.logs", 2),)


def test_arguments_that_are_no_variables_are_not_given() -> None:
    meta = {"version": '"1"', "count": "1", "providers": "{}", "depends_on": "[]"}
    instance = once({"main.tf": call("logs", "./m", name='"acme"', **meta), "m/main.tf": NAME}, "m")
    assert set(instance.given) == {"name"}


def test_calls_are_followed_through_a_chain() -> None:
    files = {
        "live/prod/main.tf": call("app", "../../modules/app", env='"prod"'),
        "modules/app/main.tf": variable("env") + call("logs", "../bucket", name='"acme-${var.env}"'),
        "modules/bucket/main.tf": NAME,
    }
    instance = once(files, "modules/bucket")
    assert instance.variable("name") == Known("acme-prod")
    assert [site.path for site in instance.calls] == ["live/prod/main.tf", "modules/app/main.tf"]


def test_every_call_is_a_use_in_the_order_of_paths_and_lines() -> None:
    files = {
        "b.tf": call("three", "./m", name='"3"'),
        "a.tf": call("one", "./m", name='"1"') + call("two", "./m/", name='"2"'),
        "m/main.tf": NAME,
    }
    found = instances(files)
    assert [instance.variable("name") for instance in found.of("m")] == [Known("1"), Known("2"), Known("3")]
    assert [site.address for site in found.sites("m")] == ["module.one", "module.two", "module.three"]


@pytest.mark.parametrize(
    "source",
    ["terraform-aws-modules/s3-bucket/aws", "git::https://example.com/m.git", "/abs/m", "m", "../m", "../../m", ".."],
)
def test_what_is_not_of_the_repository_calls_no_folder_of_it(source: str) -> None:
    files = {"main.tf": call("logs", source, name='"acme"'), "m/main.tf": NAME}
    assert instances(files).sites("m") == ()
    assert values(files, "m") == [None]


def test_a_source_that_is_no_plain_string_calls_nothing() -> None:
    assert instances({"main.tf": call("logs", "./${var.m}"), "m/main.tf": NAME}).sites("m") == ()


def test_the_root_can_be_called_and_a_folder_whose_name_begins_with_dots() -> None:
    files = {"examples/main.tf": call("all", "../", name='"acme"'), "main.tf": NAME}
    assert values(files) == [Known("acme")]
    assert values({"main.tf": call("odd", "./..m", name='"acme"'), "..m/main.tf": NAME}, "..m") == [Known("acme")]


def test_a_module_that_calls_itself_has_an_end() -> None:
    assert values({"m/main.tf": call("again", "./", name='"x"') + variable("name", '"acme"')}, "m") == [Known("acme")]


def test_modules_that_call_each_other_have_an_end_and_no_default_is_believed() -> None:
    files = {
        "a/main.tf": variable("name", '"from-a"') + call("b", "../b", name="var.name"),
        "b/main.tf": variable("name", '"from-b"') + call("a", "../a", name="var.name"),
    }
    for folder in ("a", "b"):
        assert all(isinstance(value, Unknown) for value in values(files, folder))


def test_calls_deeper_than_the_limit_leave_the_defaults_unknown() -> None:
    deepest = MAX_DEPTH + 1
    files = {
        f"m{depth}/main.tf": variable("name", '"default"') + call("next", f"../m{depth + 1}", name='"acme"')
        for depth in range(deepest)
    }
    files[f"m{deepest}/main.tf"] = variable("name", '"default"')
    assert values(files, f"m{MAX_DEPTH}") == [Known("acme")]
    assert all(isinstance(value, Unknown) for value in values(files, f"m{deepest}"))


def test_uses_are_counted_only_up_to_the_limit() -> None:
    many = "[" + ", ".join(f'"{number}"' for number in range(MAX_KEYS)) + "]"
    files = {"main.tf": "", "m/main.tf": NAME}
    for number in range(MAX_INSTANCES // MAX_KEYS + 1):
        files["main.tf"] += call(f"c{number}", "./m", for_each=f"toset({many})", name="each.key")
    found = instances(files)
    assert len(found.of("m")) == MAX_INSTANCES
    assert found.capped == ["m"]


@pytest.mark.parametrize(
    ("several", "name", "expected"),
    [
        ('toset(["a", "b"])', "each.key", [Known("a"), Known("b")]),
        ('toset(["a", "b"])', "each.value", [Known("a"), Known("b")]),
        ('{ a = "x", b = "y" }', "each.key", [Known("a"), Known("b")]),
        ('{ a = "x", b = "y" }', '"${each.key}-${each.value}"', [Known("a-x"), Known("b-y")]),
        ('{ a = { n = "x" } }', "each.value.n", [Known("x")]),
        ("{ a = { n = var.env } }", "each.value.n", [Known("prod")]),
        ('{ a = "x", a = "y" }', "each.value", [Known("y")]),
        ("var.unknown", "each.key", [Unknown("each.key")]),
        ("{}", "each.key", [Unknown("each.key")]),
        ('{ (var.env) = "x", b = "y" }', "each.key", [Unknown("each.key")]),
    ],
)  # fmt: skip
def test_a_call_for_each_key_is_a_use_for_each(several: str, name: str, expected: list[Value]) -> None:
    root = variable("env", '"prod"') + call("m", "./m", for_each=several, name=name)
    assert values({"main.tf": root, "m/main.tf": NAME}, "m") == expected


def test_more_keys_than_the_limit_are_one_use() -> None:
    several = ", ".join(f'"{number}"' for number in range(MAX_KEYS + 1))
    root = call("m", "./m", for_each=f"toset([{several}])", name="each.key")
    assert values({"main.tf": root, "m/main.tf": NAME}, "m") == [Unknown("each.key")]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("2", [Known("acme-0"), Known("acme-1")]),
        ('length(["a", "b"])', [Known("acme-0"), Known("acme-1")]),
        ("var.unknown", [Template((Known("acme-"), Unknown("count.index")))]),
        (str(MAX_KEYS + 1), [Template((Known("acme-"), Unknown("count.index")))]),
        ("-1", [Template((Known("acme-"), Unknown("count.index")))]),
        ("true", [Template((Known("acme-"), Unknown("count.index")))]),
    ],
)
def test_a_call_exists_once_for_each_index(count: str, expected: list[Value]) -> None:
    files = {"main.tf": call("m", "./m", count=count, name='"acme-${count.index}"'), "m/main.tf": NAME}
    assert list(values(files, "m")) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("var.other", Unknown("var.other")),
        ('"x-${var.other}"', Template((Known("x-"), Unknown("var.other")))),
        ("{ Name = var.other }", ObjectValue((("Name", Unknown("var.other")),))),
        ("random(1)", Unknown("random(…)")),
        ("local.gone", Unknown("local.gone")),
    ],
)
def test_what_stays_open_at_the_caller_is_not_looked_up_inside_the_module(written: str, expected: Value) -> None:
    inside = NAME + variable("other", '"inner"') + local(gone='"inner"')
    instance = once({"main.tf": variable("other") + call("m", "./m", name=written), "m/main.tf": inside}, "m")
    assert instance.variable("name") == expected
    assert instance.value("var.name") == expected


def test_a_list_is_sealed_item_by_item() -> None:
    files = {"main.tf": call("m", "./m", name='["a", var.x]'), "m/main.tf": NAME + variable("x", '"inner"')}
    assert once(files, "m").value("var.name[1]") == Unknown("var.x")
    assert once(files, "m").value("var.name[0]") == Known("a")


def test_variable_files_that_load_themselves_win_over_defaults_in_terraforms_order() -> None:
    files = {
        "main.tf": variable("name", '"default"') + variable("only", '"default"'),
        "a.auto.tfvars": 'name = "a"\n',
        "b.auto.tfvars": 'name = "b"\n',
        "terraform.tfvars": 'name = "t"\nonly = "t"\n',
    }
    assert values(files) == [Known("b")]
    assert values(files, name="only") == [Known("t")]
    assert once(files).applied == ""
    del files["b.auto.tfvars"]
    assert values(files) == [Known("a")]


def test_each_variable_file_that_a_person_picks_is_a_use_of_its_own() -> None:
    files = {
        "main.tf": variable("name", '"default"') + variable("region", '"eu"'),
        "prod.tfvars": 'name = "prod"\n',
        "envs/dev.tfvars": 'name = "dev"\n',
        "envs/test/terraform.tfvars": 'name = "test"\n',
    }
    found = {instance.applied: instance.variable("name") for instance in instances(files).of("")}
    assert found == {
        "prod.tfvars": Known("prod"),
        "envs/dev.tfvars": Known("dev"),
        "envs/test/terraform.tfvars": Known("test"),
    }


def test_a_picked_file_wins_over_those_that_load_themselves_which_may_also_be_all() -> None:
    files = {"main.tf": NAME, "terraform.tfvars": 'name = "t"\nmore = "m"\n', "prod.tfvars": 'name = "prod"\n'}
    assert values(files) == [Known("t"), Known("prod")]
    assert values(files, name="more") == [Known("m"), Known("m")]


def test_a_folder_with_code_of_its_own_keeps_its_variable_files_to_itself() -> None:
    files = {"main.tf": NAME, "sub/main.tf": NAME, "sub/prod.tfvars": 'name = "sub"\n', "x/y.txt": ""}
    assert values(files) == [None]
    assert values(files, "sub") == [Known("sub")]


def test_variable_files_beside_no_code_at_all_are_nobodys() -> None:
    assert values({"m/main.tf": NAME, "prod.tfvars": 'name = "x"\n', "envs/a.tfvars": 'name = "y"\n'}, "m") == [None]


def test_the_file_a_person_picks_is_told_of_the_modules_it_leads_to() -> None:
    files = {
        "main.tf": NAME + call("m", "./m", name="var.name"),
        "prod.tfvars": 'name = "prod"\n',
        "dev.tfvars": 'name = "dev"\n',
        "m/main.tf": NAME,
    }
    found = {instance.applied: instance.variable("name") for instance in instances(files).of("m")}
    assert found == {"prod.tfvars": Known("prod"), "dev.tfvars": Known("dev")}


@pytest.mark.parametrize(
    "twice",
    [
        (variable("name", '"a"'), variable("name", '"b"')),
        (variable("name"), variable("name", '"b"')),
        (variable("name", '"a"'), variable("name")),
        (variable("name", '"a"'), variable("name", '"a"')),
    ],
)
def test_a_variable_that_is_written_twice_has_no_known_default(twice: tuple[str, str]) -> None:
    assert values({"a.tf": twice[0], "b.tf": twice[1]}) == [None]


@pytest.mark.parametrize("first", ['"a"', f'"{"a" * 3000}"'])
def test_a_local_that_is_written_twice_is_not_known(first: str) -> None:
    for files in ({"a.tf": local(x=first), "b.tf": local(x='"b"')}, {"a.tf": local(x='"b"'), "b.tf": local(x=first)}):
        assert once(files).local("x") is None


def test_a_variable_with_an_odd_number_of_labels_is_none() -> None:
    assert values({"main.tf": 'variable "name" "x" {\n  default = "a"\n}\nvariable {\n  default = "b"\n}\n'}) == [None]


def test_values_that_go_in_a_circle_have_an_end() -> None:
    instance = once({"main.tf": local(a="local.b", b="local.a") + variable("v", "local.a") + bucket()})
    assert isinstance(instance.value("local.a"), Unknown)


def test_what_is_found_is_found_once() -> None:
    found = instances({"main.tf": NAME})
    assert found.of("") is found.of("")
    assert found.names("") is found.names("")


def test_roots_are_what_is_applied_to_reach_a_folder() -> None:
    files = {
        "live/a/main.tf": call("m", "../../modules/outer"),
        "live/b/main.tf": call("m", "../../modules/outer"),
        "modules/outer/main.tf": call("m", "../inner"),
        "modules/inner/main.tf": bucket(),
        "loop/main.tf": call("m", "../loop"),
    }
    found = instances(files)
    assert found.roots("modules/inner") == ("live/a", "live/b")
    assert found.roots("live/a") == ("live/a",)
    assert found.roots("loop") == ("loop",)
