"""The steps of the check, what they are called, and in which order they come."""

SIZES = ("tiny", "base-plus")
PYTORCH = ("eager-bf16", "compiled-bf16", "eager-tf32", "eager-f32")
# What is compared with PyTorch, on the first frames of a clip; the memory bank is full from the eighth on.
COMPARED = 10
# Memory over a long video in which objects come and go.
COMINGS = "nano-comings"
REFERENCES = ("nano:2", "tiny:1,8", "base-plus:1,8")

# Parity of the smallest network is known soonest, and where it is wrong nothing else means anything. What PyTorch compiles comes last: on an
# H200 it was not through with `tiny` after 200 seconds. `--again` goes on with what it has tuned by then.
FULL = ("nano-2-f32", "nano-2", "tiny-1", "torch-tiny-eager-bf16", "tiny-8", "base-plus-1", "base-plus-8", "torch-base-plus-eager-bf16",
        "tiny-1-f32", "micro", "tiny-stages-1", COMINGS, "torch-tiny-compiled-bf16", "tiny-8-f32", "base-plus-1-f32", "base-plus-8-f32",
        "torch-base-plus-compiled-bf16")
QUICK = ("nano-2-f32", "nano-2", "tiny-1", "torch-tiny-eager-bf16", "micro", "tiny-stages-1")
# Processors know f32 only, and what PyTorch compiles for them takes longer than all else.
PROCESSOR = ("nano-2-f32", "tiny-1-f32", "tiny-8-f32", "torch-tiny-eager-f32", "base-plus-1-f32", "base-plus-8-f32",
             "torch-base-plus-eager-f32", "micro", "tiny-stages-1-f32", COMINGS)
PROCESSOR_QUICK = ("nano-2-f32", "micro")


def chosen(device, quick):
    """The steps of a check that nobody chose the steps of."""
    if device == "cpu":
        return PROCESSOR_QUICK if quick else PROCESSOR
    return QUICK if quick else FULL


def names():
    """All steps that there are."""
    ours = [f"{model}-{what}{precision}" for model in SIZES for what in ("1", "8", "stages-1", "stages-8") for precision in ("", "-f32")]
    return ["nano-2", "nano-2-f32", COMINGS, *ours, *(f"torch-{model}-{variant}" for model in SIZES for variant in PYTORCH), "micro"]


def ours(name):
    """Model, number of objects and precision of a step of maskd's own."""
    precision = "f32" if name.endswith("-f32") else "f16"
    model, _, objects = name.removesuffix("-f32").rpartition("-")
    return model.removesuffix("-stages"), int(objects), precision


def torch_of(name):
    """Model and variant of a step of PyTorch's."""
    model = next(model for model in SIZES if name.startswith(f"torch-{model}-"))
    return model, name.removeprefix(f"torch-{model}-")
