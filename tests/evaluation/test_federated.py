from ovd.evaluation.coco_metrics import Role
from ovd.evaluation.federated import Target, federated_images, is_exhaustive, targets_of
from tests.training.evaluation_builders import (
    Box,
    make_box,
    make_dataset,
    make_found,
    make_run,
)

HERE: Box = (0, 0, 40, 40)
THERE: Box = (100, 0, 150, 50)
TINY: Box = (200, 200, 212, 212)


def test_federated_images_leave_out_detections_of_names_not_labelled_there():
    dataset = make_dataset([make_box("car", HERE)], exhaustive=["car"])
    run = make_run(dataset, make_found(("person", THERE), ("car", HERE)))

    (image,) = federated_images(run, targets_of(["person", "car"]))

    assert [image.detections.labels[i] for i in image.detections.label_id] == ["car"]


def test_federated_images_count_a_name_where_it_is_exhaustive_even_without_a_box():
    dataset = make_dataset([], exhaustive=["person"])
    run = make_run(dataset, make_found(("person", THERE)))

    (image,) = federated_images(run, targets_of(["person"]))

    assert len(image.detections) == 1


def test_federated_images_count_a_name_on_the_images_that_have_a_box_of_it():
    dataset = make_dataset([make_box("person", HERE)], [], exhaustive=[])
    run = make_run(dataset, make_found(("person", THERE)), make_found(("person", THERE)))

    boxed, unboxed = federated_images(run, targets_of(["person"]))

    assert len(boxed.detections) == 1
    assert len(unboxed.detections) == 0


def test_federated_images_ignore_boxes_of_narrower_kinds():
    dataset = make_dataset(
        [make_box("suv", HERE), make_box("car", THERE), make_box("person", TINY)],
        names=("suv", "car", "person"),
        hypernyms={"suv": ("car", "vehicle")},
    )
    run = make_run(dataset, make_found(("car", HERE)))

    (image,) = federated_images(run, targets_of(["car"]))

    assert {box.xyxy: box.role for box in image.truth} == {HERE: Role.IGNORED, THERE: Role.OBJECT}


def test_federated_images_keep_crowds_crowds():
    dataset = make_dataset([make_box("person", HERE, is_crowd=True)])

    (image,) = federated_images(make_run(dataset, make_found()), targets_of(["person"]))

    assert image.truth[0].role is Role.CROWD


def test_federated_images_ignore_what_is_small_where_small_objects_are_not_labelled():
    dataset = make_dataset(
        [make_box("car", TINY), make_box("car", HERE)], exhaustive=[], except_small=["car"]
    )
    elsewhere: Box = (50, 200, 62, 212)
    run = make_run(dataset, make_found(("car", elsewhere), ("car", THERE), ("car", HERE)))

    (image,) = federated_images(run, targets_of(["car"]))

    assert {box.xyxy: box.role for box in image.truth} == {TINY: Role.IGNORED, HERE: Role.OBJECT}
    assert image.detections.xyxy.tolist() == [list(THERE), list(HERE)]


def test_federated_images_ignore_small_detections_where_there_is_no_object_at_all():
    dataset = make_dataset([], exhaustive=[], except_small=["car"])

    (image,) = federated_images(make_run(dataset, make_found(("car", TINY))), targets_of(["car"]))

    assert len(image.detections) == 0


def test_federated_images_keep_a_small_detection_that_meets_an_object():
    almost_small: Box = (200, 200, 217, 217)
    dataset = make_dataset([make_box("car", almost_small)], exhaustive=[], except_small=["car"])
    run = make_run(dataset, make_found(("car", (200.0, 200.0, 215.0, 215.0))))

    (image,) = federated_images(run, targets_of(["car"]))

    assert len(image.detections) == 1


def test_federated_images_count_small_objects_where_they_are_labelled():
    dataset = make_dataset([make_box("car", TINY)])
    run = make_run(dataset, make_found(("car", (50.0, 200.0, 62.0, 212.0))))

    (image,) = federated_images(run, targets_of(["car"]))

    assert image.truth[0].role is Role.OBJECT
    assert len(image.detections) == 1


def test_federated_images_give_a_wider_word_the_boxes_of_all_its_names():
    dataset = make_dataset(
        [make_box("car", HERE), make_box("bus", THERE), make_box("train", TINY)],
        names=("car", "bus", "train"),
        hypernyms={"car": ("vehicle",), "bus": ("vehicle",), "train": ("vehicle",)},
    )
    target = Target("vehicle", frozenset({"car", "bus"}))

    (image,) = federated_images(make_run(dataset, make_found()), [target])

    assert {(box.label, box.role) for box in image.truth} == {
        ("vehicle", Role.OBJECT),
        ("vehicle", Role.IGNORED),
    }
    assert [box.xyxy for box in image.truth if box.role is Role.IGNORED] == [TINY]


def test_is_exhaustive_asks_for_every_name():
    dataset = make_dataset([], exhaustive=["car"], except_small=["bus"])

    assert is_exhaustive(dataset, ["car", "bus"])
    assert not is_exhaustive(dataset, ["car", "person"])
