"""Random parameters under which every parameter of SAM 2 matters and activations stay in a sane range."""

import torch

EMBEDDINGS = ("token.weight", "tokens.weight", "_embed.weight")


def _scale(name, tensor, gain):
    """(mean, standard deviation) of the values that a parameter gets."""
    leaf = name.rsplit(".", 1)[-1]
    if "norm" in name or (".encoder." in name and tensor.dim() == 1) or "downscaling.1." in name \
            or "downscaling.4." in name or "upscaling.1." in name:
        return (1.0, 0.2) if leaf == "weight" else (0.0, 0.2)
    if leaf == "gamma":
        return 0.5, 0.2
    if leaf == "positional_encoding_gaussian_matrix":
        return 0.0, 1.0
    if leaf == "bias":
        return 0.0, 0.1
    if leaf != "weight" or name.endswith(EMBEDDINGS) or "point_embeddings" in name:
        return 0.0, 0.5
    if "output_upscaling" in name:
        return 0.0, gain / tensor.shape[0] ** 0.5
    return 0.0, gain / (tensor[0].numel() ** 0.5)


def randomise(module, seed, gain=1.0):
    """Fills all parameters and buffers of `module` in the order of their names."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in sorted(module.state_dict().items()):
            mean, deviation = _scale(name, tensor, gain)
            values = mean + deviation * torch.randn(tensor.shape, generator=generator)
            tensor.copy_(values)
    return module.eval()
