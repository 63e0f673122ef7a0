"""How good a distilled network is, in figures: on 24 fixed codes, beside its teacher, and in half precision."""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from instrument.generator.lrelu.plain import FilteredLrelu, PlainFilteredLrelu
from instrument.generator.protocol import IDENTITY
from instrument.generator.self_check import psnr_db
from instrument.generator.stylegan3.network import HalfRule, SynthesisNetwork
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, runs_at_full_rate, runs_in_half
from instrument.motion.slerp import slerp_about
from instrument.tools.distil.codes import draw_codes, mood_code
from instrument.tools.distil.construct import Tensors, lift
from instrument.tools.distil.family import MOODS, Family
from instrument.tools.distil.moods import moods_of
from instrument.tools.distil.teacher import Teacher
from instrument.tools.distil.windows import pictures, pictures_of_w

SEED = 99
OF_EACH_MOOD, ANY = 5, 9
EVERY = 3
"""Of the codes, which are rendered in half precision too."""
STEPS = 24
"""Pictures on the way from one mood to the next."""
REPEATED = 24
COARSE = 8
"""Side of the picture that is left of a layout."""
STUDIED = 0.62
"""Weight of the constant pattern in the first study of this recipe, whose canvas did not move: what the repetition of
layouts is compared with."""


@dataclass(frozen=True, slots=True)
class MoodLook:
    """One mood's pictures: mean colour 0 to 1, edge energy, and how much of the colour is of one hue (1: all)."""

    rgb: tuple[float, float, float]
    edges: float
    hue: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that is measured; pictures from -1 to 1. `looks` and `teacher_looks` go by `MOODS`."""

    l1: float
    l1_of_mood: tuple[float, ...]
    looks: tuple[MoodLook, ...]
    teacher_looks: tuple[MoodLook, ...]
    largest_step: float
    repetition: float
    repetition_before: float
    bf16_db: float
    full_rate_db: float
    fp16_db: float

    @property
    def edges(self) -> tuple[float, ...]:
        """Edge energy of each mood as a share of the teacher's."""
        return tuple(own.edges / wanted.edges for own, wanted in zip(self.looks, self.teacher_looks, strict=True))


def fixed_codes(teacher: Teacher) -> torch.Tensor:
    """``(24, n)``: five of each mood, then nine of any."""
    rng = np.random.default_rng(SEED)
    moods = [mood_code(teacher.canvas, mood, rng) for mood in range(len(MOODS)) for _ in range(OF_EACH_MOOD)]
    return torch.cat([torch.stack(moods), draw_codes(teacher.canvas, ANY, rng)])


def evaluate(config: NetworkConfig, tensors: Tensors, teacher: Teacher) -> Evaluation:
    """Measure a network against its teacher. About a minute of one core."""
    codes = fixed_codes(teacher)
    wanted = teacher.pictures(codes, config.resolution)
    own = pictures(config, tensors, codes).clamp(-1.0, 1.0)
    error = (own - wanted).abs().mean(dim=(1, 2, 3))
    moods = [slice(OF_EACH_MOOD * mood, OF_EACH_MOOD * (mood + 1)) for mood in range(len(MOODS))]
    random = 0.7 * draw_codes(teacher.canvas, REPEATED, np.random.default_rng(SEED))
    return Evaluation(
        l1=float(error.mean()),
        l1_of_mood=tuple(float(error[part].mean()) for part in moods),
        looks=tuple(look_of(own[part]) for part in moods),
        teacher_looks=tuple(look_of(wanted[part]) for part in moods),
        largest_step=largest_step(config, tensors, moods_of(teacher, tensors, "0" * 64).centroids),
        repetition=repetition(pictures(config, tensors, random)),
        repetition_before=repetition(Teacher(_as_studied(teacher.family)).pictures(random, config.resolution)),
        bf16_db=half_db(config, tensors, codes[::EVERY], torch.bfloat16),
        full_rate_db=half_db(config, tensors, codes[::EVERY], torch.bfloat16, runs_at_full_rate),
        fp16_db=half_db(config, tensors, codes[::EVERY], torch.float16),
    )


def look_of(images: torch.Tensor) -> MoodLook:
    """Statistics of pictures ``(m, h, w, 3)``, -1 to 1."""
    rgb = images.double() * 0.5 + 0.5
    red, green, blue = rgb.unbind(dim=-1)
    chroma = rgb.amax(dim=-1) - rgb.amin(dim=-1)
    angle = torch.atan2(3.0**0.5 * (green - blue), 2.0 * red - green - blue)
    hue = torch.polar(chroma, angle).sum().abs() / chroma.sum().clamp(min=1e-9)
    mean = rgb.mean(dim=(0, 1, 2)).tolist()
    return MoodLook((mean[0], mean[1], mean[2]), float(edge_energy(images).mean()), float(hue))


