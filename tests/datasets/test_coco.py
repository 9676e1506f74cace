import json
from pathlib import Path

import pytest

from ovd.datasets.coco import load_dataset
from ovd.errors import DatasetError


def make_document(**changes) -> dict:
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}],
        "categories": [{"id": 3, "name": "car"}, {"id": 7, "name": "person"}],
        "annotations": [{"id": 5, "image_id": 1, "category_id": 3, "bbox": [10, 20, 30, 40]}],
    }
    return document | changes


def write(folder: Path, document: object) -> Path:
    (folder / "a.jpg").touch()
    path = folder / "set.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def load(folder: Path, document: object):
    return load_dataset(write(folder, document), folder)


def annotation(**changes) -> list[dict]:
    return [make_document()["annotations"][0] | changes]


def test_load_dataset_gives_corners_names_and_paths(tmp_path):
    dataset = load(tmp_path, make_document())

    (image,) = dataset.images
    assert image.path == tmp_path / "a.jpg"
    assert image.size_hw == (80, 100)
    assert image.boxes[0].xyxy == (10.0, 20.0, 40.0, 60.0)
    assert image.boxes[0].name == "car"
    assert not image.boxes[0].is_crowd
    assert dataset.names == ("car", "person")
    assert len(dataset.sha256) == 64


def test_load_dataset_takes_all_categories_as_exhaustive_where_the_file_is_silent(tmp_path):
    dataset = load(tmp_path, make_document())

    assert dataset.exhaustive == {"car", "person"}
    assert dataset.source == "set"
    assert not dataset.is_evaluation_only


def test_load_dataset_reads_what_the_source_says_of_itself(tmp_path):
    info = {
        "source": "gate",
        "exhaustive_categories": ["car"],
        "exhaustive_except_small": ["person"],
        "use": "evaluation only: no licence",
    }

    dataset = load(tmp_path, make_document(info=info))

    assert dataset.source == "gate"
    assert dataset.exhaustive == {"car"}
    assert dataset.exhaustive_except_small == {"person"}
    assert dataset.is_evaluation_only


def test_load_dataset_does_not_call_small_objects_exhaustive_by_default(tmp_path):
    dataset = load(tmp_path, make_document(info={"exhaustive_except_small": ["person"]}))

    assert dataset.exhaustive == {"car"}


def test_load_dataset_reads_crowds_attributes_and_hypernyms(tmp_path):
    document = make_document(
        annotations=annotation(iscrowd=1, attributes={"color": "red", "votes": 3}),
        categories=[{"id": 3, "name": " tow  truck", "hypernyms": ["truck"]}],
    )

    dataset = load(tmp_path, document)

    (box,) = dataset.images[0].boxes
    assert box.is_crowd
    assert box.attributes == {"color": "red"}
    assert dataset.hypernyms == {"tow truck": ("truck",)}


def test_load_dataset_keeps_images_without_boxes(tmp_path):
    assert load(tmp_path, make_document(annotations=[])).images[0].boxes == ()


def test_load_dataset_clips_a_box_that_leaves_the_image_by_a_pixel(tmp_path):
    dataset = load(tmp_path, make_document(annotations=annotation(bbox=[-0.6, 0, 101.2, 80.9])))

    assert dataset.images[0].boxes[0].xyxy == (0.0, 0.0, 100.0, 80.0)


@pytest.mark.parametrize(
    "bbox",
    [[80, 20, 30, 40], [-5, 20, 30, 40], [0, 0, 0, 5], [0, 0, 5, -1], [100.5, 2, 0.4, 4], [1, 2, 3],
     [1, 2, 3, None], [1, 2, 3, float("nan")], [1, 2, 3, float("inf")], [True, 2, 3, 4], "1 2 3 4"],
)  # fmt: skip
def test_load_dataset_refuses_a_box_by_its_annotation_id(tmp_path, bbox):
    with pytest.raises(DatasetError, match=r"set\.json: annotation 5\b"):
        load(tmp_path, make_document(annotations=annotation(bbox=bbox)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotations": annotation(category_id=4)}, "annotation 5 has the unknown category id 4"),
        ({"annotations": annotation(image_id=2)}, "annotation 5 belongs to image 2"),
        ({"annotations": annotation() * 2}, "annotation 5 appears twice"),
        ({"annotations": annotation(iscrowd="yes")}, "annotation 5: iscrowd must be 0 or 1"),
        ({"annotations": annotation(id="x")}, r"annotations\[0\]: 'id' must be int, got 'x'"),
        ({"annotations": [[1]]}, r"annotations\[0\] must be an object"),
        ({"annotations": None}, "'annotations' must be list"),
        ({"annotations": annotation(attributes=[1])}, "annotation 5: 'attributes' must be dict"),
        ({"images": []}, "holds no images"),
        ({"images": make_document()["images"] * 2}, "image 1 appears twice"),
        ({"images": [{"id": 1, "file_name": "a.jpg", "width": 0, "height": 5}]}, "got 0 x 5"),
        ({"images": [{"id": 1, "file_name": "a.jpg", "width": 9}]}, "image 1 has no 'height'"),
        ({"categories": []}, "holds no categories"),
        ({"categories": [{"id": 3, "name": " "}]}, "category 3 has an empty name"),
        ({"categories": [{"id": 3, "name": "car"}] * 2}, "category 3 appears twice"),
        (
            {"categories": [{"id": 3, "name": "car"}, {"id": 4, "name": "car"}]},
            "category 4 has the name 'car' of another",
        ),
        ({"info": {"exhaustive_categories": "car"}}, "info.exhaustive_categories must be a list"),
    ],
)
def test_load_dataset_names_the_file_and_the_wrong_record(tmp_path, changes, message):
    with pytest.raises(DatasetError, match=rf"set\.json.*{message}"):
        load(tmp_path, make_document(**changes))


@pytest.mark.parametrize("key", ["images", "categories", "annotations"])
def test_load_dataset_refuses_a_file_without_a_section(tmp_path, key):
    document = make_document()
    del document[key]

    with pytest.raises(DatasetError, match=rf"set\.json has no '{key}'"):
        load(tmp_path, document)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ('{"images": [', "no valid JSON"),
        ("[]", "got a list"),
    ],
)
def test_load_dataset_refuses_a_file_that_is_no_coco_json(tmp_path, content, message):
    with pytest.raises(DatasetError, match=rf"set\.json.*{message}"):
        load(tmp_path, content)


def test_load_dataset_refuses_binary_content(tmp_path):
    path = tmp_path / "set.json"
    path.write_bytes(b"\xff\xd8\xff\xe0")

    with pytest.raises(DatasetError, match="no valid JSON"):
        load_dataset(path, tmp_path)


def test_load_dataset_refuses_a_missing_file(tmp_path):
    with pytest.raises(DatasetError, match=r"cannot read dataset .*gone\.json"):
        load_dataset(tmp_path / "gone.json", tmp_path)


def test_load_dataset_refuses_a_missing_image(tmp_path):
    path = write(tmp_path, make_document())
    (tmp_path / "a.jpg").unlink()

    with pytest.raises(DatasetError, match=r"image 1: there is no image file .*a\.jpg"):
        load_dataset(path, tmp_path)


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/hosts", "", "."])
def test_load_dataset_refuses_file_names_outside_the_images_folder(tmp_path, name):
    images = [{"id": 1, "file_name": name, "width": 9, "height": 9}]

    with pytest.raises(DatasetError, match="must stay inside the images folder"):
        load(tmp_path, make_document(images=images, annotations=[]))
