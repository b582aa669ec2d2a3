# Whether a finding may be acted on. Everything is denied that is not allowed here: each condition of `allow` has to be
# true, so that whatever is missing or misspelt denies. `allowed` and `denied` say what was decided, and by which rule.
package iacfix.eligibility

import rego.v1

severities := {"HIGH", "CRITICAL"}

restricted := {"restricted-production"}

default allow := false

allow if {
	severity_counts
	environment_open
	owner_known
	no_exception
	type_approved
	change_allowed
}

severity_counts if input.finding.severity in severities

# Tags may contradict each other: one of them that names a restricted environment is enough.
environment_open if {
	count(input.environments) > 0
	count({each | some each in input.environments; each in restricted}) == 0
}

owner_known if input.owner.known == true

no_exception if input.exception == null

type_approved if input.resource.type_approved == true

change_allowed if {
	count(input.change.actions) > 0
	count({each | some each in input.change.actions; not each in input.allowed.actions}) == 0
}

allowed contains {"rule": "severity", "reason": sprintf("severity is %s", [input.finding.severity])} if severity_counts

denied contains {"rule": "severity", "reason": sprintf("severity is %s, and HIGH or CRITICAL is wanted", [input.finding.severity])} if {
	not severity_counts
}

allowed contains {"rule": "environment", "reason": sprintf("environment is %s", [input.environment])} if {
	environment_open
}

denied contains {"rule": "environment", "reason": sprintf("environment is %s, which is restricted", [input.environment])} if {
	not environment_open
	count(input.environments) > 0
}

denied contains {"rule": "environment", "reason": "nothing says which environment it is in"} if count(input.environments) == 0

allowed contains {"rule": "owner", "reason": sprintf("owner is %s, by %s", [input.owner.team, input.owner.by])} if owner_known

denied contains {"rule": "owner", "reason": sprintf("owner is not known; %s looks after it", [input.owner.team])} if not owner_known

allowed contains {"rule": "exception", "reason": "no exception covers it"} if no_exception

denied contains {"rule": "exception", "reason": sprintf("its risk is accepted until %s by %s: %s", [input.exception.until, input.exception.approver, input.exception.reason])} if {
	not no_exception
}

allowed contains {"rule": "resource_type", "reason": sprintf("resource type %s is approved", [input.resource.type])} if type_approved

denied contains {"rule": "resource_type", "reason": sprintf("resource type %s is not approved", [named])} if {
	not type_approved
	named := object.get({"": "unknown"}, input.resource.type, input.resource.type)
}

allowed contains {"rule": "change", "reason": sprintf("the change is %s, which is allowed", [input.change.named])} if change_allowed

denied contains {"rule": "change", "reason": sprintf("the change is %s, which is not allowed", [input.change.named])} if {
	not change_allowed
}
