"""The catalogue: what a weakness is called in every tool, and how it is fixed."""

from iacfix.controls.catalogue_file import load_catalogue
from iacfix.controls.lookup import Catalogue

__all__ = ["Catalogue", "load_catalogue"]
