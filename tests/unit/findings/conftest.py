import pytest

from iacfix.controls import Catalogue, load_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The one that is shipped; loading it takes as long as a hundred of these tests."""
    return load_catalogue()
