"""Findings in, proven fixes in Infrastructure as Code out."""

__version__ = "0.1.0"
