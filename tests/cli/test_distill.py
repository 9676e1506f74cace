import json

import numpy as np
import pytest

from ovd.video.images import save_image


@pytest.fixture
def images(tmp_path):
    """A folder of images that show nothing."""
    rng = np.random.default_rng(0)
    for number in range(20):
        noise = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        save_image(
            tmp_path / "images" / f"{number:02d}.png", np.kron(noise, np.ones((8, 8, 1), np.uint8))
        )
    return tmp_path / "images"


def distill(ovd, source, out, *options, teacher="embedded", names="zebra"):
    return ovd(
        "distill", "--teacher", teacher, "--names", names, "--from", source, "--out", out, *options
    )


def test_teacher_that_finds_nothing_leaves_the_detector_as_it_is(ovd, images, tmp_path):
    outcome = distill(ovd, images, tmp_path / "out", "--frames", "16")

    assert outcome.exit_code == 2
    assert "error[not_learned]" in outcome.stderr
    assert "'zebra': the teacher found 0 objects" in outcome.stderr
    assert "labelling ..." in outcome.stderr
    assert not (tmp_path / "out" / "weights").exists()
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (result["frames"], result["weights"]) == (16, None)
    again = distill(ovd, images, tmp_path / "out", "--frames", "16", names="dog")
    assert "holds another distillation: names was ['zebra']" in again.stderr


@pytest.mark.parametrize(
    ("asked", "options", "says"),
    [
        (("ovdense", "zebra"), (), "'ovdense' is the detector that learns"),
        (("embedded", " , "), (), "no name to learn"),
        (("embedded", "red car"), (), "is read as 'red car'"),
        (("embedded", "zebra"), ("--hours", "0"), "--hours above 0 wanted"),
        (("embedded", "forklift"), (), "the teacher cannot be asked for 'forklift'"),
        (("owlv2-base", "zebra"), (), "ovd weights pull owlv2-base"),
        (("nothing", "zebra"), (), "no detector 'nothing'"),
    ],
)
def test_what_cannot_be_distilled_is_refused(ovd, images, tmp_path, asked, options, says):
    teacher, names = asked
    outcome = distill(ovd, images, tmp_path / "out", *options, teacher=teacher, names=names)

    assert outcome.exit_code == 2
    assert says in outcome.stderr
    assert not (tmp_path / "out").exists()


def test_unknown_source_is_refused(ovd, tmp_path):
    outcome = distill(ovd, "yard", tmp_path / "out")

    assert outcome.exit_code == 3
    assert "no file, folder or camera 'yard'" in outcome.stderr
