"""Cost of a frame beside open-vocabulary detectors of other projects, random weights of real sizes.

    python -m bench.open_vocabulary [owlvit owlv2 grounding_dino omdet_turbo] [--rounds 1]

Time depends on the architecture, not on what it learned, so nothing is downloaded: transformers
builds the models from their configurations. Every round asks all of them and ovd in turn with 1, 10
and 100 queries. Times are medians in seconds; "cpu" adds up all cores and hardly depends on
other work. A model that cannot be built says why.
"""

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable

import torch

from bench.detect import ROOT, read_frames
from bench.summary import Figure, note
from ovd.domain.query import Query
from ovd.model.backends import LoadOptions
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.text import torchvision_compat

QUERIES = (1, 10, 100)
OWL_TOKENS, VOCABULARY = 16, 1000
Ask = Callable[[int], object]


def open_owlvit() -> Ask:
    """Build OWL-ViT B/32 at 768 x 768."""
    from transformers import OwlViTConfig, OwlViTForObjectDetection

    return ask_owl(OwlViTForObjectDetection(OwlViTConfig()), 768)


def open_owlv2() -> Ask:
    """Build OWLv2 B/16 at 960 x 960."""
    from transformers import Owlv2Config, Owlv2ForObjectDetection

    vision = {"image_size": 960, "patch_size": 16}
    return ask_owl(Owlv2ForObjectDetection(Owlv2Config(vision_config=vision)), 960)


def ask_owl(model: torch.nn.Module, side: int) -> Ask:
    """Return a call with a number of texts of 16 tokens."""
    model.train(False)
    pixels = torch.zeros(1, 3, side, side)

    def ask(queries: int) -> object:
        ids = torch.randint(1, VOCABULARY, (queries, OWL_TOKENS))
        return model(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=pixels)

    return ask


def open_grounding_dino() -> Ask:
    """Build Grounding DINO tiny at 800 x 1066; its one text holds 256 tokens at most."""
    from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection

    model: torch.nn.Module = GroundingDinoForObjectDetection(GroundingDinoConfig())
    model.train(False)
    pixels = torch.zeros(1, 3, 800, 1066)

    def ask(queries: int) -> object:
        ids = torch.randint(1, VOCABULARY, (1, min(2 + 2 * queries, 256)))
        return model(pixel_values=pixels, input_ids=ids, attention_mask=torch.ones_like(ids))

    return ask


def open_omdet_turbo() -> Ask:
    """Build OmDet-Turbo tiny at 640 x 640."""
    from transformers import OmDetTurboConfig, OmDetTurboForObjectDetection

    model: torch.nn.Module = OmDetTurboForObjectDetection(OmDetTurboConfig())
    model.train(False)
    pixels = torch.zeros(1, 3, 640, 640)

    def ask(queries: int) -> object:
        classes = torch.randint(1, VOCABULARY, (queries, OWL_TOKENS))
        task = torch.randint(1, VOCABULARY, (1, OWL_TOKENS))
        return model(
            pixel_values=pixels,
            classes_input_ids=classes,
            classes_attention_mask=torch.ones_like(classes),
            tasks_input_ids=task,
            tasks_attention_mask=torch.ones_like(task),
            classes_structure=torch.tensor([queries]),
        )

    return ask


def open_ovd() -> Ask:
    """Load the default detector with the runtime that `auto` takes."""
    detector = load_ovdense(LoadOptions(ROOT / "weights"))
    (frame,) = read_frames(1)
    texts = {
        count: detector.encode(
            [Query(name, name, (name,), min_score=0.35) for name in detector.info.known_names][
                :count
            ]
        )
        for count in QUERIES
    }
    return lambda queries: detector.detect([frame], texts[queries])


OTHERS: dict[str, Callable[[], Ask]] = {
    "owlvit": open_owlvit,
    "owlv2": open_owlv2,
    "grounding_dino": open_grounding_dino,
    "omdet_turbo": open_omdet_turbo,
}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="of those above; all if none")
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    torchvision_compat.install()
    asks = {"ovd": open_ovd()}
    for name in arguments.models or OTHERS:
        try:
            asks[name] = OTHERS[name]()
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            print(f"{name} is left out: {str(error).splitlines()[0]}")
    times: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    with torch.inference_mode():
        asks["ovd"](1)
        for _ in range(arguments.rounds):
            for queries in QUERIES:
                for name, ask in asks.items():
                    wall_s, cpu_s = time.perf_counter(), time.process_time()
                    ask(queries)
                    spent = time.perf_counter() - wall_s, time.process_time() - cpu_s
                    times[name, queries].append(spent)
    print(f"{'model':18}{'queries':>8}{'s':>9}{'cpu':>9}{'times ovd (cpu)':>17}")
    for (name, queries), taken in times.items():
        wall_s, cpu_s = (statistics.median(column) for column in zip(*taken, strict=True))
        own_s = statistics.median(cpu for _, cpu in times["ovd", queries])
        print(f"{name:18}{queries:>8}{wall_s:>9.3f}{cpu_s:>9.3f}{cpu_s / own_s:>17.0f}")
        if name != "ovd":
            title = f"processor time of ovd, {queries} queries"
            note(Figure(title, own_s, "s", cpu_s, name))


if __name__ == "__main__":
    main()
