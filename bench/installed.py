"""What an installation of ovd takes on disk, package by package, and which verbs load what of it.

    python -m bench.installed [--extra train] [--least-mb 5]

"loads" names the verbs whose run imported something of the package, on the sample clip.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "samples" / "pedestrians.mp4"
# Runs one verb of ovd and writes the files of all modules that it imported.
_RECORD = """
import json, sys
from ovd.cli.main import main
try:
    main(sys.argv[2:])
finally:
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    open(sys.argv[1], "w").write(json.dumps([file for file in files if file]))
"""
VERBS = {
    "detect": ["detect", "frame.jpg", "-q", "person"],
    "count": ["count", str(CLIP), "-q", "person", "--fps", "1", "--duration", "3"],
    "report": ["report", "--bucket", "1s", "--out", "report.xlsx"],
    "report pdf": ["report", "--bucket", "1s", "--format", "pdf", "--out", "report.pdf"],
}
_PAGE = "ovd.cli.serve, ovd.web.server"


def chosen(lines: Iterable[str], extras: frozenset[str] = frozenset()) -> Iterator[Requirement]:
    """Yield those requirements that count on this machine, with these extras of who asks."""
    for line in lines:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


def own_requirements(extras: Iterable[str] = ()) -> list[Requirement]:
    """Return what pyproject.toml asks for, with these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line for extra in extras for line in project["optional-dependencies"][extra]]
    return list(chosen(project["dependencies"] + lines))


def needed(wanted: Iterable[Requirement]) -> dict[str, Distribution]:
    """Return the installed packages that pip would install for these requirements, by name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    queue = list(wanted)
    while queue:
        requirement = queue.pop()
        key = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if key in seen:
            continue
        seen.add(key)
        found[key[0]] = distribution(requirement.name)
        queue += chosen(found[key[0]].requires or (), key[1])
    return found


def top_entries(package: Distribution) -> set[str]:
    """Return the names in site-packages that belong to a package."""
    names = {Path(str(file)).parts[0] for file in package.files or ()}
    return names - {"..", "__pycache__"}


def size_of(package: Distribution) -> int:
    """Return the bytes of a package's files on disk."""
    paths = {Path(str(file.locate())) for file in package.files or ()}
    return sum(path.stat().st_size for path in paths if path.is_file())


def loaded_files(arguments: list[str], folder: Path) -> set[Path]:
    """Return the files of the modules that a verb of ovd imports.

    Args:
        arguments: The verb and its options.
        folder: Where it runs and keeps its data.
    """
    record = folder / "modules.json"
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", _RECORD, str(record), *arguments],
        cwd=folder,
        env={"OVD_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return {Path(file) for file in json.loads(record.read_text(encoding="utf-8"))}


def page_files() -> set[Path]:
    """Return the files of the modules that serving the page imports."""
    code = f"import json, sys, {_PAGE}\n" + (
        "print(json.dumps([m.__file__ for m in list(sys.modules.values())"
        " if getattr(m, '__file__', None)]))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {Path(file) for file in json.loads(done.stdout.splitlines()[-1])}


def loads_by_verb() -> dict[str, set[Path]]:
    """Return the files that each verb imports."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        save_frame(folder / "frame.jpg")
        by_verb = {verb: loaded_files(arguments, folder) for verb, arguments in VERBS.items()}
    return by_verb | {"serve": page_files()}


def save_frame(path: Path) -> None:
    """Write the first frame of the sample clip."""
    from ovd.domain.frame import Frame
    from ovd.video import open_source
    from ovd.video.images import save_image

    source = open_source(str(CLIP), "campus")
    frame = next(iter(source))
    assert isinstance(frame, Frame)
    save_image(path, frame.image)
    source.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extra", action="append", default=[], help="Extra of ovd to add.")
    parser.add_argument("--least-mb", type=float, default=5.0, help="Smaller ones are summed.")
    options = parser.parse_args()
    packages = needed(own_requirements(options.extra))
    by_verb = loads_by_verb()
    sizes = {name: size_of(package) / 1e6 for name, package in packages.items()}
    print("| package | MB | loaded by |\n|---|---|---|")
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        if sizes[name] < options.least_mb:
            continue
        files = {Path(str(file.locate())) for file in packages[name].files or ()}
        verbs = [verb for verb, loaded in by_verb.items() if loaded & files]
        print(f"| {name} | {sizes[name]:.0f} | {', '.join(verbs) or '-'} |")
    small = [size for size in sizes.values() if size < options.least_mb]
    print(f"| {len(small)} smaller ones | {sum(small):.0f} | |")
    print(f"| {len(sizes)} packages | {sum(sizes.values()):.0f} | |")


if __name__ == "__main__":
    main()
