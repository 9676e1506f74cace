"""Pictures of a trained `ovdetr` on a frame of a clip, for docs/lab/detr.md.

Example: python -m bench.detr_pictures FOLDER samples/pedestrians.mp4 --frame 100 --out DIR

Writes `tokens.jpg` (which tokens a sparse encoder keeps), `query.jpg` (where the queries of the
best boxes read the image) and `set.jpg` (the best boxes, nothing suppressed).
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench.sparse_encoder import load_network
from ovd.domain.frame import Frame
from ovd.domain.ports import SourceOptions
from ovd.model import LoadOptions, load_detector
from ovd.model.box_ops import cxcywh_to_xyxy
from ovd.model.detector import VocabularyDetector
from ovd.model.detr.network import OvDetr
from ovd.model.detr.tokens import best_tokens, count_kept
from ovd.model.runtimes.eager import to_pixels
from ovd.model.runtimes.options import Precision, Runtime, RuntimeOptions
from ovd.model.transformer.deformable import SampledPoints
from ovd.model.transformer.encoder import TokenMaps
from ovd.video import open_source

Canvas = NDArray[np.uint8]
SIZE = (320, 448)
KEEP = 0.3
SHOWN = 8
COLOURS = ((230, 60, 60), (60, 160, 230), (240, 190, 40), (90, 200, 90))


def read_frame(clip: Path, index: int) -> Canvas:
    """Read one frame of a clip, at the size of the network's input."""
    source = open_source(str(clip), "bench", SourceOptions())
    for item in source:
        if isinstance(item, Frame) and item.index == index:
            source.close()
            return np.ascontiguousarray(cv2.resize(item.image, SIZE[::-1])).astype(np.uint8)
    raise SystemExit(f"{clip} has no frame {index}")


def draw_tokens(image: Canvas, maps: TokenMaps, scores: Tensor) -> Canvas:
    """Show the kept tokens of each map bright, the others dark; two maps a row."""
    total = maps.tokens.shape[1]
    is_kept = torch.zeros(total, dtype=torch.bool)
    is_kept[best_tokens(scores, count_kept(total, KEEP))[0]] = True
    tiles, start = [], 0
    for height, width in maps.sizes:
        part = is_kept[start : start + height * width].view(height, width).numpy()
        start += height * width
        bright = cv2.resize(part.astype(np.float32), SIZE[::-1], interpolation=cv2.INTER_NEAREST)
        tiles.append((image * (0.25 + 0.75 * bright[..., None])).astype(np.uint8))
    rows = [np.concatenate(tiles[:2], axis=1), np.concatenate(tiles[2:], axis=1)]
    return np.concatenate(rows).astype(np.uint8)


def draw_queries(image: Canvas, boxes: Tensor, read: SampledPoints, best: Tensor) -> Canvas:
    """Show the boxes of some queries and the points they read, larger where they count more."""
    canvas = image.copy()
    scale = torch.tensor([SIZE[1], SIZE[0], SIZE[1], SIZE[0]])
    for rank, query in enumerate(best.tolist()):
        colour = COLOURS[rank % len(COLOURS)]
        x0, y0, x1, y1 = (cxcywh_to_xyxy(boxes[query]) * scale).int().tolist()
        cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, 1)
        places = (read.locations[0, query].reshape(-1, 2) * scale[:2]).int().tolist()
        for (x, y), weight in zip(places, read.weights[0, query].flatten().tolist(), strict=True):
            cv2.circle(canvas, (x, y), 1 + round(8 * weight), colour, -1)
    return canvas


def draw_boxes(image: Canvas, boxes: Tensor, scores: Tensor, best: Tensor) -> Canvas:
    """Show boxes with their scores."""
    canvas = image.copy()
    scale = torch.tensor([SIZE[1], SIZE[0], SIZE[1], SIZE[0]])
    for rank, query in enumerate(best.tolist()):
        colour = COLOURS[rank % len(COLOURS)]
        x0, y0, x1, y1 = (cxcywh_to_xyxy(boxes[query]) * scale).int().tolist()
        cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, 1)
        text = f"{scores[query]:.2f}"
        cv2.putText(canvas, text, (x0 + 2, y0 + 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1)
    return canvas


def score_queries(folder: Path, image: Canvas, name: str) -> Tensor:
    """Return the `(Q,)` scores of the object queries for a name."""
    run = RuntimeOptions(Runtime.EAGER, Precision.FLOAT32, threads=1, encoder_keep=KEEP)
    detector = load_detector("ovdetr", LoadOptions(folder, run=run))
    if not isinstance(detector, VocabularyDetector):
        raise SystemExit("ovdetr has no vocabulary")
    [text] = detector.text_vectors([name])
    [regions] = detector.find_regions([image])
    logits = regions.embeds @ text.vector + text.bias
    return torch.from_numpy(logits).sigmoid()


def run_network(network: OvDetr, image: Canvas) -> tuple[TokenMaps, Tensor, Tensor, SampledPoints]:
    """Return the tokens, their scores, the `(Q, 4)` boxes and the points of the last layer."""
    reads: list[SampledPoints] = []
    handle = network.decoder.register_forward_hook(
        lambda _module, _inputs, output: reads.extend(output[1])
    )
    with torch.no_grad():
        maps = network.source(to_pixels(image[None].copy()))
        found = network.decode_tokens(maps).layers[-1]
        scores = network.scorer(maps.tokens)
    handle.remove()
    return maps, scores, found.cxcywh_norm[0], reads[-1]


def main() -> None:
    """Draw the pictures."""
    parser = argparse.ArgumentParser(description="Pictures of ovdetr")
    parser.add_argument("folder", type=Path, help="weights folder of an ovdetr")
    parser.add_argument("clip", type=Path, help="video")
    parser.add_argument("--frame", type=int, default=100, help="index of the frame")
    parser.add_argument("--name", default="person", help="name to look for")
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the pictures")
    given = parser.parse_args()
    torch.set_num_threads(1)
    image = read_frame(given.clip, given.frame)
    network = load_network(given.folder)
    network.encoder_keep = KEEP
    maps, token_scores, boxes, read = run_network(network, image)
    scores = score_queries(given.folder, image, given.name)
    best = scores.topk(SHOWN).indices
    pictures = {
        "tokens": draw_tokens(image, maps, token_scores),
        "query": draw_queries(image, boxes, read, best[: len(COLOURS)]),
        "set": draw_boxes(image, boxes, scores, best),
    }
    given.out.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(given.out / f"{name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 80])


if __name__ == "__main__":
    main()
