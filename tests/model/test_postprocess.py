import numpy as np
import pytest

from ovd.domain.detections import Detections
from ovd.domain.query import Query, Vocabulary
from ovd.model.postprocess import PostprocessConfig, postprocess
from ovd.model.preprocess import Resize

LEFT = (0.0, 0.0, 0.4, 1.0)
LEFT_TOO = (0.02, 0.0, 0.42, 1.0)
RIGHT = (0.6, 0.0, 1.0, 1.0)
DEFAULT = PostprocessConfig()


def make_vocabulary(*queries: Query) -> Vocabulary:
    rows = [
        (index, prompt, excluded)
        for index, query in enumerate(queries)
        for prompts, excluded in ((query.prompts, False), (query.excluded, True))
        for prompt in prompts
    ]
    return Vocabulary(
        queries,
        tuple(prompt for _, prompt, _ in rows),
        np.array([index for index, _, _ in rows]),
        np.array([excluded for _, _, excluded in rows]),
        np.ones((len(rows), 1), np.float32),
        "test",
        "test",
    )


def make_query(text: str, *prompts: str, excluded: tuple[str, ...] = (), min_score: float = 0.5):
    return Query(text, text, prompts or (text,), excluded, min_score)


def run(scores, boxes, vocabulary, config=DEFAULT, frame_hw=(100, 100)) -> Detections:
    probability = np.array([scores], dtype=np.float64)
    with np.errstate(divide="ignore"):
        logits = (np.log(probability) - np.log1p(-probability)).astype(np.float32)
    xyxy_norm = np.array([boxes], dtype=np.float32)
    return postprocess(logits, xyxy_norm, [Resize(frame_hw)], vocabulary, config)[0]


def test_detections_are_in_frame_pixels_best_first():
    found = run([[0.6], [0.9]], [LEFT, RIGHT], make_vocabulary(make_query("a")), frame_hw=(50, 200))

    np.testing.assert_allclose(found.xyxy, [[120, 0, 200, 50], [0, 0, 80, 50]], rtol=1e-5)
    assert found.score.tolist() == pytest.approx([0.9, 0.6])
    assert found.labels == ("a",)


def test_each_query_has_its_own_threshold():
    vocabulary = make_vocabulary(make_query("a", min_score=0.3), make_query("b", min_score=0.7))

    found = run([[0.5, 0.5], [0.2, 0.8]], [LEFT, RIGHT], vocabulary)

    assert found.label_id.tolist() == [1, 0]
    assert found.score.tolist() == pytest.approx([0.8, 0.5])


def test_a_score_at_the_threshold_counts_and_one_below_does_not():
    exact = float(np.float32(0.37))
    vocabulary = make_vocabulary(make_query("a", min_score=exact))

    at = run([[exact + 1e-6]], [LEFT], vocabulary)
    below = run([[exact - 1e-5]], [LEFT], vocabulary)

    assert (len(at), len(below)) == (1, 0)


def test_score_is_that_of_the_best_prompt_and_the_object_counts_once():
    vocabulary = make_vocabulary(make_query("vehicle", "car", "bus"))

    found = run([[0.6, 0.9]], [LEFT], vocabulary)

    assert found.score.tolist() == pytest.approx([0.9])


def test_excluded_prompt_that_scores_higher_takes_the_object_away():
    vocabulary = make_vocabulary(make_query("vehicle", "car", "truck", excluded=("bus",)))

    found = run([[0.6, 0.7, 0.8], [0.6, 0.9, 0.8]], [LEFT, RIGHT], vocabulary)

    assert found.score.tolist() == pytest.approx([0.9])


def test_a_weaker_box_does_not_bring_an_excluded_object_back():
    vocabulary = make_vocabulary(make_query("vehicle", "car", excluded=("bus",)))

    found = run([[0.6, 0.9], [0.7, 0.6]], [LEFT, LEFT_TOO], vocabulary)

    assert len(found) == 0


