"""The embedded detector compared with the same weights run by OpenCV's DNN module.

The ONNX graph is written here from the arrays alone, with `onnx.helper`; it shares no code with
`ovd.model`. Both are scored on the same COCO-format file in one run.

Example: python -m bench.opencv_dnn ssd_mobilenet_v2_coco.npz coco_val.json --images images

Needs the package `onnx`, which ovd itself does not.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ovd.bootstrap import build_detector, build_reader
from ovd.datasets.coco import CocoDataset, load_dataset
from ovd.domain.boxes import clip_xyxy
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.evaluation.coco_metrics import CocoScores
from ovd.evaluation.detection import MIN_SCORE, DetectionRun, evaluate, score_run
from ovd.model.postprocess import PostprocessConfig
from ovd.settings import load_settings
from ovd.video.images import load_image

INPUT_SIZE = 300
CLASSES = 91
SAME = PostprocessConfig()
LAST_BLOCK = 16
STRIDE_2_BLOCKS = (1, 3, 6, 13)
FIRST_LEVEL_BLOCK = 13
EXTRA_LEVELS = (
    ("layer_19_1_Conv2d_2_1x1_256", "layer_19_2_Conv2d_2_3x3_s2_512"),
    ("layer_19_1_Conv2d_3_1x1_128", "layer_19_2_Conv2d_3_3x3_s2_256"),
    ("layer_19_1_Conv2d_4_1x1_128", "layer_19_2_Conv2d_4_3x3_s2_256"),
    ("layer_19_1_Conv2d_5_1x1_64", "layer_19_2_Conv2d_5_3x3_s2_128"),
)
UNUSED_COCO_IDS = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
COCO_NAMES = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire
hydrant, stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear,
zebra, giraffe, backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, sports
ball, kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket, bottle, wine
glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot
dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop,
mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book,
clock, vase, scissors, teddy bear, hair drier, toothbrush
"""
MAX_AP_DIFFERENCE = 0.005

COCO_IDS = dict(
    zip(
        (" ".join(name.split()) for name in COCO_NAMES.split(",")),
        (index for index in range(1, CLASSES) if index not in UNUSED_COCO_IDS),
        strict=True,
    )
)

Arrays = Mapping[str, NDArray[np.float32]]


