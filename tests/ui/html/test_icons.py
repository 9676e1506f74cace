import pytest

from ovd.texts.catalogue import EXAMPLES
from ovd.texts.languages import Language
from ovd.ui.html.icons import RED, find_icon


@pytest.mark.parametrize("language", list(Language))
def test_every_example_has_a_drawing(language: Language):
    texts = [text for topic in EXAMPLES[language].topics for text in topic.queries]

    assert [text for text in texts if find_icon(text) is None] == []


def test_drawing_is_the_same_in_all_languages_and_red_where_that_is_the_point():
    assert find_icon("빨간 자동차") == find_icon("red car")
    assert find_icon("red car") != find_icon("car")
    red = find_icon("red car")
    assert red is not None
    assert red.tint == RED


def test_other_texts_have_none():
    assert find_icon("unicorn") is None
