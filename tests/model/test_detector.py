import pickle
import threading
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from ovd.domain.ports import Computation, DetectorInfo
from ovd.domain.query import Query, RequiredColour
from ovd.domain.teaching.regions import RegionVector
from ovd.errors import ImageError, QueryError, VocabularyMismatchError
from ovd.model.detector import MAX_BATCH, DetectorSpec, VocabularyDetector
from ovd.model.postprocess import PostprocessConfig
from ovd.model.runtimes.network_runner import NetworkOutput
from ovd.model.text.projection import TextProjection
from tests.builders import make_query, make_unsupported

NAMES = ("red", "green", "blue")


class ColourNetwork:
    """One region, the whole image, whose evidence is its mean colour."""

    def __init__(self) -> None:
        self.batch_sizes: list[int] = []
        self.shapes: list[tuple[int, int]] = []

    def __call__(self, images: np.ndarray) -> NetworkOutput:
        self.batch_sizes.append(len(images))
        self.shapes.append(images.shape[1:3])
        mean = images.mean(axis=(1, 2), dtype=np.float32)[:, None] / 127.5 - 1
        whole = np.tile(np.float32([0, 0, 1, 1]), (len(images), 1, 1))
        return NetworkOutput(mean * 5, whole)


class CountingEncoder:
    """Axis vectors for the names; anything else gets the mean of the axes."""

    encoder_id = "axes"

    def embed(self, names):
        axes = np.eye(3, dtype=np.float32)
        mean = np.full(3, 3**-0.5, dtype=np.float32)
        return np.stack([axes[NAMES.index(name)] if name in NAMES else mean for name in names])


@dataclass(frozen=True, eq=False)
class CountingProjection(TextProjection):
    projections: list[int] = field(default_factory=list)

    def project_text(self, text_embeds):
        self.projections.append(len(text_embeds))
        return super().project_text(text_embeds)


def make_detector(
    projection=None, network=None, open_vocabulary=False, input_sizes=((4, 4),)
) -> VocabularyDetector:
    info = DetectorInfo("colours", "0" * 64, NAMES, 0.5, open_vocabulary)
    spec = DetectorSpec(info, input_sizes, PostprocessConfig())
    return VocabularyDetector(
        spec, network or ColourNetwork(), projection or CountingProjection(), CountingEncoder()
    )


def draw_image(colour: str, size_hw: tuple[int, int] = (6, 9)):
    image = np.zeros((*size_hw, 3), np.uint8)
    image[..., NAMES.index(colour)] = 255
    return image


def test_info_tells_what_computes_the_network_as_of_now():
    computations = [Computation("onnx", "float32"), Computation("openvino", "float32")]
    detector = make_detector()
    spec = replace(detector._spec, computation=computations.pop)
    detector = VocabularyDetector(spec, ColourNetwork(), CountingProjection(), CountingEncoder())

    assert [detector.info.computation.runtime for _ in range(2)] == ["openvino", "onnx"]


def test_encode_lays_out_prompts_and_exclusions_by_query():
    queries = [
        Query("warm", "red", ("red", "green"), excluded=("blue",)),
        Query("blue", "blue", ("blue",)),
    ]

    vocabulary = make_detector().encode(queries)

    assert vocabulary.labels == ("warm", "blue")
    assert vocabulary.prompts == ("red", "green", "blue", "blue")
    assert vocabulary.prompt_label_id.tolist() == [0, 0, 0, 1]
    assert vocabulary.prompt_excluded.tolist() == [False, False, True, False]
    assert vocabulary.encoder_id == "axes"


def test_encode_refuses_an_empty_list_of_queries():
    with pytest.raises(QueryError, match="no query"):
        make_detector().encode([])


def test_encode_refuses_an_unsupported_query_and_repeats_its_note():
    with pytest.raises(QueryError, match=r"'helmet' is not supported.*not learned"):
        make_detector().encode([make_query("red"), make_unsupported("helmet")])


@pytest.mark.parametrize(
    "query", [make_query("mauve"), Query("red", "red", ("red",), excluded=("mauve",))]
)
def test_encode_refuses_names_that_were_not_learned(query):
    with pytest.raises(QueryError, match=r"not learned to find 'mauve'.*red, green, blue"):
        make_detector().encode([query])


def test_open_vocabulary_detector_encodes_any_name():
    vocabulary = make_detector(open_vocabulary=True).encode([make_query("mauve")])

    assert vocabulary.prompts == ("mauve",)


def test_each_image_takes_the_input_nearest_to_its_shape():
    network = ColourNetwork()
    detector = make_detector(network=network, input_sizes=((2, 4), (4, 2), (3, 3)))
    vocabulary = detector.encode([make_query("red"), make_query("blue")])
    wide, upright = draw_image("blue", (30, 50)), draw_image("red", (50, 30))

    found = detector.detect([wide, upright, draw_image("red", (10, 11)), wide], vocabulary)

    assert [d.labels[d.label_id[0]] for d in found] == ["blue", "red", "red", "blue"]
    assert found[1].xyxy[0].tolist() == [0.0, 0.0, 30.0, 50.0]
    assert network.shapes == [(2, 4), (4, 2), (3, 3)]
    assert network.batch_sizes == [2, 1, 1]


