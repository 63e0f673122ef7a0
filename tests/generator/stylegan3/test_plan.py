import dataclasses
import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.errors import CheckpointError
from instrument.generator.lrelu.plain import down_matrix, up_matrix
from instrument.generator.stylegan3.filters import low_pass
from instrument.generator.stylegan3.plan import NetworkConfig, config_from_dict, input_stage, layer_plan, tensor_shapes

FULL_T = NetworkConfig(resolution=256)
FULL_R = NetworkConfig(resolution=256, channel_base=65536, channel_max=1024, conv_kernel=1, use_radial_filters=True)


def test_published_sizes_and_channels() -> None:
    layers = layer_plan(FULL_T)
    assert input_stage(FULL_T)[:2] == (36, 512)
    assert [layer.out_size for layer in layers] == [36, 36, 36, 52, 52, 84, 84, 148, 148, 148, 276, 276, 276, 256, 256]
    assert [layer.out_channels for layer in layers] == [512] * 9 + [362, 256, 181, 128, 128, 3]
    assert layers[0].name == "L0_36_512"
    assert layers[-1].name == "L14_256_3"


def test_published_paddings() -> None:
    layers = layer_plan(FULL_T)
    assert {(layer.pad_lo, layer.pad_hi) for layer in layers[:-2] if layer.up == 2} == {(9, 8)}
    assert {(layer.pad_lo, layer.pad_hi) for layer in layers if layer.up == 4} == {(-6, -9)}
    assert (layers[-2].pad_lo, layers[-2].pad_hi) == (-11, -12)
    layers = layer_plan(FULL_R)
    assert {(layer.pad_lo, layer.pad_hi) for layer in layers[:-2] if layer.up == 2} == {(11, 10)}
    assert {(layer.pad_lo, layer.pad_hi) for layer in layers if layer.up == 4} == {(-2, -5)}
    assert (layers[-2].pad_lo, layers[-2].pad_hi) == (-9, -10)


def test_radial_filters_stop_at_the_critical_layers() -> None:
    assert [layer.radial for layer in layer_plan(FULL_R)] == [True] * 12 + [False] * 3
    assert not any(layer.radial for layer in layer_plan(FULL_T))


def test_tensor_names() -> None:
    shapes = tensor_shapes(FULL_T)
    assert len(shapes) == 114
    assert shapes["synthesis.L9_148_362.weight"] == (362, 512, 3, 3)
    assert "synthesis.L14_256_3.up_filter" not in shapes
    assert tensor_shapes(FULL_R)["synthesis.L9_148_724.down_filter"] == (12, 12)


configs = st.builds(
    NetworkConfig,
    resolution=st.sampled_from([32, 64, 128, 256, 512]),
    channel_base=st.integers(1024, 4096),
    channel_max=st.integers(1, 64),
    num_layers=st.integers(5, 16),
    num_critical=st.integers(0, 3),
    margin_size=st.integers(2, 12),
    conv_kernel=st.sampled_from([1, 3]),
    filter_size=st.integers(2, 8),
)


@settings(deadline=None)  # the machine is shared
@given(configs)
def test_layers_fit_one_another_and_their_filters(config: NetworkConfig) -> None:
    layers = layer_plan(config)
    for before, after in itertools.pairwise(layers):
        assert (before.out_size, before.out_channels) == (after.in_size, after.in_channels)
        assert before.out_rate == after.in_rate
    layer = max(layers[:-1], key=lambda layer: layer.up)
    conv_size = layer.in_size + layer.kernel - 1
    wide = len(up_matrix(low_pass(layer.up_taps, 1.0, 1.0, 8.0).astype(float), conv_size, layer))
    assert wide == (layer.out_size - 1) * layer.down + layer.down_taps
    assert down_matrix(low_pass(layer.down_taps, 1.0, 1.0, 8.0).astype(float), wide, layer).shape[1] == wide


def test_config_survives_json() -> None:
    config = dataclasses.replace(FULL_R, conv_clamp=None, output_scale=1.0)
    assert config_from_dict(json.loads(json.dumps(dataclasses.asdict(config)))) == config


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"resolution": 100}, "power of two"),
        ({"resolution": 1 << 30}, "resolution"),
        ({"channel_max": 10**9}, "channel_max"),
        ({"channel_max": 10**5000}, "channel_max"),
        ({"channel_max": [[1]]}, "channel_max"),
        ({"num_layers": 2.5}, "num_layers"),
        ({"num_layers": True}, "num_layers"),
        ({"first_cutoff": "2"}, "first_cutoff"),
        ({"output_scale": float("nan")}, "output_scale"),
        ({"use_radial_filters": 1}, "use_radial_filters"),
        ({"colour": 1}, "unknown hyper-parameter 'colour'"),
        ({"num_critical": 14}, "num_critical"),
        ({"conv_kernel": 2}, "conv_kernel"),
    ],
)
def test_refuses_what_makes_no_network(values: dict[str, object], said: str) -> None:
    with pytest.raises(CheckpointError, match=said) as caught:
        config_from_dict(values)
    assert "\n" not in str(caught.value)


def test_refuses_layers_without_channels() -> None:
    with pytest.raises(CheckpointError, match="no channels"):
        layer_plan(NetworkConfig(channel_base=16))
