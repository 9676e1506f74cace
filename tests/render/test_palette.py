from itertools import combinations

import numpy as np
import pytest

from ovd.render.palette import PALETTE, contrast, css_colour, query_colours, text_colour_on

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
NORMAL = np.eye(3)
PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
)
# Ottosson 2020, linear RGB to OKLab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)


def as_seen(colours, vision):
    share = np.array(colours) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ vision.T, 0, 1)
    return np.cbrt(seen @ TO_CONES.T) @ TO_LAB.T


@pytest.mark.parametrize("vision", [NORMAL, PROTANOPIA, DEUTERANOPIA])
def test_palette_colours_are_told_apart_with_normal_and_colour_blind_vision(vision):
    lab = as_seen(PALETTE, vision)

    closest = min(np.linalg.norm(one - other) for one, other in combinations(lab, 2))

    assert len(set(PALETTE)) == 20
    assert closest >= 0.05


def test_text_is_readable_on_every_colour():
    assert min(contrast(text_colour_on(colour), colour) for colour in PALETTE) >= 4.3


def test_contrast_follows_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_query_keeps_its_colour_whatever_else_is_asked_for():
    alone = query_colours(["person"])[0]

    assert query_colours(["person", "bicycle", "car"])[0] == alone
    assert query_colours(["bicycle", "car", "person"])[2] == alone
    assert query_colours(["PERSON"])[0] == alone


def test_different_queries_get_different_colours_up_to_twenty():
    assert len(set(query_colours([f"thing {i}" for i in range(20)]))) == 20


def test_more_than_twenty_queries_repeat_colours():
    colours = query_colours([f"thing {i}" for i in range(85)])

    assert len(colours) == 85
    assert set(colours) <= set(PALETTE)


def test_equal_queries_share_a_colour():
    first, second = query_colours(["person", "person"])

    assert first == second


def test_css_colour_is_hexadecimal():
    assert css_colour((255, 0, 10)) == "#ff000a"