def test_detect_gives_one_result_per_image_in_order():
    detector = make_detector()
    vocabulary = detector.encode([make_query("red"), make_query("blue")])

    found = detector.detect(
        [draw_image("blue"), draw_image("green"), draw_image("red")], vocabulary
    )

    assert [detections.label_id.tolist() for detections in found] == [[1], [], [0]]
    assert found[0].xyxy.tolist() == [[0.0, 0.0, 9.0, 6.0]]


def test_detect_of_no_images_is_empty():
    detector = make_detector()

    assert detector.detect([], detector.encode([make_query("red")])) == []


def test_many_images_go_through_the_network_in_bounded_batches():
    network = ColourNetwork()
    detector = make_detector(network=network)

    found = detector.detect(
        [draw_image("red")] * (MAX_BATCH + 1), detector.encode([make_query("red")])
    )

    assert network.batch_sizes == [MAX_BATCH, 1]
    assert len(found) == MAX_BATCH + 1


def test_a_vocabulary_is_projected_once():
    projection = CountingProjection()
    detector = make_detector(projection)
    vocabulary = detector.encode([make_query("red")])

    for _ in range(3):
        detector.detect([draw_image("red")], vocabulary)

    assert projection.projections == [1]


def test_projections_are_dropped_with_their_vocabulary():
    detector = make_detector()
    detector.detect([draw_image("red")], detector.encode([make_query("red")]))

    assert len(detector._texts) == 0


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"encoder_id": "clip"}, r"'clip'.*'axes'"), ({"detector_id": "other@0"}, "'other@0'")],
)
def test_detect_refuses_a_vocabulary_of_another_encoder_or_detector(changed, named):
    detector = make_detector()
    vocabulary = replace(detector.encode([make_query("red")]), **changed)

    with pytest.raises(VocabularyMismatchError, match=named):
        detector.detect([draw_image("red")], vocabulary)


def test_detect_refuses_colours_that_it_cannot_judge():
    detector = make_detector()
    vocabulary = replace(
        detector.encode([make_query("red")]), prompt_colours=((RequiredColour("blue"),),)
    )

    with pytest.raises(VocabularyMismatchError, match="colours"):
        detector.detect([draw_image("red")], vocabulary)


def test_a_pickled_vocabulary_finds_the_same():
    detector = make_detector()
    vocabulary = detector.encode([make_query("red")])
    copied = pickle.loads(pickle.dumps(vocabulary))  # noqa: S301

    found, again = (detector.detect([draw_image("red")], item)[0] for item in (vocabulary, copied))

    np.testing.assert_array_equal(found.xyxy, again.xyxy)


def test_detect_refuses_an_empty_image():
    detector = make_detector()

    with pytest.raises(ImageError):
        detector.detect([np.zeros((0, 5, 3), np.uint8)], detector.encode([make_query("red")]))


def test_threads_with_different_vocabularies_do_not_disturb_each_other():
    detector = make_detector()
    wrong: list[str] = []
    start = threading.Barrier(3)

    def look_for(colour: str) -> None:
        start.wait()
        for _ in range(30):
            vocabulary = detector.encode([make_query(colour)])
            found = detector.detect([draw_image(name) for name in NAMES], vocabulary)
            if [len(detections) for detections in found] != [name == colour for name in NAMES]:
                wrong.append(colour)

    threads = [threading.Thread(target=look_for, args=(name,)) for name in NAMES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_taught_prompt_is_compared_with_its_vector_instead_of_its_text():
    detector = make_detector()
    vocabulary = detector.encode([make_query("red"), make_query("blue")])
    taught = replace(
        vocabulary, prompt_vectors=(RegionVector(np.float32([0, 1, 0]), bias=-2.0), None)
    )

    [of_red], [of_green] = (detector.detect([draw_image(name)], taught) for name in NAMES[:2])

    assert len(of_red) == 0
    assert of_green.labels[of_green.label_id[0]] == "red"
    assert of_green.score == pytest.approx(1 / (1 + np.exp(2.0 - 5.0)))


def test_taught_prompt_leaves_other_queries_as_they_were():
    detector = make_detector()
    vocabulary = detector.encode([make_query("red"), make_query("blue")])
    taught = replace(
        vocabulary, prompt_vectors=(RegionVector(np.float32([9, 9, 9]), bias=9.0), None)
    )

    [before] = detector.detect([draw_image("blue")], vocabulary)
    [after] = detector.detect([draw_image("blue")], pickle.loads(pickle.dumps(taught)))  # noqa: S301

    assert (after.of_label(1).xyxy == before.of_label(1).xyxy).all()
    assert (after.of_label(1).score == before.of_label(1).score).all()


def test_taught_prompt_moves_the_corners_of_its_boxes():
    detector = make_detector()
    vocabulary = detector.encode([make_query("red")])
    vector = RegionVector(np.float32([1, 0, 0]), 0.0, box_offset=(0.25, 0.5, -0.25, 0.0))

    [found] = detector.detect(
        [draw_image("red", size_hw=(8, 8))], replace(vocabulary, prompt_vectors=(vector,))
    )

    assert found.xyxy.tolist() == [[2, 4, 6, 8]]


def test_regions_come_with_the_vectors_that_texts_are_compared_by():
    detector = make_detector()

    [regions] = detector.find_regions([draw_image("red")])
    [vector] = detector.text_vectors(["red"])

    assert regions.embeds.tolist() == [[5, -5, -5]]
    assert regions.xyxy.tolist() == [[0, 0, 9, 6]]
    assert (vector.vector.tolist(), vector.bias) == ([1, 0, 0], 0.0)
