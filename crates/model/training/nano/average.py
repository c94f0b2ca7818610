"""The mean of two checkpoints' weights: `python -m nano.average FIRST SECOND OUT [--share 0.5]`.

Where the second was trained on from the first for a short time, the mean keeps most of what was learned and forgets less
(Wortsman et al., "Robust fine-tuning of zero-shot models"). Its configuration, and with it the native size, is that of
`assets/nano.json`.
"""

import argparse
import json

from safetensors.torch import load_file

from . import network


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("first")
    parser.add_argument("second")
    parser.add_argument("out")
    parser.add_argument("--share", type=float, default=0.5, help="of the second")
    options = parser.parse_args()
    model, _ = network.load(options.first)
    other = load_file(options.second)
    mean = {name: tensor.lerp(other[name].float(), options.share) for name, tensor in model.state_dict().items()}
    network.save(options.out, mean, model, json.loads(network.CONFIG.read_text()))


if __name__ == "__main__":
    main()
