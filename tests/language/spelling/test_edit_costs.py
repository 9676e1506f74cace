import pytest

from ovd.language.spelling.edit_costs import slip_cost


def test_equal_words_cost_nothing():
    assert slip_cost("person", "person") == 0.0


@pytest.mark.parametrize(
    ("likelier", "less_likely"),
    [
        ("oerson", "xerson"),
        ("pesron", "pexron"),
        ("perrson", "perkson"),
        ("persin", "persxn"),
        ("persn", "prsn"),
        ("persob", "oerson"),
    ],
)
def test_likely_slips_cost_less(likelier, less_likely):
    assert 0.0 < slip_cost(likelier, "person") < slip_cost(less_likely, "person")


def test_a_swap_is_one_slip():
    assert slip_cost("ab", "ba") < 2 * slip_cost("a", "ab")


@pytest.mark.parametrize(("typed", "meant"), [("", ""), ("", "a"), ("a", ""), ("가", "나")])
def test_any_text_has_a_cost(typed, meant):
    assert (slip_cost(typed, meant) == 0.0) == (typed == meant)
