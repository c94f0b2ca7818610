"""Where the files of a check are: what came in the bundle, and what is made of it."""


def checkpoint_of(bundle, work, model):
    return bundle / "nano.safetensors" if model == "nano" else work / f"{model}.pt"


def prompts_of(work, objects):
    return work / f"prompts-{objects}.json"


def reference_of(work, model, objects, image_size):
    return work / f"{model}-{objects}-{image_size or 'full'}-reference.safetensors"
