import json

import pytest

from ovd.datasets.captions import caption_phrases, load_captions
from ovd.errors import DatasetError


@pytest.mark.parametrize(
    ("caption", "phrases"),
    [
        ("Two young men in a red car.", ("young man", "man", "red car", "car")),
        ("A woman standing in a kitchen by a window", ("woman", "kitchen", "window")),
        ("A room with chairs, a table, and people in it.", ("room", "chair", "table", "person")),
        ("The dining room of a tall building", ("dining room", "tall building", "building")),
        ("Several buses parked beside the glasses", ("bus", "glasses")),
        ("a cat is sitting on top of it", ("cat",)),
        ("Two knives, three dishes and some cherries", ("knife", "dish", "cherry")),
        ("a man dressed", ()),
        ("the red", ()),
        ("", ()),
        ("!!! 42", ()),
    ],
)
def test_caption_phrases_finds_noun_phrases(caption, phrases):
    assert caption_phrases([caption]) == phrases


def test_caption_phrases_puts_first_what_more_people_say():
    captions = ["a dog and a ball", "a ball", "a cat near a ball and a dog"]

    assert caption_phrases(captions) == ("ball", "dog", "cat")


def test_caption_phrases_counts_a_phrase_once_per_caption():
    assert caption_phrases(["a dog and a dog and a dog", "a cat", "a cat"]) == ("cat", "dog")


def write(folder, document):
    path = folder / "captions.json"
    path.write_text(json.dumps(document))
    return path


def test_load_captions_reads_one_split(tmp_path):
    path = write(tmp_path, {"train": {"a.jpg": ["x"]}, "val": {"b.jpg": ["y", "z"]}})

    assert load_captions(path, "val") == {"b.jpg": ("y", "z")}


@pytest.mark.parametrize("document", [[], {}, {"val": []}, {"val": {"a.jpg": "text"}}])
def test_load_captions_names_a_file_it_cannot_use(tmp_path, document):
    with pytest.raises(DatasetError, match=r"captions\.json"):
        load_captions(write(tmp_path, document), "val")


def test_load_captions_refuses_a_missing_file(tmp_path):
    with pytest.raises(DatasetError, match="cannot read captions"):
        load_captions(tmp_path / "gone.json", "val")
