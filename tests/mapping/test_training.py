import numpy as np

from instrument.mapping.training import Examples, Weights, initial_weights, loss_and_gradients, train


def _examples(rng: np.random.Generator) -> Examples:
    return Examples(
        inputs=rng.standard_normal((12, 5)),
        moods=rng.dirichlet(np.ones(3), 12),
        importance=rng.uniform(0.5, 1.5, 12),
        coords=rng.uniform(-0.9, 0.9, (12, 6)),
        coords_importance=rng.uniform(0.1, 2.0, (12, 6)),
    )


def _ones(weights: Weights) -> Weights:
    return [np.ones_like(array) for array in weights]


def test_the_gradient_is_that_of_the_loss() -> None:
    rng = np.random.default_rng(1)
    examples = _examples(rng)
    weights = initial_weights((5, 7, 6, 9), rng)
    _, gradients = loss_and_gradients(weights, examples)
    for array, gradient in zip(weights, gradients, strict=True):
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + 1e-5
            above, _ = loss_and_gradients(weights, examples)
            array[index] = kept - 1e-5
            below, _ = loss_and_gradients(weights, examples)
            array[index] = kept
            np.testing.assert_allclose(gradient[index], (above - below) / 2e-5, atol=1e-7)


def test_training_lowers_the_loss_in_batches_and_at_once() -> None:
    for batch_size in (6, 100):
        rng = np.random.default_rng(1)
        examples = _examples(rng)
        weights = initial_weights((5, 16, 9), rng)
        before, _ = loss_and_gradients(weights, examples)
        train(
            weights,
            examples,
            steps=300,
            batch_size=batch_size,
            learning_rate=0.01,
            decay=0.01,
            rng=rng,
            masks=_ones(weights),
        )
        after, _ = loss_and_gradients(weights, examples)
        assert after < 0.6 * before


def test_decay_shrinks_what_the_examples_do_not_hold_up() -> None:
    sizes = []
    for decay in (0.0, 0.5):
        rng = np.random.default_rng(1)
        examples = _examples(rng)
        weights = initial_weights((5, 16, 9), rng)
        train(
            weights, examples, steps=300, batch_size=100, learning_rate=0.01, decay=decay, rng=rng, masks=_ones(weights)
        )
        sizes.append(sum(float((array**2).sum()) for array in weights[::2]))
    assert sizes[1] < 0.8 * sizes[0]


def test_what_is_masked_stays_as_it_was() -> None:
    rng = np.random.default_rng(1)
    examples = _examples(rng)
    weights = initial_weights((5, 16, 9), rng)
    masks = [(rng.random(array.shape) < 0.5).astype(float) for array in weights]
    before = [array.copy() for array in weights]
    train(weights, examples, steps=50, batch_size=6, learning_rate=0.01, decay=0.5, rng=rng, masks=masks)
    for array, was, mask in zip(weights, before, masks, strict=True):
        np.testing.assert_array_equal(array[mask == 0.0], was[mask == 0.0])
        assert (array[mask == 1.0] != was[mask == 1.0]).all()
