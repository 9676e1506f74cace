"""Geometry of relations: how sure it is that two boxes belong together, and what is too small.

Each family of objects (worn on the head, on the body, carried, umbrellas, ridden) has a logistic
model on the place and size of the other box relative to the person's and on its score. Its weights
were fitted by `ovd.training.relations`; docs/lab/relations.md says on what.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from ovd.domain.matching.assignment import assign_least_cost

FEATURES = (
    "one", "dx", "dx2", "dy", "dy2", "width", "width2", "height", "height2", "inside", "below",
    "below2", "score",
)  # fmt: skip
_LARGEST = 4.0
_SURE = 1e-3
# Beliefs between these are neither yes nor no, where the contrary can be seen too.
UNSURE = (0.35, 0.6)


@dataclass(frozen=True, eq=False)
class PairModel:
    """Logistic model of one family.

    Attributes:
        weights: `(13,)` float64, one for each of `FEATURES`.
        missed: How sure it is that a person has such an object although none was found near, from
            the share of such objects that the detector misses.
        unseen: How sure it is that a person wears it where neither it nor what shows the contrary
            was found.
    """

    weights: NDArray[np.float64]
    missed: float
    unseen: float = 0.5


@dataclass(frozen=True, eq=False)
class RelationModels:
    """The shipped models.

    Attributes:
        families: Model by family.
        family_of: Family by name of the object; "carried" for others.
    """

    families: Mapping[str, PairModel]
    family_of: Mapping[str, str]

    def family(self, names: tuple[str, ...]) -> str:
        """Return the family of objects of these names."""
        return self.family_of.get(names[0], "carried")


@lru_cache(maxsize=1)
def load_relation_models() -> RelationModels:
    """Load the models that ship with the package."""
    path = resources.files("ovd.detection") / "data" / "relations.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    families = {
        name: PairModel(
            np.array([entry["weights"][key] for key in FEATURES]), entry["missed"], entry["unseen"]
        )
        for name, entry in data["families"].items()
    }
    members = {
        member: name for name, entry in data["families"].items() for member in entry["members"]
    }
    return RelationModels(families, members)


def pair_features(
    persons: NDArray[np.float32], others: NDArray[np.float32], score: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Describe every pair of a person and another object.

    Args:
        persons: `(N, 4)` corners in pixels.
        others: `(M, 4)` corners in pixels.
        score: `(M,)` of the others, in [0, 1].

    Returns:
        `(N, M, 13)` in the order of `FEATURES`; lengths in widths and heights of the person.
    """
    p, o = persons[:, None].astype(np.float64), others[None].astype(np.float64)
    width = np.maximum(p[..., 2] - p[..., 0], 1.0)
    height = np.maximum(p[..., 3] - p[..., 1], 1.0)
    other_width = np.maximum(o[..., 2] - o[..., 0], 1.0)
    other_height = np.maximum(o[..., 3] - o[..., 1], 1.0)
    dx = np.abs((o[..., 0] + o[..., 2]) - (p[..., 0] + p[..., 2])) / 2 / width
    dy = ((o[..., 1] + o[..., 3]) / 2 - p[..., 1]) / height - 0.5
    inter = np.clip(
        np.minimum(p[..., 2:], o[..., 2:]) - np.maximum(p[..., :2], o[..., :2]), 0, None
    )
    inside = inter.prod(axis=-1) / (other_width * other_height)
    below = (o[..., 3] - p[..., 3]) / height
    log_width, log_height = np.log(other_width / width), np.log(other_height / height)
    s = np.clip(score.astype(np.float64), _SURE, 1 - _SURE)
    logit = np.broadcast_to(np.log(s / (1 - s)), dx.shape)
    dx, dy, below = (np.clip(item, -_LARGEST, _LARGEST) for item in (dx, dy, below))
    one = np.ones_like(dx)
    return np.stack(
        [one, dx, dx**2, dy, dy**2, log_width, log_width**2, log_height, log_height**2, inside,
         below, below**2, logit], axis=-1,
    )  # fmt: skip


def weigh_contrary(
    model: PairModel, has: NDArray[np.float64], lacks: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how sure it is that persons wear something, after a look at what shows the contrary.

    Args:
        model: Of the family.
        has: `(N,)` belief that it is there.
        lacks: `(N,)` belief that what shows the contrary, such as a bare head, is there.
    """
    prior = model.unseen / (1 - model.unseen)
    odds = prior * (has / (1 - has)) / (lacks / (1 - lacks))
    belief: NDArray[np.float64] = odds / (1 + odds)
    return belief


def pair_belief(
    model: PairModel,
    persons: NDArray[np.float32],
    others: NDArray[np.float32],
    score: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Return how sure it is that each person and each other object belong together, `(N, M)`."""
    logits = pair_features(persons, others, score) @ model.weights
    belief: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return belief


def assigned_belief(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the belief of each row in the column that it gets, one to one.

    Args:
        pairs: `(N, M)` beliefs.
    """
    clipped = np.clip(pairs, 1e-6, 1 - 1e-6)
    rows, columns = assign_least_cost(-np.log(clipped / (1 - clipped)))
    best = np.zeros(len(pairs))
    best[rows] = pairs[rows, columns]
    return best
