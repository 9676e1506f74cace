"""RelationDetector: finds objects with another detector, and judges what they are seen with."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ovd.detection.groups import apply_groups
from ovd.detection.relation_geometry import fixed_belief, is_attended, too_small_to_judge
from ovd.detection.relation_model import (
    UNSURE,
    PairModel,
    assigned_belief,
    load_relation_models,
    pair_belief,
    weigh_contrary,
)
from ovd.detection.turned_views import find_lying
from ovd.domain.detections import Candidates, Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, DetectorInfo
from ovd.domain.query import (
    ConditionSearch,
    JudgedConditions,
    Query,
    RelationKind,
    RequiredRelation,
    StateKind,
    Vocabulary,
)
from ovd.errors import VocabularyMismatchError

JUDGED = JudgedConditions(frozenset(RelationKind), frozenset(StateKind), groups=True)
MATCHES_FROM = 0.5
# The other object is searched with less confidence than it would need to count by itself: its
# place is evidence too, and its score is one of the model's inputs.
OBJECT_MIN_SCORE = 0.12
_FIXED = frozenset({RelationKind.IN, RelationKind.ON, RelationKind.NEXT_TO})
_SHARED = frozenset({RelationKind.RIDES, RelationKind.RIDDEN_BY})
_WORN = {"head": True, "body": False}
_PERSON = "person"

Belief = NDArray[np.float64]


class RelationDetector:
    """Implements `ovd.domain.ports.Detector` around one that finds objects by name and colour.

    A query with conditions becomes searches for its subject and for the other objects; what
    belongs together is judged by geometry. Vocabularies without conditions are passed on, at no
    cost. States are decided where objects are tracked: here their subjects become candidates.
    """

    def __init__(self, detector: Detector) -> None:
        """Wrap a detector."""
        self._detector = detector
        self._models = load_relation_models()

    @property
    def inner(self) -> Detector:
        """Return the detector that finds objects by name and colour."""
        return self._detector

    def around(self, wrap: Callable[[Detector], Detector]) -> "RelationDetector":
        """Return the same judging of what a wrapper of the inner detector finds."""
        return RelationDetector(wrap(self._detector))

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the inner detector, with which conditions can be judged."""
        return replace(self._detector.info, judged_conditions=JUDGED)

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries, and of what they must be seen with.

        Raises:
            QueryError: As the inner detector does.
        """
        if not any(query.has_conditions for query in queries):
            return self._detector.encode(queries)
        plans, searched = _plan(queries)
        search = self._detector.encode(searched)
        return _with_plans(tuple(queries), search, plans)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB images; one result per image, in order.

        Raises:
            VocabularyMismatchError: If `vocabulary` has conditions and does not say what to search
                for them, because another detector made it.
            OvdError: As the inner detector does.
        """
        if vocabulary.search is None:
            _refuse_conditions(vocabulary)
            return self._detector.detect(images, vocabulary)
        found = self._detector.detect(images, vocabulary.search)
        lying = _lying_subjects(vocabulary)
        if lying:
            found = find_lying(self._detector, images, vocabulary.search, lying, found)
        return [
            self._assemble((image.shape[0], image.shape[1]), detections, vocabulary)
            for image, detections in zip(images, found, strict=True)
        ]

    def _assemble(
        self, size_hw: tuple[int, int], found: Detections, vocabulary: Vocabulary
    ) -> Detections:
        parts, considered = [], []
        for label_id, (query, plan) in enumerate(
            zip(vocabulary.queries, vocabulary.plans, strict=True)
        ):
            subjects = found.of_label(plan.subject)
            label_ids = np.full(len(subjects), label_id, dtype=np.int64)
            belief = self._judge(size_hw, found, query, plan)
            matches = belief >= MATCHES_FROM
            if query.state is not None:
                matches = np.zeros_like(matches)
            if query.judged_over_time:
                considered.append(
                    Candidates(subjects.xyxy, subjects.score, label_ids, belief.astype(np.float32))
                )
            parts.append((subjects.xyxy[matches], subjects.score[matches], label_ids[matches]))
        xyxy, score, ids = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        order = np.argsort(-score, kind="stable")
        joined = Detections(
            xyxy[order], score[order], ids[order], vocabulary.labels, _join(considered)
        )
        return apply_groups(joined, vocabulary.queries)

    def _judge(
        self, size_hw: tuple[int, int], found: Detections, query: Query, plan: ConditionSearch
    ) -> Belief:
        """Return how sure it is that each subject meets what one image shows; NaN is unknown."""
        subjects = found.of_label(plan.subject)
        belief = np.ones(len(subjects))
        if not len(subjects):
            return belief
        if plan.bystanders >= 0:
            persons = found.of_label(plan.bystanders).xyxy
            belief = np.where(is_attended(subjects.xyxy, persons), 0.0, belief)
        for relation, objects, opposite in zip(
            query.relations, plan.objects, plan.opposites, strict=True
        ):
            has = self._has(relation, subjects, found.of_label(objects))
            if opposite >= 0:
                has = self._weigh_opposite(relation, subjects, found.of_label(opposite), has)
            met = 1.0 - has if relation.negated else has
            unsure = self._unsure(relation, subjects, size_hw, has)
            if opposite >= 0:
                unsure |= (has > UNSURE[0]) & (has < UNSURE[1])
            # What is surely not met needs no other condition to be known.
            belief = np.where(unsure & (belief >= MATCHES_FROM), np.nan, np.fmin(belief, met))
        return belief

    def _has(self, relation: RequiredRelation, subjects: Detections, others: Detections) -> Belief:
        if relation.kind in _FIXED:
            if not len(others):
                return np.full(len(subjects), 0.02)
            pairs = fixed_belief(relation.kind, subjects.xyxy, others.xyxy)
            pairs[_same_box(subjects.xyxy, others.xyxy)] = 0.0
            return np.asarray(pairs.max(axis=1))
        model = self._model(relation)
        if not len(others):
            return np.full(len(subjects), model.missed)
        if relation.kind is RelationKind.RIDDEN_BY:
            pairs = pair_belief(model, others.xyxy, subjects.xyxy, subjects.score).T
        else:
            pairs = pair_belief(model, subjects.xyxy, others.xyxy, others.score)
        best = pairs.max(axis=1) if relation.kind in _SHARED else assigned_belief(pairs)
        return np.maximum(best, model.missed)

    def _weigh_opposite(
        self, relation: RequiredRelation, subjects: Detections, found: Detections, has: Belief
    ) -> Belief:
        """Return the belief after what shows the contrary, such as a bare head, was found."""
        model = self._model(relation)
        lacks = np.full(len(subjects), model.missed)
        if len(found):
            pairs = pair_belief(model, subjects.xyxy, found.xyxy, found.score)
            lacks = np.maximum(assigned_belief(pairs), model.missed)
        return weigh_contrary(model, has, lacks)

    def _unsure(
        self,
        relation: RequiredRelation,
        subjects: Detections,
        size_hw: tuple[int, int],
        has: Belief,
    ) -> NDArray[np.bool_]:
        """Return of which subjects nothing can be said; what is clearly seen can be."""
        family = self._models.family(_plain_names(relation))
        if relation.kind is not RelationKind.WEARS or family not in _WORN:
            return np.zeros(len(subjects), dtype=np.bool_)
        small = too_small_to_judge(subjects.xyxy, size_hw, _WORN[family])
        return np.asarray(small & (has < MATCHES_FROM))

    def _model(self, relation: RequiredRelation) -> PairModel:
        if relation.kind is RelationKind.RIDDEN_BY:
            return self._models.families["ridden"]
        return self._models.families[self._models.family(_plain_names(relation))]


