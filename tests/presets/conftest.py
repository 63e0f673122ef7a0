import pytest

from instrument.params.store import ParamStore
from instrument.params.table import build_table


@pytest.fixture
def store():
    """A store as the shipped checkpoint's moods make it."""
    return ParamStore(build_table(["Aggressive", "Calm", "Vibrant"]))