def test_excluded_prompt_of_one_query_leaves_the_others_alone():
    vocabulary = make_vocabulary(make_query("vehicle", "bus", excluded=("car",)), make_query("car"))

    found = run([[0.6, 0.9, 0.9]], [LEFT], vocabulary)

    assert found.label_id.tolist() == [1]


def test_a_prompt_excluded_by_its_own_query_takes_nothing_away():
    found = run([[0.8, 0.8]], [LEFT], make_vocabulary(make_query("a", "a", excluded=("a",))))

    assert len(found) == 1


def test_duplicates_of_one_query_are_removed():
    found = run([[0.6], [0.9], [0.7]], [LEFT, LEFT_TOO, RIGHT], make_vocabulary(make_query("a")))

    assert found.score.tolist() == pytest.approx([0.9, 0.7])


def test_overlapping_queries_count_the_same_object_independently():
    alone = run([[0.6], [0.9]], [LEFT, LEFT_TOO], make_vocabulary(make_query("person")))
    together = run(
        [[0.6, 0.95], [0.9, 0.7]],
        [LEFT, LEFT_TOO],
        make_vocabulary(make_query("person"), make_query("pedestrian")),
    )

    of_person = together.of_label(0)
    assert of_person.xyxy.tolist() == alone.xyxy.tolist()
    assert of_person.score.tolist() == alone.score.tolist()
    assert len(together.of_label(1)) == 1


def test_threshold_zero_considers_the_best_candidates_of_each_query_only():
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 0.9, (200, 2))
    boxes = np.concatenate([corner, corner + 0.01], axis=1).astype(np.float32).tolist()
    scores = rng.uniform(0.01, 0.99, (200, 2))
    vocabulary = make_vocabulary(make_query("a", min_score=0.0), make_query("b", min_score=0.0))

    found = run(scores, boxes, vocabulary, PostprocessConfig(1.0, candidates_per_query=5))

    for label_id in (0, 1):
        best = np.sort(scores[:, label_id])[::-1][:5]
        assert found.of_label(label_id).score.tolist() == pytest.approx(best.tolist(), abs=1e-5)


def test_threshold_one_finds_nothing_without_warning():
    assert len(run([[0.99]], [LEFT], make_vocabulary(make_query("a", min_score=1.0)))) == 0


def test_boxes_outside_of_the_frame_are_clipped_or_dropped():
    found = run(
        [[0.9], [0.8]],
        [(-0.5, 0.2, 0.5, 1.5), (1.1, 0.1, 1.3, 0.4)],
        make_vocabulary(make_query("a")),
    )

    np.testing.assert_allclose(found.xyxy, [[0, 20, 50, 100]], rtol=1e-5)


def test_nothing_above_the_threshold_gives_an_empty_result_with_all_labels():
    vocabulary = make_vocabulary(make_query("a"), make_query("b"))

    found = run([[0.1, 0.2]], [LEFT], vocabulary)

    assert (len(found), found.xyxy.shape, found.labels) == (0, (0, 4), ("a", "b"))


def test_duplicates_that_agree_move_the_best_box():
    vocabulary = make_vocabulary(make_query("a"), make_query("b"))
    scores, boxes = [[0.9, 0.0], [0.6, 0.8]], [LEFT, LEFT_TOO]

    kept = run(scores, boxes, vocabulary)
    placed = run(scores, boxes, vocabulary, PostprocessConfig(vote_iou=0.75))

    np.testing.assert_array_equal(placed.score, kept.score)
    np.testing.assert_array_equal(placed.label_id, kept.label_id)
    np.testing.assert_allclose(kept.xyxy[0], [0, 0, 40, 100], rtol=1e-5)
    assert 0 < placed.xyxy[0, 0] < 1, "between 0 and 2, nearer to the surer"
    np.testing.assert_allclose(placed.xyxy[1], kept.xyxy[1])