def _plan(queries: Sequence[Query]) -> tuple[tuple[ConditionSearch, ...], list[Query]]:
    """Return what each query needs, and the searches, each once."""
    searched: dict[Query, int] = {}

    def search(query: Query) -> int:
        return searched.setdefault(query, len(searched))

    def search_names(relation: RequiredRelation) -> int:
        text = " or ".join(relation.prompts)
        return search(
            Query(
                text,
                text,
                relation.prompts,
                min_score=OBJECT_MIN_SCORE,
                coloured=relation.coloured,
            )
        )

    def search_opposite(relation: RequiredRelation) -> int:
        if not relation.opposites:
            return -1
        text = " or ".join(relation.opposites)
        return search(Query(text, text, relation.opposites, min_score=OBJECT_MIN_SCORE))

    plans = []
    for query in queries:
        text = " or ".join(query.prompts) or query.text
        subject = replace(
            query, text=text, read_as=text, note="", notes=(), relations=(), state=None, group=None
        )
        alone = query.state is not None and query.state.kind is StateKind.ABANDONED
        person = Query(_PERSON, _PERSON, (_PERSON,), min_score=OBJECT_MIN_SCORE * 2)
        plans.append(
            ConditionSearch(
                search(subject),
                tuple(search_names(relation) for relation in query.relations),
                tuple(search_opposite(relation) for relation in query.relations),
                search(person) if alone else -1,
            )
        )
    return tuple(plans), list(searched)


