"""The network: the official modules, built, resized, read and written."""

import copy
import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "xtask/python"))
from predictor import build  # noqa: E402  (the parity scripts build the same predictor)

CONFIG = Path(__file__).resolve().parents[2] / "assets/nano.json"


def load(path):
    """Model and configuration of a checkpoint made by `save`."""
    with safe_open(path, "pt") as file:
        config = json.loads(file.metadata()["config"])
    model = build(config)
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()}, strict=True)
    return model, config


def fresh(config_path=CONFIG):
    """A newly initialised model. The layer scale of the memory encoder's blocks starts higher than in SAM 2: its 1e-6
    needs longer to grow than such a small training lasts."""
    config = json.loads(Path(config_path).read_text())
    model = build(config)
    for block in model.memory_encoder.fuser.layers:
        torch.nn.init.constant_(block.gamma, 1e-2)
    return model, config


def save(path, parameters, model, config, **notes):
    """Writes an f16 checkpoint whose metadata carries the configuration; `parameters` maps names to tensors."""
    state = {name: parameters.get(name, tensor).detach().half().contiguous().cpu() for name, tensor in model.state_dict().items()}
    metadata = {"format": "pt", "config": json.dumps(config), **{name: str(value) for name, value in notes.items()}}
    partial = Path(f"{path}.part")
    save_file(state, partial, metadata=metadata)
    partial.replace(path)


def no_dropout(model):
    """Switches dropout off: so small a network does not overfit endless data."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "dropout_p"):
            module.dropout_p = 0.0


def set_size(model, size):
    """Makes the model take pictures of `size` x `size`: nothing in it but these numbers depends on that."""
    grid = size // 16
    model.image_size, model.sam_image_embedding_size = size, grid
    encoder = model.sam_prompt_encoder
    encoder.image_embedding_size = (grid, grid)
    encoder.input_image_size = (size, size)
    encoder.mask_input_size = (4 * grid, 4 * grid)
    for module in model.modules():
        if hasattr(module, "freqs_cis"):
            module.freqs_cis = module.compute_cis(end_x=grid, end_y=grid).to(model.no_mem_embed.device)


def size_tables(model):
    """Tensors that the model keeps for the present size and a CUDA graph refers to: hold on to them."""
    return [module.freqs_cis for module in model.modules() if hasattr(module, "freqs_cis")]


def twin(model):
    """A copy for the moving average of the weights."""
    other = copy.deepcopy(model).eval()
    return other.requires_grad_(False)
