"""Every synonym of a word must count the same: `python -m bench.synonyms [CLIP]`."""

import argparse
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

from ovd.bootstrap import build_counter, build_detector, build_opener, build_reader, open_store
from ovd.domain.ports import SourceOptions
from ovd.settings import load_settings

WORDINGS = ("person", "persn", "사람", "보행자", "people")


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("clip", nargs="?", default="samples/pedestrians.mp4")
    options.add_argument("--fps", type=float, default=None, help="frames per second; default all")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        settings = load_settings(db=f"sqlite:///{Path(folder) / 'wordings.db'}")
        detector = build_detector(settings)
        reader = build_reader(detector, settings.weights_dir)
        queries = [reader.read(text) for text in WORDINGS]
        open_source = build_opener(settings)
        source = open_source(chosen.clip, "wordings", SourceOptions(sample_fps=chosen.fps))
        stack.enter_context(closing(source))
        store = stack.enter_context(closing(open_store(settings)))
        run = stack.enter_context(
            build_counter(detector, store).open_run(source, "wordings", queries)
        )
        for _ in run:
            pass
        print("| typed | read as | frames | mean | max |\n|---|---|---|---|---|")
        for entry in run.summary().queries:
            query = entry.query
            print(
                f"| {query.text} | {query.read_as} | {entry.frames} | {entry.mean} | {entry.max} |"
            )


if __name__ == "__main__":
    main()
