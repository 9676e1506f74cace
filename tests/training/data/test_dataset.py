import json

import numpy as np
import pytest

from ovd.errors import DatasetError
from ovd.training.data.dataset import DataConfig, load_training_data
from ovd.training.teacher.pseudo_labels import PseudoLabels
from tests.training.datasets import BOOK, make_boxes, write_dataset

CAR = ("car", [10, 10, 20, 20])
PERSON = ("person", [40, 10, 20, 40])


def test_example_has_labels_and_the_exhaustive_names_of_its_source(tmp_path):
    files = write_dataset(
        tmp_path,
        "gate",
        {"a.jpg": [CAR]},
        exhaustive_categories=["car"],
        exhaustive_except_small=["person"],
    )

    example = load_training_data([files], BOOK).example(0)

    assert example.size_hw == (60, 80)
    assert example.boxes.names == ("car",)
    np.testing.assert_allclose(example.boxes.xyxy, [[10, 10, 30, 30]])
    assert example.boxes.soft_score.tolist() == [1.0]
    assert example.source == "gate"
    assert example.file_name == "gate/a.jpg"
    assert example.exhaustive == {"car"}
    assert example.exhaustive_except_small == {"person"}


def test_crowds_are_ignored_and_contained_boxes_become_attributes(tmp_path):
    rows = [PERSON, ("safety helmet", [45, 10, 8, 8])]
    path, images = write_dataset(tmp_path, "gate", {"a.jpg": rows})
    document = json.loads(path.read_text())
    document["annotations"][0]["iscrowd"] = 1
    path.write_text(json.dumps(document))

    boxes = load_training_data([(path, images)], BOOK).example(0).boxes

    assert boxes.ignore.tolist() == [True, False]
    assert boxes.attributes[0] == {"head": "helmet"}


def test_large_images_are_shrunk_with_their_boxes(tmp_path):
    files = write_dataset(tmp_path, "gate", {"a.jpg": [CAR]})

    example = load_training_data([files], BOOK, DataConfig(max_side_px=40)).example(0)

    assert example.size_hw == (30, 40)
    np.testing.assert_allclose(example.boxes.xyxy, [[5, 5, 15, 15]])


def test_images_beyond_the_memory_limit_are_decoded_at_use(tmp_path):
    files = write_dataset(tmp_path, "gate", {"a.jpg": [], "b.jpg": []})

    cached = load_training_data([files], BOOK)
    uncached = load_training_data([files], BOOK, DataConfig(cache_mib=0))

    for index in range(2):
        np.testing.assert_array_equal(cached.example(index).image, uncached.example(index).image)
    assert not cached.example(0).image.flags.writeable


def test_evaluation_only_sources_are_refused(tmp_path):
    files = write_dataset(tmp_path, "gate", {"a.jpg": []}, use="evaluation only: no licence")

    with pytest.raises(DatasetError, match=r"gate\.json \(gate\).*evaluation only"):
        load_training_data([files], BOOK)


def test_no_source_is_refused():
    with pytest.raises(DatasetError, match="no training source"):
        load_training_data([], BOOK)


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_unreadable_image_is_named(tmp_path, content):
    files = write_dataset(tmp_path, "gate", {"a.jpg": []})
    (tmp_path / "gate" / "a.jpg").write_bytes(content)

    with pytest.raises(DatasetError, match=r"training set .*a\.jpg"):
        load_training_data([files], BOOK)


def test_image_of_another_size_than_stated_is_named(tmp_path):
    path, images = write_dataset(tmp_path, "gate", {"a.jpg": []})
    document = json.loads(path.read_text())
    document["images"][0]["width"] = 81
    path.write_text(json.dumps(document))

    with pytest.raises(DatasetError, match=r"a\.jpg is 80 x 60, but the dataset says 81 x 60"):
        load_training_data([(path, images)], BOOK)


def test_pseudo_labels_are_added_for_unlabelled_names(tmp_path):
    files = write_dataset(tmp_path, "gate", {"a.jpg": [CAR]}, exhaustive_categories=["car"])
    seen = make_boxes(
        ("person", (40.0, 10.0, 60.0, 50.0)), ("car", (50.0, 0.0, 70.0, 9.0)), soft_score=[0.6, 0.9]
    )
    pseudo = {"gate/a.jpg": PseudoLabels(seen, frozenset({"dog", "car"}))}

    example = load_training_data([files], BOOK, pseudo=pseudo).example(0)

    assert example.boxes.names == ("car", "person")
    assert example.absent_soft == {"dog"}


def test_held_out_names_are_removed_from_labels_absences_and_pseudo_labels(tmp_path):
    files = write_dataset(
        tmp_path, "gate", {"a.jpg": [CAR, PERSON]}, exhaustive_categories=["car", "person"]
    )
    pseudo = {"gate/a.jpg": PseudoLabels(make_boxes(("car", (50.0, 0.0, 70.0, 9.0))))}
    config = DataConfig(hold_out=frozenset({"car"}))

    data = load_training_data([files], BOOK, config, pseudo)

    assert data.example(0).boxes.names == ("person",)
    assert data.example(0).exhaustive == {"person"}
    assert data.names == ("person",)


def test_small_sources_are_drawn_more_often_but_not_beyond_the_limit(tmp_path):
    large = write_dataset(tmp_path, "large", {f"{i}.jpg": [] for i in range(9)})
    small = write_dataset(tmp_path, "small", {"0.jpg": []})

    def weights(**changes):
        return load_training_data([large, small], BOOK, DataConfig(rare_share=0, **changes)).weights

    np.testing.assert_allclose(weights(temperature=1.0), 1.0)
    assert weights(temperature=0.5)[9] == pytest.approx(3 * weights(temperature=0.5)[0])
    assert weights(temperature=0.0, max_repeat=2.0)[9] == pytest.approx(2.0)


def test_source_weights_scale_and_exclude_sources(tmp_path):
    a = write_dataset(tmp_path, "a", {"0.jpg": []})
    b = write_dataset(tmp_path, "b", {"0.jpg": []})

    data = load_training_data([a, b], BOOK, DataConfig(source_weights={"b": 0.0}))

    assert data.weights[1] == 0
    assert data.partners(0).tolist() == [0]


def test_source_weights_of_unknown_sources_are_refused(tmp_path):
    files = write_dataset(tmp_path, "gate", {"a.jpg": []})

    with pytest.raises(DatasetError, match="source_weights names attic; the sources are gate"):
        load_training_data([files], BOOK, DataConfig(source_weights={"attic": 2.0}))


def test_images_of_rare_names_are_drawn_more_often(tmp_path):
    images = {f"{i}.jpg": [PERSON] for i in range(9)} | {"9.jpg": [CAR]}
    files = write_dataset(tmp_path, "gate", images)

    weights = load_training_data([files], BOOK, DataConfig(rare_share=0.4)).weights

    assert weights[9] == pytest.approx(2 * weights[0])


def test_partners_have_the_same_exhaustive_names(tmp_path):
    files = [
        write_dataset(tmp_path, "a", {"0.jpg": []}, exhaustive_categories=["person"]),
        write_dataset(tmp_path, "b", {"0.jpg": []}, exhaustive_categories=[]),
        write_dataset(tmp_path, "c", {"0.jpg": []}, exhaustive_categories=["person"]),
    ]

    data = load_training_data(files, BOOK)

    assert data.partners(0).tolist() == [0, 2]
    assert data.partners(1).tolist() == [1]
    assert [source.name for source in data.sources] == ["a", "b", "c"]
