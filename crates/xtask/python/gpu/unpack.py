"""Makes what came in the bundle ready to run, and keeps what was compiled for the next time."""

import importlib.util
import lzma
import os
import shutil
import tarfile
import threading
import zipfile
import zlib

# Several, because what is too large to travel should not keep the rest behind.
ARCHIVES = {"caches": ("maskd",), "caches-driver": ("driver",), "caches-torch": ("inductor", "triton")}
# What PyTorch's side needs and cannot be brought along, since it is built for one Python only.
NEEDED = {"torch": "PyTorch", "numpy": "NumPy", "PIL": "Pillow"}
# What others may have brought already, in a version that will do. The reference and the rest go together in the bundle's versions.
COMMON = ("packaging", "yaml", "safetensors", "tqdm")


def missing_modules():
    """Names of what this Python lacks."""
    return [name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None]


def unpack_program(bundle, work):
    """The program, where it can be started.

    Its caches are kept under its size and date, so the date says what is in it: the same program finds them again, however often it
    is unpacked.
    """
    program, packed = work / "maskd-gpu-check", bundle / "maskd-gpu-check.xz"
    content = lzma.decompress(packed.read_bytes()) if packed.exists() else (bundle / "maskd-gpu-check").read_bytes()
    program.unlink(missing_ok=True)
    program.write_bytes(content)
    program.chmod(0o755)
    os.utime(program, (zlib.crc32(content),) * 2)
    return program


def unpack_wheels(bundle, work):
    """A folder of the reference and what it imports, for the front of the path. To unpack is to install: they are pure Python, or for
    every Python 3."""
    site = work / "site"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir()
    for path in sorted((bundle / "wheels").glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            modules = {name.partition("/")[0] for name in wheel.namelist()}
            common = modules.intersection(COMMON)
            if not common or any(importlib.util.find_spec(module) is None for module in common):
                wheel.extractall(site)
    return site


def bring_caches(bundle, work, out):
    """What an earlier run left, so that nothing is compiled twice."""
    for name in ARCHIVES:
        for folder in (bundle, out):
            archive = folder / f"{name}.tar.gz"
            if archive.exists() and not (work / "caches").exists():
                with tarfile.open(archive) as file:
                    file.extractall(work / "brought", filter="data")
                break
    if (work / "brought/caches").exists():
        (work / "brought/caches").rename(work / "caches")


def keep_caches(work, out, limit):
    """Packs the caches for the next run, unless that takes too long."""
    worker = threading.Thread(target=_pack, args=(work, out), daemon=True)
    worker.start()
    worker.join(max(limit, 1.0))
    return not worker.is_alive()


def _pack(work, out):
    for name, folders in ARCHIVES.items():
        partial = out / f"{name}.tar.gz.partial"
        with tarfile.open(partial, "w:gz", compresslevel=3) as file:
            for folder in folders:
                if (work / "caches" / folder).exists():
                    file.add(work / "caches" / folder, f"caches/{folder}")
        partial.rename(out / f"{name}.tar.gz")


def pack_logs(out):
    """One file instead of many: where results have to travel, they may be counted."""
    with tarfile.open(out / "logs.tar.gz", "w:gz", compresslevel=3) as file:
        file.add(out / "logs", "logs")
    shutil.rmtree(out / "logs")
