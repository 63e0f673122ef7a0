"""Contrastive training of the builtin scorer's tower on pictures and captions whose truth is known.

Every caption of a batch is compared with every picture of it, and because a caption's claims can be measured in any
picture, no pair is taken for wrong that is right: soft targets for SigLIP's sigmoids and for CLIP's softmax.
Sources: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021;
Zhai et al., "Sigmoid Loss for Language Image Pre-Training", 2023.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from instrument.mining.sentences import SentenceEncoder
from instrument.mining.tower import agreement, draw_tensors, read, see
from instrument.tools.scorer.captions import Caption, caption_of, truth_matrix
from instrument.tools.scorer.pictures import Seen, varied

BATCH = 128
RATE = 3e-3
DECAY = 1e-3
_WARM_UP = 50
_VAGUENESS = 0.02
"""Standard deviation of the noise on a sentence's numbers (each about 0.05): a word near a known one means the same."""
_CONTRAST = 0.5
"""Weight of the softmax beside the sigmoids."""


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Pictures, captions, how true which is of which ``(pictures, captions)``, and the captions' numbers."""

    seen: Seen
    captions: tuple[Caption, ...]
    truth: torch.Tensor
    sentences: torch.Tensor


def make_lessons(seen: Seen, of_each: int, encoder: SentenceEncoder, rng: np.random.Generator) -> Lessons:
    """`of_each` captions of every picture, in its order."""
    rows = torch.stack(list(seen.truths.values()), dim=1).tolist()
    known = [dict(zip(seen.truths, row, strict=True)) for row in rows]
    captions = tuple(caption_of(truths, rng) for truths in known for _ in range(of_each))
    texts = list(dict.fromkeys(caption.text for caption in captions))
    place = {text: index for index, text in enumerate(texts)}
    sentences = torch.from_numpy(encoder.encode(texts))[[place[caption.text] for caption in captions]]
    return Lessons(seen, captions, truth_matrix(seen.truths, captions), sentences)


def train(lessons: Lessons, steps: int, seed: int, report: Callable[[int, float], None]) -> dict[str, torch.Tensor]:
    """The tower's tensors after so many steps; `report` is told the step and its loss."""
    rng = torch.Generator().manual_seed(seed)
    tensors = draw_tensors(rng)
    for tensor in tensors.values():
        tensor.requires_grad_()
    optimiser = torch.optim.AdamW(tensors.values(), lr=RATE, weight_decay=DECAY)
    of_each = len(lessons.captions) // len(lessons.seen)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min((step + 1) / _WARM_UP, 1.0) * 0.5 * (1.0 + np.cos(np.pi * step / steps))
        chosen = torch.randint(len(lessons.seen), (BATCH,), generator=rng)
        said = of_each * chosen + torch.randint(of_each, (BATCH,), generator=rng)
        loss = _loss(tensors, lessons, chosen, said, rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        report(step, float(loss.detach()))
    return {name: tensor.detach() for name, tensor in tensors.items()}


def _loss(
    tensors: dict[str, torch.Tensor], lessons: Lessons, chosen: torch.Tensor, said: torch.Tensor, rng: torch.Generator
) -> torch.Tensor:
    vague = lessons.sentences[said]
    vague = vague + _VAGUENESS * torch.randn(vague.shape, generator=rng)
    seen = see(tensors, varied(lessons.seen.pictures[chosen], rng))
    logits = agreement(tensors, seen, read(tensors, vague))
    truth = lessons.truth[chosen][:, said]
    own = functional.binary_cross_entropy_with_logits(logits, truth)
    rows = -(truth / truth.sum(dim=1, keepdim=True) * logits.log_softmax(dim=1)).sum(dim=1).mean()
    columns = -(truth / truth.sum(dim=0, keepdim=True) * logits.log_softmax(dim=0)).sum(dim=0).mean()
    return own + _CONTRAST * 0.5 * (rows + columns)
