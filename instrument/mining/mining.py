"""One mining run as steps of work, each of which can be the last before a break.

draw: latents by the batch, the best of each prompt kept; climb: the best of these walk uphill; settle: a region a mood;
even: another region nearly as good, if the picture changes more evenly on the ways to it; judge: fresh pictures of each
mood; walk: pictures on the ways between the moods. What a step does depends on the seed, its number and the state
before it, and on nothing else. Everything that is scored is the picture of the very latent that is kept.
"""

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError, MiningError
from instrument.generator.protocol import Generator
from instrument.mapping.moods import MoodSet
from instrument.mapping.tensor_file import read_tensor_file, write_tensor_file
from instrument.mining.climbing import proposals
from instrument.mining.gallery import MOST, Gallery
from instrument.mining.latents import THUMBNAIL, Latents, Studio, thumbnails
from instrument.mining.ranking import margins, merge_best, worth
from instrument.mining.regions import MOST_REGIONS, Region, candidate_regions
from instrument.mining.report import Report, report_of
from instrument.mining.scorer import Scorer, Scores
from instrument.mining.ways import changes_of, largest_step
from instrument.mining.work import Work
from instrument.motion.slerp import slerp_about

STATE_FILE = "mining-state.safetensors"
STATE_FORMAT, STATE_VERSION = "latent-instrument/mining-state", 1
BATCH = 25
"""Latents of a step of drawing."""
REFERENCE = 100
"""Of the first draws, whose thumbnails are kept to compare a mood's variety with."""
SCALES = (1.0, 0.8, 0.6, 0.45, 0.3, 0.15, 0.0)
"""How wide a mood may be, widest first: as wide as its pictures stay its own."""
FITTING = 0.9
"""Of the draws, so many fit a prompt worse than a picture that fits it."""
WAY = 25
"""Pictures of the way from one mood to another, both ends included."""
EVENED = 4
"""Of more moods than that, the ways are as they come: there are too many."""
NEARLY = 0.5
"""A region is nearly as good as the best if its pictures are worth so many logits less."""
_DRAW, _CLIMB, _SETTLE, _PROBE, _JUDGE = range(1, 6)


@dataclass(frozen=True, slots=True, eq=False)
class Mined:
    """What a run found: moods, the latents that made them ``(K, m, w_dim)`` best first, and the scores of their
    pictures for every prompt ``(K, m, K)``."""

    moods: MoodSet
    anchors: Latents
    scores: Scores
    report: Report


