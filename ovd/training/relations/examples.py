"""Pairs of found objects for the models of relations, from images with labelled boxes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ovd.datasets.coco import CocoImage
from ovd.detection.relation_geometry import too_small_to_judge
from ovd.detection.relation_model import (
    FEATURES,
    UNSURE,
    PairModel,
    assigned_belief,
    pair_belief,
    pair_features,
    weigh_contrary,
)
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.training.relations.ownership import CONTRARY, FAMILIES, PERSON, boxes_of, owners

_SAME_IOU = 0.4
_NEAR = 1.5
_SURE_PERSON = 0.35


@dataclass
class FamilyPairs:
    """The pairs of one family.

    Attributes:
        features: `(K, 13)` of the pairs of each image.
        belongs: `(K,)` whether each belongs together.
        persons: Persons that were found and labelled.
        owners: Those of them that have such an object.
        owners_missed: Those of the latter near whom none was found.
        nothing_near: All persons near whom none was found.
    """

    features: list[NDArray[np.float64]] = field(default_factory=list)
    belongs: list[NDArray[np.bool_]] = field(default_factory=list)
    persons: int = 0
    owners: int = 0
    owners_missed: int = 0
    nothing_near: int = 0


def collect_pairs(
    found: Iterable[tuple[CocoImage, Detections]], families: Sequence[str] = tuple(FAMILIES)
) -> dict[str, FamilyPairs]:
    """Return the pairs of found persons and found objects, by family.

    A pair belongs together when both were labelled and the labels do; a person or object that is
    not labelled makes a pair that does not. Pairs with an object that several labelled persons may
    own are left out.

    Args:
        found: Images, and what a detector found in them under the names of `FAMILIES` and
            "person".
        families: Which to collect.
    """
    pairs = {family: FamilyPairs() for family in families}
    for image, detections in found:
        for family in families:
            _collect_image(image, detections, family, pairs[family])
    return pairs


def _collect_image(
    image: CocoImage, detections: Detections, family: str, pairs: FamilyPairs
) -> None:
    persons = _of_names(detections, (PERSON,))
    true_persons = boxes_of(image, (PERSON,))
    person_of = _matched(persons.xyxy, true_persons)
    for name in FAMILIES[family]:
        objects = _of_names(detections, (name,))
        true_objects = boxes_of(image, (name,))
        owner = owners(family, true_persons, true_objects)
        object_of = _matched(objects.xyxy, true_objects)
        features = pair_features(persons.xyxy, objects.xyxy, objects.score)
        near = _is_near(features)
        belongs = np.zeros(near.shape, dtype=np.bool_)
        for column, true_object in enumerate(object_of):
            if true_object >= 0:
                whose = owner[true_object]
                belongs[:, column] = (person_of == whose) & (whose >= 0)
                near[:, column] &= whose != -2
        pairs.features.append(features[near])
        pairs.belongs.append(belongs[near])
        labelled = person_of >= 0
        owns = np.isin(person_of, owner[owner >= 0]) & labelled
        alone = ~near.any(axis=1) & labelled
        pairs.persons += int(labelled.sum())
        pairs.owners += int(owns.sum())
        pairs.owners_missed += int((owns & alone).sum())
        pairs.nothing_near += int(alone.sum())


def collect_labelled_pairs(
    images: Iterable[CocoImage], families: Sequence[str] = tuple(FAMILIES)
) -> dict[str, FamilyPairs]:
    """Return the pairs of labelled persons and labelled objects, by family.

    There are many more of them than of found ones; they have no scores, all of which are 0.5.
    """
    pairs = {family: FamilyPairs() for family in families}
    for image in images:
        persons = boxes_of(image, (PERSON,))
        for family in families:
            for name in FAMILIES[family]:
                objects = boxes_of(image, (name,))
                if not len(persons) or not len(objects):
                    continue
                owner = owners(family, persons, objects)
                score = np.full(len(objects), 0.5, dtype=np.float32)
                features = pair_features(persons, objects, score)
                near = _is_near(features) & (owner != -2)
                belongs = np.arange(len(persons))[:, None] == owner
                pairs[family].features.append(features[near])
                pairs[family].belongs.append(belongs[near])
    return pairs


def count_unseen(
    found: Iterable[tuple[CocoImage, Detections]], family: str, model: PairModel
) -> tuple[int, int]:
    """Return how many persons wear something, and do not, of whom neither was found.

    Args:
        found: Images, and what a detector found in them.
        family: One of `CONTRARY`.
        model: Of the family; its `unseen` should be 0.5.
    """
    worn, bare = 0, 0
    for image, detections in found:
        persons = _of_names(detections, (PERSON,))
        persons = persons.where(persons.score >= _SURE_PERSON)
        if not len(persons):
            continue
        truth, beliefs = [], []
        true_persons = boxes_of(image, (PERSON,))
        for name in CONTRARY[family]:
            owner = owners(family, true_persons, boxes_of(image, (name,)))
            person_of = _matched(persons.xyxy, true_persons)
            truth.append(np.isin(person_of, owner[owner >= 0]))
            objects = _of_names(detections, (name,))
            belief = np.full(len(persons), model.missed)
            if len(objects):
                pairs = pair_belief(model, persons.xyxy, objects.xyxy, objects.score)
                belief = np.maximum(assigned_belief(pairs), model.missed)
            beliefs.append(belief)
        weighed = weigh_contrary(model, *beliefs)
        open_question = (weighed > UNSURE[0]) & (weighed < 1 - UNSURE[0])
        open_question &= ~too_small_to_judge(persons.xyxy, image.size_hw, family == "head")
        worn += int((truth[0] & open_question).sum())
        bare += int((truth[1] & open_question & ~truth[0]).sum())
    return worn, bare


def _of_names(detections: Detections, names: Sequence[str]) -> Detections:
    wanted = [index for index, label in enumerate(detections.labels) if label in names]
    return detections.where(np.isin(detections.label_id, wanted))


def _matched(found: NDArray[np.float32], true: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the labelled box of each found one; -1 for none."""
    if not len(true) or not len(found):
        return np.full(len(found), -1, dtype=np.int64)
    iou = pairwise_iou(found, true)
    best = iou.argmax(axis=1)
    return np.where(iou.max(axis=1) >= _SAME_IOU, best, -1)


def _is_near(features: NDArray[np.float64]) -> NDArray[np.bool_]:
    dx, dy = features[..., FEATURES.index("dx")], features[..., FEATURES.index("dy")]
    near: NDArray[np.bool_] = (dx <= _NEAR) & (np.abs(dy) <= _NEAR)
    return near
