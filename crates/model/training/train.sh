#!/usr/bin/env bash
# From nothing to nano.safetensors: an environment, the pictures, the training.
#
#   crates/model/training/train.sh MINUTES [OUT] [further arguments of nano.train]
#
# MINUTES of training: 7 on an H100-class GPU, 300 or more on a few CPU cores. Without --start it begins from random
# weights; `--start crates/model/assets/nano.safetensors --schedule tune` goes on from the built-in model.
# MASKD_PYTHON names an interpreter that has everything (see README.md); else one is made in target/.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(cd "$here/../../.." && pwd)/target/training
minutes=${1:?minutes of training}
out=$(realpath -m "${2:-$work/out}")
shift $(($# < 2 ? $# : 2))
case " $* " in *" --schedule "*) ;; *) set -- --schedule scratch "$@" ;; esac

python=${MASKD_PYTHON:-$work/venv/bin/python}
if [ ! -x "$python" ]; then
    python3 -m venv "$work/venv"
    "$python" -m pip install --quiet torch==2.11.0 torchvision pillow safetensors setuptools wheel \
        numpy scikit-image opencv-python-headless
    SAM2_BUILD_CUDA=0 "$python" -m pip install --quiet --no-build-isolation sam2==1.1.0
fi
export PYTHONPATH="$here"
[ -f "$work/pack.zip" ] || { mkdir -p "$work"; "$python" -m nano.assets "$work" "$work/pack.part"; mv "$work/pack.part" "$work/pack.zip"; }
exec "$python" -W ignore -m nano.train --pack "$work/pack.zip" --out "$out" --minutes "$minutes" "$@"
