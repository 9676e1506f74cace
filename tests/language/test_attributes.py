import pytest

from ovd.domain.query import AttributeKind
from ovd.language.attributes import Attributes
from ovd.language.grammar import load_grammar

COLOUR, SIZE, WORN = AttributeKind.COLOUR, AttributeKind.SIZE, AttributeKind.WORN
CLOTHES = AttributeKind.CLOTHES_COLOUR
CARRIED, ACTION, PLACE = AttributeKind.CARRIED, AttributeKind.ACTION, AttributeKind.PLACE


@pytest.mark.parametrize(
    ("premodifiers", "postmodifiers", "kinds"),
    [
        ("", "", set()),
        ("big red", "", {SIZE, COLOUR}),
        ("running", "", {ACTION}),
        ("helmetless", "", {WORN}),
        ("", "wearing a blue hat", {WORN}),
        ("", "without helmet", {WORN}),
        ("", "in red", {CLOTHES}),
        ("", "wearing blue pants", {CLOTHES}),
        ("", "in a red shirt with blue jeans", {CLOTHES}),
        ("", "with red helmet", {WORN}),
        ("", "without red shirt", {WORN}),
        ("black white", "", {COLOUR, None}),
        ("dark blue", "", {COLOUR, None}),
        ("", "in the street", {PLACE}),
        ("", "with backpack", {CARRIED}),
        ("", "holding an umbrella on the street", {CARRIED, PLACE}),
        ("red", "parked on the street", {COLOUR, ACTION, PLACE}),
        ("2", "", {None}),
        ("toy", "", {None}),
        ("", "of the king", {None}),
        ("", "with", {None}),
    ],
)
def test_required_kinds_of_modifiers(premodifiers, postmodifiers, kinds):
    attributes = Attributes(tuple(premodifiers.split()), tuple(postmodifiers.split()))

    assert attributes.required_kinds(load_grammar()) == kinds


def test_apply_to_puts_the_name_between_the_modifiers():
    attributes = Attributes(("young", "helmetless"), ("with", "bag"))

    assert attributes.apply_to("man", load_grammar()) == "young man without helmet with bag"
    assert attributes.phrases == (("young", "helmetless"), ("with", "bag"))
