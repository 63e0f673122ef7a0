"""A checkpoint made playable: generator, moods and mapping, and the parameter table they lead to."""

from dataclasses import dataclass, replace

from instrument.errors import CheckpointError, candidates
from instrument.generator.checkpoint import load_checkpoint
from instrument.generator.engines import make_generator
from instrument.generator.protocol import Generator
from instrument.mapping.fallback import fallback_moods, fallback_network
from instrument.mapping.mined_shelf import MinedShelf
from instrument.mapping.moods import load_moods
from instrument.mapping.network import load_network
from instrument.mapping.repertoire import Repertoire
from instrument.params.table import ParamTable, build_table
from instrument.settings import Settings

MOODS_FILE = "moods.safetensors"
MAPPING_FILE = "mapping.safetensors"
MINED_FOLDER = "mined"
"""In the user's config folder."""
FALLBACK_SEED = 0
"""Not the show's: moods belong to the checkpoint."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a checkpoint folder gives. `engine_reason` says which engine runs it, and why."""

    generator: Generator
    repertoire: Repertoire
    engine_reason: str
    notice: str = ""
    """What the performer should know of it; empty if it is all there."""

    @property
    def table(self) -> ParamTable:
        """The parameters, those of its moods among them."""
        return build_table(self.repertoire.moods.names)


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
    repertoire, trouble = with_mined(
        Repertoire(moods, network), MinedShelf(settings.config_folder / MINED_FOLDER, moods)
    )
    return Model(generator, repertoire, engine_reason, notice or trouble)


def with_mined(shipped: Repertoire, shelf: MinedShelf) -> tuple[Repertoire, str]:
    """The repertoire with the moods that were mined before, and a line about them if they cannot be played."""
    try:
        return replace(shipped, mined=shelf.load()), ""
    except CheckpointError as error:
        return shipped, f"mined moods not used: {error}"
