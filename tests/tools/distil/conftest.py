"""The teachers of all families, made once."""

import pytest
import torch

from instrument.tools.distil.family import EMBER
from instrument.tools.distil.teacher import Teacher


@pytest.fixture(scope="session")
def teacher() -> Teacher:
    torch.set_num_threads(1)
    return Teacher(EMBER)