def _with_plans(
    queries: tuple[Query, ...], search: Vocabulary, plans: tuple[ConditionSearch, ...]
) -> Vocabulary:
    """Return the vocabulary of the queries; its prompts are those of their subjects."""
    rows = [np.flatnonzero(search.prompt_label_id == plan.subject) for plan in plans]
    row = np.concatenate(rows)
    owners = np.repeat(np.arange(len(queries)), [len(own) for own in rows])
    colours, vectors = search.prompt_colours, search.prompt_vectors
    return replace(
        search,
        queries=queries,
        prompts=tuple(search.prompts[at] for at in row),
        prompt_label_id=owners.astype(np.int64),
        prompt_excluded=search.prompt_excluded[row],
        text_embeds=search.text_embeds[row],
        prompt_colours=tuple(colours[at] for at in row) if colours else (),
        prompt_vectors=tuple(vectors[at] for at in row) if vectors else (),
        search=search,
        plans=plans,
    )


def _lying_subjects(vocabulary: Vocabulary) -> frozenset[int]:
    """Return the searches whose objects may lie."""
    return frozenset(
        plan.subject
        for query, plan in zip(vocabulary.queries, vocabulary.plans, strict=True)
        if query.state is not None and query.state.kind is StateKind.LYING
    )


def _refuse_conditions(vocabulary: Vocabulary) -> None:
    """Raise where conditions would be left out in silence.

    Raises:
        VocabularyMismatchError: If a query has conditions.
    """
    for query in vocabulary.queries:
        if query.has_conditions:
            raise VocabularyMismatchError(
                f"the vocabulary does not say what to search for {query.text!r}, so it was made by "
                "another detector: encode its queries with the detector that is to use it"
            )


def _same_box(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which boxes are the same, where subject and other object have one name."""
    same: NDArray[np.bool_] = (a[:, None] == b[None]).all(axis=2)
    return same


def _plain_names(relation: RequiredRelation) -> tuple[str, ...]:
    names = {item.prompt: item.name for item in relation.coloured}
    return tuple(names.get(prompt, prompt) for prompt in relation.prompts)


def _join(considered: Sequence[Candidates]) -> Candidates:
    if not considered:
        return Candidates.none()
    return Candidates(
        np.concatenate([part.xyxy for part in considered]),
        np.concatenate([part.score for part in considered]),
        np.concatenate([part.label_id for part in considered]),
        np.concatenate([part.belief for part in considered]),
    )
