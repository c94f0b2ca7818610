"""Where the pictures come from: Debian packages with freely licensed material, and what is taken from each."""

import io
import re
import subprocess
from pathlib import Path

from PIL import Image

Image.MAX_IMAGE_PIXELS = None

# Package and the licences its copyright file names for the pictures that are used.
PACKAGES = {
    "openclipart-png": "public domain",
    "fonts-noto-color-emoji": "OFL-1.1",
    "tuxpaint-stamps-default": "GPL-2+ (many of its photographs public domain)",
    "gcompris-qt-data": "CC-BY, CC-BY-SA, CC0, public domain, GPL-3+",
    "scratch": "CC-BY-SA-3.0 (its media)",
    "gnome-backgrounds": "CC-BY-SA-3.0 and others",
    "plasma-workspace-wallpapers": "LGPL-3, CC-BY-SA-4.0",
    "mate-backgrounds": "CC-BY-SA-4.0, GPL-2+",
    "lomiri-wallpapers-16.04": "CC-BY-4.0, CC-BY-SA, CC0",
    "lomiri-wallpapers-20.04": "CC-BY-4.0, CC-BY-SA, CC0",
    "ukui-wallpapers": "CC-BY-SA-3.0",
    "palapeli-data": "CC0, GPL-2+",
}
PHOTO_FOLDERS = ["wallpapers", "backgrounds", "scratch/Media/Backgrounds", "palapeli"]
CUTOUT_FOLDERS = ["openclipart/png", "tuxpaint/stamps", "scratch/Media/Costumes"]
# Drawings of letters, plain icons and patterns teach little: none or few of each.
SKIP = re.compile(r"alphabets|Letters|mimetypes|flowchart|patterns|mirror|/math|semaphore|screenshot|led/")
FEW = re.compile(r"shapes/stars|icons/|flags/|buttons|roadsigns|cards/|map_symbols|arrows|signs_and_symbols|dice")
MAGIC = re.compile(rb"\xff\xd8\xff[\xe0\xe1\xdb\xee]|RIFF....WEBPVP8|\x89PNG\r\n\x1a\n", re.S)


def unpack(folder):
    """Downloads and unpacks the packages below `folder` (nothing is installed) and returns the unpacked root."""
    debs, root = folder / "debs", folder / "root"
    debs.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if not list(debs.glob(f"{package}_*.deb")):
            subprocess.run(["apt-get", "download", package], cwd=debs, check=True)
        done = root / f".{package}"
        if not done.exists():
            (deb,) = debs.glob(f"{package}_*.deb")
            subprocess.run(["dpkg", "-x", deb, root], check=True)
            done.write_text("")
    return root / "usr/share"


def _pictures(folder):
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp", ".gif"} and path.is_file():
            yield path


def _per_folder(paths, limit):
    """At most `limit` (few: 12) pictures of each folder, spread evenly over it."""
    groups = {}
    for path in paths:
        if not SKIP.search(str(path)):
            groups.setdefault(path.parent, []).append(path)
    for folder, members in groups.items():
        most = 12 if FEW.search(f"{folder}/") else limit
        step = max(1, -(-len(members) // most))
        yield from members[::step]


def cutout_files(share):
    """Names and readers of pictures that should have an alpha channel."""
    for folder in CUTOUT_FOLDERS:
        for path in _per_folder(_pictures(share / folder), 90):
            yield str(path.relative_to(share)), path.read_bytes


def photo_files(share):
    """Names and readers of pictures that may be photographs."""
    seen = set()
    for folder in PHOTO_FOLDERS:
        for path in _pictures(share / folder):
            # Wallpapers come in several sizes: the first of each folder is enough.
            key = path.parent if path.parent.name.startswith("images") else path
            if key not in seen and not SKIP.search(str(path)):
                seen.add(key)
                yield str(path.relative_to(share)), path.read_bytes


def embedded(share):
    """GCompris keeps its pictures inside Qt resource files, stored without compression: found by their first bytes."""
    for path in sorted((share / "gcompris-qt/rcc").glob("*.rcc")):
        data = path.read_bytes()
        for index, match in enumerate(MAGIC.finditer(data)):
            start = match.start()
            yield f"gcompris/{path.stem}/{index}", lambda data=data, start=start: data[start:start + 4_000_000]


def emoji(share):
    """Every glyph of the colour font, drawn at its own size (109 pixels per em)."""
    from PIL import ImageDraw, ImageFont

    (path,) = share.rglob("NotoColorEmoji.ttf")
    font = ImageFont.truetype(str(path), 109)

    def draw(code):
        picture = Image.new("RGBA", (140, 140))
        ImageDraw.Draw(picture).text((2, 2), chr(code), font=font, embedded_color=True)
        return picture

    missing = draw(0xE000).tobytes()
    for code in [*range(0x2600, 0x27C0), *range(0x1F300, 0x1FB00)]:
        picture = draw(code)
        if picture.getbbox() and picture.tobytes() != missing:
            yield f"emoji/{code:x}", picture


def open_picture(data):
    """The picture as RGBA, or nothing when the bytes are no readable picture."""
    try:
        picture = Image.open(io.BytesIO(data))
        if min(picture.size) < 64:
            return None
        picture.draft("RGB", (1600, 1600))
        return picture.convert("RGBA")
    except Exception:  # a signature by chance, or a damaged file
        return None


def default_folder():
    return Path.home() / ".cache/maskd-training"
