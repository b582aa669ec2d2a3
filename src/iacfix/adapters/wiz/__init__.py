"""Wiz by its GraphQL API, as public documentation and integrations have it: no tenant was at hand."""
