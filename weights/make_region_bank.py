"""Make the bank of background regions of the default detector, and enter it in the manifest.

    python weights/make_region_bank.py DATA [--cache DIR] [--images 520] [--rows 32]

DATA holds `images/` and `annotations/`; only train parts are read, and only of sources whose names
the network has learned: what `bench.teach` teaches is not in the bank on purpose. Run it again
whenever the detector's network changes: the bank belongs to one network, and ovd refuses another.
Images whose regions are in the cache are taken first, the others in a random order.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from bench.region_cache import RegionCache, load_sources
from ovd.detection.taught.bank import build_bank
from ovd.model.weights import file_sha256

FILE = "ovdense_regions.safetensors"
SOURCES = {
    "coco_val2017": 0.5, "coco_train2017_mini": 0.08, "dhaka_traffic": 0.1,
    "construction_site_safety": 0.08, "hard_hat_workers": 0.08, "openimages_vehicle": 0.06,
    "fire_smoke_cctv": 0.03, "fire_indoor": 0.02, "montreal_cctv": 0.03,
    "highway_cam_atl": 0.01, "highway_vehicle": 0.01,
}  # fmt: skip
ENTRY = """
[[weights]]
file = "{file}"
role = "region_bank"
used_by = ["ovdense"]
sha256 = "{sha256}"
size = {size}
licence = "Apache-2.0"
origin = "make_region_bank.py: {images} training images as the network {network} sees them"
"""


def main() -> int:
    """Build the bank, write it and replace its entry in the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("scratch/teach"))
    parser.add_argument("--images", type=int, default=520)
    parser.add_argument("--rows", type=int, default=32)
    options = parser.parse_args()
    here = Path(__file__).parent
    cache = RegionCache(options.cache, here)
    images = []
    for source, share in SOURCES.items():
        found = load_sources(options.data, [f"{source}_train"])
        order = np.random.default_rng(0).permutation(len(found)).tolist()
        order.sort(key=lambda index, found=found: not cache.holds(found[index]))
        wanted = round(share * options.images)
        images += [cache.regions(found[index]).embeds for index in order[:wanted]]
    bank = build_bank(images, options.rows, cache.weights_sha256)
    tensors = {
        "codes": bank.codes,
        "scales": bank.scales.astype(np.float16),
        "image_id": bank.image_id.astype(np.uint16),
        "basis": bank.basis.astype(np.float16),
        "mean": bank.mean,
        "covariance": bank.covariance.astype(np.float16),
    }
    facts = {"encoder_id": bank.weights_sha256, "images": len(images)}
    path = here / FILE
    save_file(tensors, path, metadata={"ovd": json.dumps(facts)})
    path.chmod(0o644)
    entry = ENTRY.format(
        file=FILE,
        sha256=file_sha256(path),
        size=path.stat().st_size,
        images=len(images),
        network=bank.weights_sha256[:12],
    )
    manifest = here / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    old = re.compile(rf'\n\[\[weights\]\]\nfile = "{FILE}"\n(?:[^\[\n].*\n)*')
    manifest.write_text(old.sub("", text) + entry, encoding="utf-8")
    sys.stdout.write(entry)
    return 0


if __name__ == "__main__":
    sys.exit(main())
