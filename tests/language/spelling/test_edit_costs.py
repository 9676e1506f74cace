import pytest

from ovd.language.spelling.edit_costs import edit_cost


def test_equal_words_cost_nothing():
    assert edit_cost("person", "person") == 0.0


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
def test_likely_typos_cost_less(likelier, less_likely):
    assert 0.0 < edit_cost(likelier, "person") < edit_cost(less_likely, "person")


def test_a_transposition_is_one_edit():
    assert edit_cost("ab", "ba") < 2 * edit_cost("a", "ab")


@pytest.mark.parametrize(("typed", "meant"), [("", ""), ("", "a"), ("a", ""), ("가", "나")])
def test_any_text_has_a_cost(typed, meant):
    assert (edit_cost(typed, meant) == 0.0) == (typed == meant)
