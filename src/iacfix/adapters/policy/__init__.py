"""Engines that evaluate Rego: one in this process, or an OPA server that is there already."""
