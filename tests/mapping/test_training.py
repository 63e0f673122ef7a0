import numpy as np

from instrument.mapping.training import Examples, initial_weights, loss_and_gradients, train


def _examples(rng: np.random.Generator) -> Examples:
    return Examples(
        inputs=rng.standard_normal((12, 5)),
        moods=rng.dirichlet(np.ones(3), 12),
        importance=rng.uniform(0.5, 1.5, 12),
        coords=rng.uniform(-0.9, 0.9, (12, 6)),
        coords_importance=rng.uniform(0.1, 2.0, (12, 6)),
    )


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
        train(weights, examples, steps=300, batch_size=batch_size, learning_rate=0.01, decay=0.01, rng=rng)
        after, _ = loss_and_gradients(weights, examples)
        assert after < 0.6 * before


def test_decay_shrinks_what_the_examples_do_not_hold_up() -> None:
    sizes = []
    for decay in (0.0, 0.5):
        rng = np.random.default_rng(1)
        examples = _examples(rng)
        weights = initial_weights((5, 16, 9), rng)
        train(weights, examples, steps=300, batch_size=100, learning_rate=0.01, decay=decay, rng=rng)
        sizes.append(sum(float((array**2).sum()) for array in weights[::2]))
    assert sizes[1] < 0.8 * sizes[0]
