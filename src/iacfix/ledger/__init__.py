"""The states of a finding and the audit record: rules without a store."""
