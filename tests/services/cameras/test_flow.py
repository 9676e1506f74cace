import numpy as np
import pytest

from ovd.services.cameras.flow import propose_lines


def walk(start: tuple[float, float], end: tuple[float, float], steps: int = 11) -> np.ndarray:
    return np.linspace(start, end, steps)


DOWN = [walk((x, 0.1), (x, 0.9)) for x in (0.3, 0.4, 0.5, 0.6)]
RIGHT = [walk((0.1, y), (0.9, y)) for y in (0.4, 0.5, 0.6)]


def side_of(line, point: tuple[float, float]) -> float:
    """Return the signed distance from a line, positive on its right side, which is in."""
    (ax, ay), (bx, by) = line.points_norm
    return (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)


def test_line_lies_across_the_flow_and_most_go_in():
    (line,) = propose_lines([*DOWN, walk((0.45, 0.9), (0.45, 0.1))])

    assert side_of(line, (0.5, 0.9)) > 0 > side_of(line, (0.5, 0.1))
    xs = sorted(x for x, _ in line.points_norm)
    assert xs == pytest.approx([0.26, 0.64], abs=0.01)
    assert [y for _, y in line.points_norm] == pytest.approx([0.5, 0.5], abs=0.02)


def test_flow_the_other_way_turns_the_line():
    (line,) = propose_lines([path[::-1] for path in DOWN])

    assert side_of(line, (0.5, 0.1)) > 0 > side_of(line, (0.5, 0.9))


def test_second_direction_gets_a_line_of_its_own():
    lines = propose_lines([*DOWN, *RIGHT])

    assert [line.name for line in lines] == ["flow 1", "flow 2"]
    assert side_of(lines[1], (0.9, 0.5)) > 0 > side_of(lines[1], (0.1, 0.5))


def test_few_tracks_and_those_that_stand_propose_nothing():
    standing = [walk((0.5, 0.5), (0.52, 0.5)) for _ in range(9)]

    assert propose_lines(DOWN[:2]) == ()
    assert propose_lines([*DOWN[:2], *standing]) == ()
    assert propose_lines([]) == ()


def test_line_stays_in_the_image():
    (line,) = propose_lines([walk((x, 0.1), (x, 0.9)) for x in (0.0, 0.5, 1.0)])

    assert all(0.0 <= value <= 1.0 for point in line.points_norm for value in point)