def edge_energy(images: torch.Tensor) -> torch.Tensor:
    """Mean difference of light between neighbours, across plus down, of pictures ``(m, h, w, 3)``: ``(m,)``."""
    light = images.mean(dim=-1) * 0.5 + 0.5
    return light.diff(dim=1).abs().mean(dim=(1, 2)) + light.diff(dim=2).abs().mean(dim=(1, 2))


def largest_step(config: NetworkConfig, tensors: Tensors, points: npt.NDArray[np.float32]) -> float:
    """Largest change from picture to picture on the ways between `points` ``(k, w_dim)``, in mean changes."""
    average = tensors["mapping.w_avg"].numpy()
    worst = 0.0
    for a, b in itertools.combinations(points, 2):
        way = [slerp_about(average, a, b, step / STEPS) for step in range(STEPS + 1)]
        images = pictures_of_w(config, tensors, torch.from_numpy(np.stack(way))).clamp(-1.0, 1.0)
        changes = images.diff(dim=0).abs().mean(dim=(1, 2, 3))
        worst = max(worst, float(changes.max() / changes.mean()))
    return worst


def repetition(images: torch.Tensor) -> float:
    """Mean correlation of the layouts of pictures ``(m, h, w, 3)``: 1 if all are laid out alike, 0 if none."""
    coarse = functional.adaptive_avg_pool2d(images.permute(0, 3, 1, 2), COARSE)
    coarse = (coarse - coarse.mean(dim=(2, 3), keepdim=True)).flatten(1)
    coarse = coarse / coarse.norm(dim=1, keepdim=True).clamp(min=1e-9)
    alike = coarse @ coarse.T
    count = len(images)
    return float((alike.sum() - alike.diagonal().sum()) / (count * (count - 1)))


def _as_studied(family: Family) -> Family:
    fields = {name: replace(spec, fixed=STUDIED) for name, spec in family.fields.items()}
    return replace(family, fields=fields, turn=0.0, travel=0.0)


def half_db(
    config: NetworkConfig, tensors: Tensors, codes: torch.Tensor, half: torch.dtype, rule: HalfRule = runs_in_half
) -> float:
    """Lowest PSNR of 8-bit pictures with convolutions and activations in `half` by `rule`, filters in float32."""
    network = SynthesisNetwork(config, tensors, _in_float32, half, rule)
    worst = float("inf")
    with torch.no_grad():
        for w, right in zip(lift(codes, tensors["mapping.w_avg"]), pictures(config, tensors, codes), strict=True):
            picture = network(w.repeat(config.num_ws, 1), IDENTITY)
            worst = min(worst, psnr_db(_bytes(picture), _bytes(right)))
    return worst


def _bytes(picture: torch.Tensor) -> npt.NDArray[np.uint8]:
    return picture.mul(127.5).add(128.0).clamp(0.0, 255.0).to(torch.uint8).numpy()


def _in_float32(
    plan: LayerPlan, up_filter: torch.Tensor, down_filter: torch.Tensor, conv_clamp: float | None
) -> FilteredLrelu:
    plain = PlainFilteredLrelu(plan, up_filter, down_filter, conv_clamp)

    def run(x: torch.Tensor, in_scale: torch.Tensor, bias: torch.Tensor, out_scale: torch.Tensor) -> torch.Tensor:
        return plain(x.float(), in_scale, bias, out_scale)

    return run


def table(figures: Evaluation) -> str:
    """The figures for people, a line each."""
    lines = [f"L1 to the teacher (range -1 to 1)        {figures.l1:.4f}"]
    lines += [f"  of {name:37} {l1:.4f}" for name, l1 in zip(MOODS, figures.l1_of_mood, strict=True)]
    lines += [f"  edges of {name:31} {share:.3f}" for name, share in zip(MOODS, figures.edges, strict=True)]
    for who, looks in (("teacher", figures.teacher_looks), ("network", figures.looks)):
        for name, look in zip(MOODS, looks, strict=True):
            rgb = " ".join(f"{value:.2f}" for value in look.rgb)
            lines.append(f"  {who} {name:11} rgb {rgb}  edges {look.edges:.4f}  one hue {look.hue:.2f}")
    lines += [
        f"largest step on the way, times the mean  {figures.largest_step:.2f}",
        f"repetition of layouts at truncation 0.7  {figures.repetition:.3f} (studied: {figures.repetition_before:.3f})",
        f"bfloat16, lowest of every third code    {figures.bf16_db:.1f} dB",
        f"  in the layers at full rate only       {figures.full_rate_db:.1f} dB",
        f"float16, lowest of every third code     {figures.fp16_db:.1f} dB",
    ]
    return "\n".join(lines) + "\n"
