"""The mapping network's tensors, which StyleGAN2 and StyleGAN3 share but for the number of layers."""

Shapes = dict[str, tuple[int, ...]]


def mapping_shapes(z_dim: int, w_dim: int, c_dim: int, layers: int) -> Shapes:
    """Name and shape of every tensor of the mapping network, by StyleGAN's own names.

    >>> mapping_shapes(4, 8, 0, 1)
    {'mapping.w_avg': (8,), 'mapping.fc0.weight': (8, 4), 'mapping.fc0.bias': (8,)}
    """
    shapes: Shapes = {"mapping.w_avg": (w_dim,)}
    width = z_dim
    if c_dim:
        shapes |= {"mapping.embed.weight": (w_dim, c_dim), "mapping.embed.bias": (w_dim,)}
        width += w_dim
    for index in range(layers):
        shapes |= {f"mapping.fc{index}.weight": (w_dim, width), f"mapping.fc{index}.bias": (w_dim,)}
        width = w_dim
    return shapes
