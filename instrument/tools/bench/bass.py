"""``bench bass``: does the heavy mood lead in low-frequency-heavy music that the mapping was not fitted to?"""

import sys
from collections.abc import Sequence

from instrument.mapping.network import load_network
from instrument.settings import DEFAULTS
from instrument.tools.fit import MAPPING_FILE, moods_of, options, unlearned, with_bar
from instrument.tools.fit.examples import roles_of
from instrument.tools.fit.judging import bass_test, confusion, excerpts, table_text
from instrument.tools.fit.material import hear_file


def main(arguments: Sequence[str]) -> int:
    """Print the confusion table and the bass test of the music given; the exit status is 1 if it fails."""
    given = options("instrument bench bass", __doc__).parse_args(list(arguments))
    folder = DEFAULTS.checkpoints_folder / given.checkpoint
    mapping = given.mapping or folder / MAPPING_FILE
    moods = moods_of(folder)
    roles = roles_of(moods.names, given.sounds)
    network = load_network(mapping, moods)
    heard = [one for path in with_bar(unlearned(given.audio, mapping)) for one in hear_file(path, 1)]
    test = bass_test([row for one in heard for row in excerpts(network, one, roles)])
    sys.stdout.write(f"{len(heard)} tracks that were not learned from\n")
    sys.stdout.write(f"{table_text(confusion(network, heard, roles), roles.moods)}\n{test.text()}\n")
    return 0 if test.passed else 1
