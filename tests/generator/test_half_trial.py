import numpy as np
import pytest

from instrument.generator.half_trial import HalfTrial, Verdict


def test_one_latent_a_step_then_the_verdict_of_the_worst() -> None:
    drawn: list[str] = []

    def exact(ws: np.ndarray) -> np.ndarray:
        drawn.append("exact")
        return np.full((8, 8, 3), 100, np.uint8)

    def fast(ws: np.ndarray) -> np.ndarray:
        drawn.append("fast")
        return np.full((8, 8, 3), 100 + int(ws[0, 0]), np.uint8)

    trial = HalfTrial(exact, fast, [np.full((2, 2), error, np.float32) for error in (0, 3, 1)])
    for step in range(3):
        assert trial.step() is None
        assert drawn == ["exact", "fast"] * (step + 1)
    verdict = trial.step()
    assert verdict is not None
    assert verdict.worst_db == pytest.approx(20.0 * np.log10(255.0 / 3.0))
    assert verdict.share > 0.0


@pytest.mark.parametrize(
    ("worst_db", "share", "accepted"), [(40.0, 0.7, True), (39.9, 0.7, False), (60.0, 0.99, False), (np.inf, 0.9, True)]
)
def test_taken_where_it_is_near_enough_and_worth_it(worst_db: float, share: float, accepted: bool) -> None:
    assert Verdict(worst_db, share).accepted is accepted
