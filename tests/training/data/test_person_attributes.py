from ovd.training.data.person_attributes import with_contained_attributes
from tests.training.datasets import BOOK, make_boxes

PERSON = ("person", (10.0, 10.0, 40.0, 90.0))


def heads(*rows):
    boxes = with_contained_attributes(make_boxes(*rows), BOOK.containment_rules)
    return [
        table.get("head")
        for name, table in zip(boxes.names, boxes.attributes, strict=True)
        if name == "person"
    ]


def test_person_that_contains_a_helmet_box_wears_a_helmet():
    assert heads(PERSON, ("safety helmet", (20, 10, 30, 20))) == ["helmet"]


def test_person_that_contains_a_bare_head_box_is_bareheaded():
    assert heads(PERSON, ("bare head", (20, 9, 30, 20))) == ["bare"]


def test_person_with_heads_of_both_kinds_or_none_stays_unknown():
    both = (("bare head", (20, 10, 30, 20)), ("safety helmet", (12, 10, 18, 16)))

    assert heads(PERSON, *both) == [None]
    assert heads(PERSON) == [None]


def test_helmet_mostly_outside_gives_no_value():
    assert heads(PERSON, ("safety helmet", (36, 10, 46, 20))) == [None]


def test_helmet_is_given_to_the_smallest_person_around_it():
    child = ("person", (15.0, 5.0, 35.0, 40.0))

    assert heads(PERSON, child, ("safety helmet", (20, 12, 30, 20))) == [None, "helmet"]


def test_other_attributes_are_kept():
    boxes = make_boxes(PERSON, attributes=[{"upper_color": "red"}])

    assert with_contained_attributes(boxes, BOOK.containment_rules).attributes == (
        {"upper_color": "red"},
    )
