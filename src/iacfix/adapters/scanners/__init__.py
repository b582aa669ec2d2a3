"""Scanners as programs of their own."""