class GraphWriter:
    """Collects the nodes and weights of an ONNX graph of square feature maps."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._sides = {"image": INPUT_SIZE}
        self._channels = {"image": 3}
        self._zero = self._weight("zero", np.float32(0.0))
        self._six = self._weight("six", np.float32(6.0))

    def channels(self, value: str) -> int:
        """Return the number of channels of a feature map."""
        return self._channels[value]

    def convolve(self, value: str, name: str, stride: int = 1) -> str:
        """Add a convolution with TensorFlow's SAME padding, then its bias or batch norm."""
        weight = np.asarray(self._arrays[f"{name}:weight"], dtype=np.float32)
        out_channels, per_group, kernel, _ = weight.shape
        side = self._sides[value]
        out_side = -(-side // stride)
        padding = max((out_side - 1) * stride + kernel - side, 0)
        before, after = padding // 2, padding - padding // 2
        inputs = [value, self._weight(f"{name}:weight", weight)]
        has_bias = f"{name}:bias" in self._arrays
        if has_bias:
            inputs.append(self._weight(f"{name}:bias", self._arrays[f"{name}:bias"]))
        self._nodes.append(
            helper.make_node(
                "Conv",
                inputs,
                [name],
                name=name,
                kernel_shape=[kernel, kernel],
                strides=[stride, stride],
                pads=[before, before, after, after],
                group=self._channels[value] // per_group,
            )
        )
        self._sides[name], self._channels[name] = out_side, out_channels
        return name if has_bias else self._normalise(name)

    def relu6(self, value: str) -> str:
        """Clip to [0, 6]."""
        return self._like(value, "Clip", [value, self._zero, self._six], f"{value}/relu6")

    def add(self, a: str, b: str) -> str:
        """Add the sum of two feature maps."""
        return self._like(a, "Add", [a, b], f"{a}/sum")

    def finish(self, outputs: Sequence[str]) -> bytes:
        """Return the serialised model, checked."""
        shapes = {name: (1, self._channels[name], *2 * (self._sides[name],)) for name in outputs}
        graph = helper.make_graph(
            self._nodes,
            "ssd_mobilenet_v2",
            [
                helper.make_tensor_value_info(
                    "image", TensorProto.FLOAT, [1, 3, INPUT_SIZE, INPUT_SIZE]
                )
            ],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in shapes.items()
            ],
            self._weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def _normalise(self, name: str) -> str:
        norm = f"{name.rpartition('/')[0]}/BatchNorm/batchnorm/add_1"
        inputs = [
            self._weight(f"{norm}:{part}", self._arrays[f"{norm}:{part}"])
            for part in ("gamma", "beta", "mean", "var")
        ]
        return self._like(name, "BatchNormalization", [name, *inputs], f"{name}/norm")

    def _like(self, value: str, operator: str, inputs: Sequence[str], name: str) -> str:
        node = helper.make_node(operator, inputs, [name], name=name)
        if operator == "BatchNormalization":
            node.attribute.append(helper.make_attribute("epsilon", 0.001))
        self._nodes.append(node)
        self._sides[name], self._channels[name] = self._sides[value], self._channels[value]
        return name

    def _weight(self, name: str, array: NDArray[np.float32] | np.float32) -> str:
        self._weights.append(numpy_helper.from_array(np.asarray(array, dtype=np.float32), name))
        return name


def build_onnx(arrays: Arrays) -> tuple[bytes, list[tuple[str, str]]]:
    """Write the network as ONNX.

    Args:
        arrays: The teacher's arrays by name.

    Returns:
        The serialised model, and the names of the (class, box) outputs of each level.
    """
    writer = GraphWriter(arrays)
    value = writer.relu6(writer.convolve("image", "Conv/Conv2D", 2))
    levels = []
    for block in range(LAST_BLOCK + 1):
        scope = f"expanded_conv_{block}" if block else "expanded_conv"
        entry = value
        if f"{scope}/expand/Conv2D:weight" in arrays:
            value = writer.relu6(writer.convolve(value, f"{scope}/expand/Conv2D"))
        if block == FIRST_LEVEL_BLOCK:
            levels.append(value)
        stride = 2 if block in STRIDE_2_BLOCKS else 1
        value = writer.relu6(writer.convolve(value, f"{scope}/depthwise/depthwise", stride))
        value = writer.convolve(value, f"{scope}/project/Conv2D")
        if stride == 1 and writer.channels(entry) == writer.channels(value):
            value = writer.add(value, entry)
    levels.append(writer.relu6(writer.convolve(value, "Conv_1/Conv2D")))
    for squeeze, widen in EXTRA_LEVELS:
        value = writer.relu6(writer.convolve(levels[-1], f"{squeeze}/Conv2D"))
        value = writer.relu6(writer.convolve(value, f"{widen}_depthwise/depthwise", 2))
        levels.append(writer.relu6(writer.convolve(value, f"{widen}/Conv2D")))
    outputs = [
        (
            writer.convolve(level, f"BoxPredictor_{index}/ClassPredictor/Conv2D"),
            writer.convolve(level, f"BoxPredictor_{index}/BoxEncodingPredictor/Conv2D"),
        )
        for index, level in enumerate(levels)
    ]
    return writer.finish([name for pair in outputs for name in pair]), outputs


class OpenCvSsd:
    """The network run by OpenCV.

    Args:
        arrays: The teacher's arrays by name.
    """

    def __init__(self, arrays: Arrays) -> None:
        model, self._outputs = build_onnx(arrays)
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(model, dtype=np.uint8))
        priors = np.asarray(arrays["priors_1917x4_xyxy"], dtype=np.float32)
        self._centre = (priors[:, :2] + priors[:, 2:]) / 2
        self._size = priors[:, 2:] - priors[:, :2]
        self._variances = np.asarray(arrays["variances"], dtype=np.float32)

    def predict(self, image: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return class logits `(1917, 91)` and box encodings `(1917, 4)` of an RGB image."""
        blob = cv2.dnn.blobFromImage(
            image, 1 / 127.5, (INPUT_SIZE, INPUT_SIZE), (127.5, 127.5, 127.5), swapRB=False
        )
        self._net.setInput(blob)
        names = [name for pair in self._outputs for name in pair]
        outputs = [np.asarray(output, dtype=np.float32) for output in self._net.forward(names)]
        maps = dict(zip(names, outputs, strict=True))
        return (
            np.concatenate([_by_anchor(maps[logits], CLASSES) for logits, _ in self._outputs]),
            np.concatenate([_by_anchor(maps[boxes], 4) for _, boxes in self._outputs]),
        )

    def detect(self, image: Image, class_ids: Sequence[int], labels: tuple[str, ...]) -> Detections:
        """Find objects in an RGB image.

        Args:
            image: `(H, W, 3)` uint8, RGB.
            class_ids: Index of each label among the 91 outputs.
            labels: The labels.
        """
        logits, encodings = self.predict(image)
        scaled = encodings * self._variances
        centre = self._centre + scaled[:, :2] * self._size
        half = self._size * np.exp(scaled[:, 2:]) / 2
        height, width = image.shape[:2]
        to_pixels = np.array([width, height, width, height], dtype=np.float32)
        xyxy = np.concatenate([centre - half, centre + half], axis=1) * to_pixels
        xyxy = clip_xyxy(xyxy.astype(np.float32), (height, width))
        score = (1 / (1 + np.exp(-logits[:, list(class_ids)]))).astype(np.float32)
        anchor, label_id = _best_candidates(score)
        kept = cv2.dnn.NMSBoxesBatched(
            np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1)[anchor].tolist(),
            score[anchor, label_id].tolist(),
            label_id.tolist(),
            MIN_SCORE,
            SAME.max_iou,
        )
        anchor, label_id = anchor[kept], label_id[kept]
        return Detections(
            xyxy[anchor],
            score[anchor, label_id],
            label_id.astype(np.int64),
            labels,
        )


def _best_candidates(score: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of each column's best scores at or above `MIN_SCORE`."""
    best = np.argsort(-score, axis=0)[: SAME.candidates_per_query]
    rank, label_id = np.nonzero(np.take_along_axis(score, best, axis=0) >= MIN_SCORE)
    return best[rank, label_id], label_id


def _by_anchor(feature_map: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Reshape `(1, anchors * size, H, W)` to `(H * W * anchors, size)`: row, column, anchor."""
    return feature_map.transpose(0, 2, 3, 1).reshape(-1, size)


def check_recorded(network: OpenCvSsd, arrays: Arrays) -> tuple[float, float]:
    """Return the largest difference of logits and encodings to the original TensorFlow graph."""
    logits, encodings = network.predict(arrays["check/input_rgb_300"].astype(np.uint8))
    return (
        float(np.abs(logits - arrays["check/class_logits_1917x91"]).max()),
        float(np.abs(encodings - arrays["check/box_encodings_1917x4_xywh"]).max()),
    )


def evaluate_opencv(network: OpenCvSsd, dataset: CocoDataset) -> tuple[CocoScores, float]:
    """Return plain COCO scores over the dataset's own names, and median ms per image."""
    unknown = sorted(set(dataset.names) - set(COCO_IDS))
    if unknown:
        raise SystemExit(f"the arrays know the 80 names of COCO, not {', '.join(unknown)}")
    class_ids = [COCO_IDS[name] for name in dataset.names]
    found, seconds = [], []
    for item in dataset.images:
        image = load_image(item.path)
        started = time.perf_counter()
        found.append(network.detect(image, class_ids, dataset.names))
        seconds.append(time.perf_counter() - started)
    ms_per_image = 1000 * float(np.median(seconds))
    run = DetectionRun(dataset, dataset.names, (), tuple(found), ms_per_image)
    return score_run(run), ms_per_image


def main() -> None:
    """Print both and the difference; exit with 1 if it is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("arrays", type=Path, help="the teacher's npz file")
    parser.add_argument("dataset", type=Path, help="COCO-format file")
    parser.add_argument("--images", type=Path, required=True, help="folder of its images")
    parser.add_argument("--detector", default="embedded")
    parser.add_argument("--limit", type=int, help="only the first LIMIT images")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads of both; 0 takes all")
    arguments = parser.parse_args()
    if arguments.threads:
        cv2.setNumThreads(arguments.threads)
    dataset = load_dataset(arguments.dataset, arguments.images)
    dataset = replace(dataset, images=dataset.images[: arguments.limit])
    with np.load(arguments.arrays, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    network = OpenCvSsd(arrays)
    logits, encodings = check_recorded(network, arrays)
    theirs, their_ms = evaluate_opencv(network, dataset)
    detector = build_detector(load_settings(detector=arguments.detector, threads=arguments.threads))
    report = evaluate(detector, build_reader(detector), dataset)
    ours = report.scores
    difference = ours.ap - theirs.ap
    print(f"recorded output     logits within {logits:.3f}, box encodings within {encodings:.3f}")
    print(f"images              {report.images}")
    print("                        AP    AP50   small  medium   large   ms/image")
    for name, scores, ms in (
        (f"OpenCV {cv2.__version__}", theirs, their_ms),
        (report.detector, ours, report.ms_per_image),
    ):
        parts = (scores.ap, scores.ap50, scores.ap_small, scores.ap_medium, scores.ap_large)
        cells = " ".join("      -" if part is None else f"{part:7.4f}" for part in parts)
        print(f"{name:18} {cells} {'-' if ms is None else f'{ms:10.1f}'}")
    print(f"difference of AP    {difference:+.4f}   (at most {MAX_AP_DIFFERENCE})")
    if abs(difference) > MAX_AP_DIFFERENCE:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