class Mining:
    """A run and where it stands. One owner thread.

    A step is about `BATCH` pictures, two seconds at most on a CPU; ten times that where ways are evened.
    """

    def __init__(
        self,
        generator: Generator,
        fingerprint: str,
        scorer: Scorer,
        work: Work,
        wanted: Sequence[int] | None = None,
        gallery: Gallery | None = None,
    ) -> None:
        """`fingerprint` is the generator's (`fingerprint_of`). Of the moods, only those `wanted` are looked for (None:
        all). The other prompts then only keep them apart from these, and may well mean something alike: a picture is
        a mood's own if it fits better than most of the draws do. There is a `mood` but no whole `result`. Draws that
        are in the `gallery`, one of this generator, scorer and seed, are not rendered again; such a run has no whole
        `result` either."""
        assert gallery is None or (gallery.seed == work.seed and wanted is not None)
        self.work = work
        self.draws = -(-work.samples // BATCH)
        """The first steps, which draw."""
        self._known = 0 if gallery is None else len(gallery.seen) // BATCH * BATCH
        self._alone = wanted is not None
        self._wanted = tuple(range(len(work.prompts)) if wanted is None else wanted)
        self.steps_done = 0
        self._studio = Studio(generator, scorer, work.prompts)
        self._fingerprint, self._scorer = fingerprint, scorer
        self._pairs = tuple(itertools.combinations(range(len(work.prompts)), 2)) if wanted is None else ()
        phases: tuple[tuple[Callable[[int], None], int], ...] = (
            (self._draw, self.draws),
            (self._climb, work.climbs),
            (self._settle, len(self._wanted)),
            (self._even, len(self._wanted) if self._pairs and len(work.prompts) <= EVENED else 0),
            (self._judge, len(self._wanted) * -(-work.held_out // BATCH)),
            (self._walk, len(self._pairs)),
        )
        self._todo = [(do, index) for do, count in phases for index in range(count)]
        self._state = _empty_state(work, generator.w_dim, len(self._pairs), scorer.width)
        if gallery is not None:
            known = min(self._known, len(self._state["seen"]))
            self._state["seen"][:known] = gallery.seen[:known]
        self._least = self._least_scores()

    @property
    def steps(self) -> int:
        """How many there are in all."""
        return len(self._todo)

    @property
    def is_done(self) -> bool:
        """Whether `result` can be asked for."""
        return self.steps_done == self.steps

    def next_step(self) -> None:
        """Do one step."""
        do, index = self._todo[self.steps_done]
        do(index)
        self.steps_done += 1

    def save(self, folder: Path) -> None:
        """Write where the run stands. Raises CheckpointError."""
        words = {"work": self._identity(), "steps": str(self.steps_done)}
        # Places that are still empty hold minus infinity, which a tensor file does not take.
        tensors = {name: np.where(np.isfinite(array), array, _NOTHING) for name, array in self._state.items()}
        write_tensor_file(folder / STATE_FILE, STATE_FORMAT, STATE_VERSION, tensors, words)

    def resume(self, folder: Path) -> bool:
        """Go on where `save` left off, if that was the same work; False if there is nothing of the kind."""
        try:
            stored = read_tensor_file(folder / STATE_FILE, STATE_FORMAT, STATE_VERSION)
            if stored.word("work") != self._identity():
                return False
            steps = int(stored.word("steps"))
            state = {name: stored.tensor(name, array.ndim) for name, array in self._state.items()}
        except (CheckpointError, ValueError):
            return False
        if not 0 <= steps <= self.steps or any(state[name].shape != own.shape for name, own in self._state.items()):
            return False
        self._state = {name: np.where(array == _NOTHING, np.float32(-np.inf), array) for name, array in state.items()}
        self.steps_done = steps
        return True

    def result(self) -> Mined:
        """The moods and how good they are. Raises MiningError before the last step."""
        self._check_done()
        if len(self._wanted) < len(self.work.prompts):
            raise MiningError("only some of the moods were looked for")
        state, work = self._state, self.work
        moods = MoodSet(work.names, work.prompts, state["centroids"], state["basis"], self._fingerprint)
        report = report_of(
            state["judged"],
            state["paths"],
            state["changes"],
            self._pairs,
            state["best_of_draws"],
            state["thumbnails"],
            state["reference"],
        )
        return Mined(moods, state["latents"].copy(), state["scores"].copy(), report)

    @property
    def unseen(self) -> int:
        """Draws that must be rendered."""
        return max(self.work.samples - self._known, 0)

    def gallery(self) -> Gallery:
        """What was seen in the draws so far."""
        count = min(self.steps_done, self.draws) * BATCH
        seen = self._state["seen"][:count].copy()
        return Gallery(self._fingerprint, self._scorer.identity, self.work.seed, seen)

    def mood(self, index: int) -> tuple[Region, float]:
        """A wanted mood, and the share of its fresh pictures that agree. Raises MiningError before the last step."""
        self._check_done()
        return self._region(index), float(self._is_own(self._state["judged"][index], index).mean())

    def _is_own(self, scores: Scores, mood: int) -> npt.NDArray[np.bool_]:
        """Which of the pictures with these scores ``(n, k)`` are a mood's own, ``(n,)``."""
        if not self._alone:
            return margins(scores, mood) > 0.0
        return np.asarray(scores[:, mood] >= np.quantile(self._state["drawn"][mood], FITTING))

    def _check_done(self) -> None:
        if not self.is_done:
            raise MiningError(f"mining stands at step {self.steps_done} of {self.steps}")

    def held_out(self, mood: int, count: int) -> Latents:
        """The first `count` of the fresh latents by which a mood is judged: ``(count, w_dim)``."""
        rng = self._rng(_JUDGE, mood)
        coords = rng.uniform(-1.0, 1.0, (self.work.held_out, self.work.dimension))
        return self._region(mood).at(coords[:count])

    def _draw(self, index: int) -> None:
        count = min(BATCH, self.work.samples - index * BATCH)
        # Drawn whole and then cut: the last batch's latents do not depend on how many are asked of it.
        latents = self._studio.draw(BATCH, self._rng(_DRAW, index))[:count]
        first = index * BATCH
        seen = self._state["seen"][first : first + count]
        if first + count > self._known:
            images = self._studio.pictures(latents)
            fresh = self._studio.see(images)
            # Those of a long run that no gallery holds are not kept.
            seen[:], seen = fresh[: len(seen)], fresh
            if first < REFERENCE:
                own = thumbnails(images)[: REFERENCE - first]
                self._state["reference"][first : first + len(own)] = own
        scores = self._studio.compare(seen)
        self._state["drawn"][:, first : first + count] = scores.T
        self._state["best_of_draws"] += np.bincount(scores.argmax(axis=1), minlength=len(self.work.prompts))
        for prompt in self._wanted:
            fits = scores[:, prompt] >= self._least.get(prompt, -np.inf)
            self._keep(prompt, latents[fits], scores[fits])

    def _least_scores(self) -> dict[int, float]:
        """What a draw must score to be kept, by prompt, if all draws are known beforehand and enough of them fit.

        Among thousands, the pictures that are least like what other prompts mean may be none of its own either.
        """
        share = 1.0 - self.work.kept / self.work.samples
        if self.unseen or share < FITTING:
            return {}
        scores = self._studio.compare(self._state["seen"])
        return {prompt: float(np.quantile(scores[:, prompt], share)) for prompt in self._wanted}

    def _climb(self, index: int) -> None:
        work, kept = self.work, self._state["latents"]
        progress = index / max(work.climbs - 1, 1)
        for prompt in self._wanted:
            rng = self._rng(_CLIMB, index, prompt)
            others = np.concatenate([kept[prompt], self._studio.draw(work.climbers, rng)])
            climbers = kept[prompt, : work.climbers]
            tried = proposals(climbers, others, self._studio.generator.w_avg, progress, rng)
            scores = self._studio.judge(tried)
            better = worth(scores)[:, prompt] > worth(self._state["scores"][prompt, : work.climbers])[:, prompt]
            # A better one takes the place of the one it came from, or all would end up on one summit.
            kept[prompt, : work.climbers][better] = tried[better]
            self._state["scores"][prompt, : work.climbers][better] = scores[better]
            self._keep(prompt, tried[:0], scores[:0])

    def _settle(self, index: int) -> None:
        """The candidate whose pictures are worth most."""
        mood = self._wanted[index]
        found = self._candidates(mood)
        judged = [self._studio.judge(region.at(self._probes(mood))) for region in found]
        own = [self._is_own(scores, mood).mean() if self._alone else 0.0 for scores in judged]
        values = self._state["values"][mood]
        values[: len(found)] = [worth(scores)[:, mood].mean() for scores in judged]
        self._take(found[max(range(len(found)), key=lambda place: (own[place], values[place]))], mood)

    def _even(self, index: int) -> None:
        """The candidate nearly as good from which the ways to the other moods, where they are now, are most even."""
        mood = self._wanted[index]
        found = self._candidates(mood)
        values = self._state["values"][mood, : len(found)]
        good = [region for region, value in zip(found, values, strict=True) if value >= values.max() - NEARLY]
        others = [centroid for other, centroid in enumerate(self._state["centroids"]) if other != mood]

        def unevenness(region: Region) -> float:
            return max(largest_step(changes_of(self._way(region.centroid, other))) for other in others)

        self._take(min(good, key=unevenness), mood)

    def _candidates(self, mood: int) -> list[Region]:
        """Regions that a mood may be."""
        return candidate_regions(self._state["latents"][mood], self.work.dimension, self._rng(_SETTLE, mood))

    def _probes(self, mood: int) -> npt.NDArray[np.float64]:
        """Coordinates ``(probes, dimension)``."""
        return self._rng(_PROBE, mood).uniform(-1.0, 1.0, (self.work.probes, self.work.dimension))

    def _take(self, region: Region, mood: int) -> None:
        """A mood's region, as wide as all its probes stay the mood's own."""
        coords = self._probes(mood)
        # Three corners as well as the inside: all coordinates may be at their ends at once.
        corners = np.sign(coords[:3])
        for scale in SCALES:
            scores = self._studio.judge(region.at(np.concatenate([corners, coords]), scale))
            if self._is_own(scores, mood).all():
                break
        self._state["centroids"][mood], self._state["basis"][mood] = region.centroid, scale * region.basis

    def _way(self, a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
        """Pictures ``(WAY, h, w, 3)`` from one latent to another."""
        w_avg = self._studio.generator.w_avg
        way = np.stack([slerp_about(w_avg, a, b, step / (WAY - 1)) for step in range(WAY)])
        return self._studio.pictures(way.astype(np.float32))

    def _judge(self, index: int) -> None:
        batches = -(-self.work.held_out // BATCH)
        mood, first = self._wanted[index // batches], index % batches * BATCH
        images = self._studio.pictures(self.held_out(mood, self.work.held_out)[first : first + BATCH])
        self._state["judged"][mood, first : first + BATCH] = self._studio.scores(images)
        self._state["thumbnails"][mood, first : first + BATCH] = thumbnails(images)

    def _walk(self, index: int) -> None:
        a, b = (self._state["centroids"][mood] for mood in self._pairs[index])
        images = self._way(a, b)
        self._state["paths"][index] = self._studio.scores(images)
        self._state["changes"][index] = changes_of(images)

    def _keep(self, prompt: int, latents: Latents, scores: Scores) -> None:
        own = (self._state["latents"][prompt], self._state["scores"][prompt])
        self._state["latents"][prompt], self._state["scores"][prompt] = merge_best(*own, latents, scores, prompt)

    def _region(self, mood: int) -> Region:
        return Region(self._state["centroids"][mood], self._state["basis"][mood], self.work.kept)

    def _identity(self) -> str:
        """What tells one run from another."""
        return json.dumps([repr(self.work), self._wanted, self._fingerprint, self._scorer.identity])

    def _rng(self, *place: int) -> np.random.Generator:
        return np.random.default_rng([self.work.seed, *place])


_NOTHING = np.float32(-1e30)


def _empty_state(work: Work, w_dim: int, pairs: int, width: int) -> dict[str, npt.NDArray[np.float32]]:
    count = len(work.prompts)
    shapes: dict[str, tuple[int, ...]] = {
        "latents": (count, work.kept, w_dim),
        "reference": (min(REFERENCE, work.samples), THUMBNAIL, THUMBNAIL, 3),
        "best_of_draws": (count,),
        "drawn": (count, work.samples),
        "seen": (min(work.samples, MOST), width),
        "values": (count, MOST_REGIONS),
        "centroids": (count, w_dim),
        "basis": (count, w_dim, work.dimension),
        "judged": (count, work.held_out, count),
        "thumbnails": (count, work.held_out, THUMBNAIL, THUMBNAIL, 3),
        "paths": (pairs, WAY, count),
        "changes": (pairs, WAY - 1),
    }
    state = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    return state | {"scores": np.full((count, work.kept, count), -np.inf, np.float32)}
