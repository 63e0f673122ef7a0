import numpy as np
import pytest

from instrument.mining.latents import THUMBNAIL, thumbnails
from instrument.mining.report import difference, report_of, table


def test_the_figures_of_scores_made_by_hand() -> None:
    right, wrong = [5.0, 1.0], [1.0, 2.0]
    judged = np.array([[right, right, right, wrong], [wrong, wrong, wrong, wrong]])
    way = np.array([[right, right, wrong, right, wrong]])
    rng = np.random.default_rng(0)
    reference = rng.random((20, 4, 4, 3))
    shots = np.stack([0.5 * reference, np.zeros((20, 4, 4, 3))])
    report = report_of(
        judged, way, np.array([[1.0, 1.0, 4.0, 2.0]]), ((0, 1),), np.array([30.0, 70.0]), shots, reference
    )
    first, second = report.moods
    assert (first.agreement, second.agreement, report.worst_agreement) == (0.75, 1.0, 0.75)
    assert (first.separation, second.separation) == (4.0, 1.0)
    assert (first.found, second.found) == (0.3, 0.7)
    assert first.coverage == pytest.approx(0.5)
    assert second.coverage == 0.0
    # Of the ends and quarters, one step has the farther prompt; the middle does not count.
    assert report.paths[0].nearer == 0.75
    assert report.paths[0].kept == 1.0
    assert report.paths[0].largest_step == 2.0
    lines = table(report, ("Hot", "Wet")).splitlines()
    assert lines[1].split() == ["Hot", "75%", "4.0", "50%", "30%"]
    assert "from Hot to Wet: 100%" in lines[3]
    assert "2.00 times the mean" in lines[3]


def test_a_way_that_leads_over_a_third_mood_is_seen() -> None:
    scores = np.array([[[2.0, 0.0, 0.0], [0.0, 0.0, 2.0], [0.0, 2.0, 0.0]]])
    shots = np.zeros((3, 1, 1, 1, 3))
    report = report_of(np.zeros((3, 1, 3)), scores, np.ones((1, 2)), ((0, 1),), np.ones(3), shots, shots[0])
    assert report.paths[0].kept == pytest.approx(2 / 3)
    assert all(mood.agreement == 0.0 for mood in report.moods), "a tie is no agreement"


def test_difference_is_the_mean_over_pairs() -> None:
    shots = np.array([0.0, 0.3, 0.9]).reshape(3, 1, 1, 1) * np.ones((3, 4, 4, 3))
    assert difference(shots) == pytest.approx((0.3 + 0.6 + 0.9) / 3)


@pytest.mark.parametrize("size", [16, 32, 50, 256])
def test_a_thumbnail_is_the_mean_of_its_part(size: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), dtype=np.uint8)
    small = thumbnails(image)
    assert small.shape == (2, THUMBNAIL, THUMBNAIL, 3)
    part = image[1, : size // THUMBNAIL, : size // THUMBNAIL, 2] / 255.0
    assert small[1, 0, 0, 2] == pytest.approx(part.mean(), abs=1e-6)
    assert thumbnails(np.full((1, size, size, 3), 51, np.uint8)) == pytest.approx(0.2)
