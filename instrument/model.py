"""A checkpoint made playable: generator, moods and mapping, and the parameter table they lead to."""

from dataclasses import dataclass

from instrument.errors import candidates
from instrument.generator.checkpoint import load_checkpoint
from instrument.generator.engines import make_generator
from instrument.generator.protocol import Generator
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
    """What a checkpoint folder gives. `engine_reason` says which engine runs it, and why."""

    generator: Generator
    mapper: MoodMapper
    table: ParamTable
    engine_reason: str
    notice: str = ""
    """What the performer should know of it; empty if it is all there."""


def load_model(settings: Settings) -> Model:
    """The checkpoint that `settings` name, on the engine that they name.

    One without moods, such as an imported one, plays with moods that stand in for them, and the notice says so.
    Raises InstrumentError in one line if it cannot be played.
    """
    folder = settings.checkpoints_folder / settings.checkpoint
    checkpoint = load_checkpoint(folder)
    generator, engine_reason = make_generator(checkpoint, settings.engine, settings.threads)
    notice = ""
    if (folder / MOODS_FILE).exists():
        moods = load_moods(folder / MOODS_FILE, checkpoint.fingerprint, generator.w_dim)
        network = load_network(folder / MAPPING_FILE, moods)
    else:
        moods = fallback_moods(generator.map, generator.z_dim, generator.w_avg, checkpoint.fingerprint, FALLBACK_SEED)
        network = fallback_network(moods)
        notice = f"{folder.name}: no {MOODS_FILE}; plays {candidates(moods.names)}, latents picked blindly"
    return Model(generator, MoodMapper(moods, network), build_table(moods.names), engine_reason, notice)
