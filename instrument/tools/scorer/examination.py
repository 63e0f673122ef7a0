"""How well a scorer does on pictures it was not trained on, asked in words that were kept from it."""

from dataclasses import dataclass

import numpy as np
import torch

from instrument.mining.scorer import Scorer
from instrument.tools.distil.codes import draw_codes, mood_code
from instrument.tools.distil.family import EMBER, MOODS
from instrument.tools.distil.teacher import Teacher
from instrument.tools.scorer.vocabulary import EXAMINATION

SEED = 4242
OF_EACH_MOOD = 40
ANY = 2
"""Pictures of any mood, in times of that."""
SIDE = 128
FIRST = 10
PURE = 0.6
"""Share of a mood in a picture from which its words count as right for it."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Right answers, 0 to 1.

    `of_prompt` is, by prompt, the share of right pictures among the first `FIRST` that it finds; `of_mood`, by mood,
    the share of its own pictures that get one of its own prompts as the best of all the examination's; `trios` the
    share of pure pictures named rightly by a trio of prompts, one a mood, in the lists' order, at worst and on average.
    """

    of_prompt: dict[str, float]
    of_mood: dict[str, float]
    worst_trio: float
    mean_trio: float


def examine(scorer: Scorer, of_each: int = OF_EACH_MOOD) -> Marks:
    """Ask everything of `of_each` pictures a mood, and some of any. Some seconds of one core."""
    teacher = Teacher(EMBER)
    rng = np.random.default_rng(SEED)
    pure = [mood_code(teacher.canvas, mood, rng) for mood in range(len(MOODS)) for _ in range(of_each)]
    codes = torch.cat([torch.stack(pure), draw_codes(teacher.canvas, ANY * of_each, rng)])
    images = teacher.pictures(codes, SIDE).mul(127.5).add(128.0).clamp(0.0, 255.0).to(torch.uint8).numpy()
    moods = teacher.mood_weights(codes).numpy()
    prompts = [prompt for name in MOODS for prompt in EXAMINATION[name]]
    owner = np.array([index for index, name in enumerate(MOODS) for _ in EXAMINATION[name]])
    scores = scorer.score(images, prompts)
    first = np.argsort(-scores, axis=0, kind="stable")[:FIRST]
    found = (moods[first, owner] >= PURE).mean(axis=0)
    own = scores[: len(pure)]
    truth = np.repeat(np.arange(len(MOODS)), of_each)
    best = owner[own.argmax(axis=1)]
    trios = [
        float(
            (
                own[:, [np.flatnonzero(owner == mood)[place] for mood in range(len(MOODS))]].argmax(axis=1) == truth
            ).mean()
        )
        for place in range(min(len(words) for words in EXAMINATION.values()))
    ]
    return Marks(
        of_prompt=dict(zip(prompts, found.tolist(), strict=True)),
        of_mood={name: float((best[truth == mood] == mood).mean()) for mood, name in enumerate(MOODS)},
        worst_trio=min(trios),
        mean_trio=float(np.mean(trios)),
    )


def table(marks: Marks) -> str:
    """The marks for people, a line each."""
    lines = [f"first {FIRST} found for {prompt!r:32} {share:4.0%} right" for prompt, share in marks.of_prompt.items()]
    lines += [f"pictures of {name:12} named by its words  {share:4.0%}" for name, share in marks.of_mood.items()]
    lines.append(
        f"three prompts, one a mood: {marks.mean_trio:.0%} of pure pictures right, at worst {marks.worst_trio:.0%}"
    )
    return "\n".join(lines) + "\n"
