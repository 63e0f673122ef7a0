"""A checkpoint made playable: generator, moods and mapping, and the parameter table they lead to."""

from dataclasses import dataclass

from instrument.generator.checkpoint import load_checkpoint
from instrument.generator.torch_engine import TorchGenerator
from instrument.mapping.mapper import MoodMapper
from instrument.mapping.moods import load_moods
from instrument.mapping.network import load_network
from instrument.params.table import ParamTable, build_table
from instrument.settings import Settings


@dataclass(frozen=True, slots=True)
class Model:
    """What a checkpoint folder gives."""

    generator: TorchGenerator
    mapper: MoodMapper
    table: ParamTable


def load_model(settings: Settings) -> Model:
    """The checkpoint that `settings` name. Raises CheckpointError in one line if it cannot be played."""
    folder = settings.checkpoints_folder / settings.checkpoint
    checkpoint = load_checkpoint(folder)
    generator = TorchGenerator(checkpoint, settings.threads)
    moods = load_moods(folder / "moods.safetensors", checkpoint.fingerprint, generator.w_dim)
    mapper = MoodMapper(moods, load_network(folder / "mapping.safetensors", moods))
    return Model(generator, mapper, build_table(moods.names))
