"""A checkpoint made playable: generator, moods and mapping, and the parameter table they lead to."""

from dataclasses import dataclass

from instrument.errors import candidates
from instrument.generator.checkpoint import load_checkpoint
from instrument.generator.torch_engine import TorchGenerator
from instrument.mapping.fallback import fallback_moods, fallback_network
from instrument.mapping.mapper import MoodMapper
from instrument.mapping.moods import load_moods
from instrument.mapping.network import load_network
from instrument.params.table import ParamTable, build_table
from instrument.settings import Settings

MOODS_FILE = "moods.safetensors"
MAPPING_FILE = "mapping.safetensors"
FALLBACK_SEED = 0
"""Not the show's: moods belong to the checkpoint."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a checkpoint folder gives."""

    generator: TorchGenerator
    mapper: MoodMapper
    table: ParamTable
    notice: str = ""
    """What the performer should know of it; empty if it is all there."""


def load_model(settings: Settings) -> Model:
    """The checkpoint that `settings` name. Raises CheckpointError in one line if it cannot be played.

    One without moods, such as an imported one, plays with moods that stand in for them, and the notice says so.
    """
    folder = settings.checkpoints_folder / settings.checkpoint
    checkpoint = load_checkpoint(folder)
    generator = TorchGenerator(checkpoint, settings.threads)
    if not (folder / MOODS_FILE).exists():
        return _with_fallback(folder.name, generator, checkpoint.fingerprint)
    moods = load_moods(folder / MOODS_FILE, checkpoint.fingerprint, generator.w_dim)
    mapper = MoodMapper(moods, load_network(folder / MAPPING_FILE, moods))
    return Model(generator, mapper, build_table(moods.names))


def _with_fallback(name: str, generator: TorchGenerator, fingerprint: str) -> Model:
    moods = fallback_moods(generator.map, generator.z_dim, generator.w_avg, fingerprint, FALLBACK_SEED)
    mapper = MoodMapper(moods, fallback_network(moods))
    notice = f"{name}: no {MOODS_FILE}; plays {candidates(moods.names)}, latents picked blindly"
    return Model(generator, mapper, build_table(moods.names), notice)
