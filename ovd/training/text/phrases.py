"""Phrases of a batch and their targets.

A phrase is one wording of a concept: a name ("car"), a group ("vehicle") or a name with an
attribute value ("red car"). Right and wrong are decided per concept, so that two wordings of one
concept in a batch agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.training.data.examples import Boxes, Example
from ovd.training.text.phrasebook import Attribute, Phrasebook, Relation

ATTRIBUTE_SHARE = 0.3
NAMES_PER_ATTRIBUTE = 4


@dataclass(frozen=True)
class PhraseConfig:
    """Configure the sampling of phrases.

    Attributes:
        count: Phrases per batch, at most.
        max_positive_share: Share of them that may be true of some box of the batch.
        synonym: Probability that a concept is worded by a synonym.
        plural: Probability that its plural is taken.
        template: Probability of a sentence around it.
        second_wording: Probability that a name of the batch appears in two wordings.
        group: Probability that a group of a name of the batch is asked for.
        wrong_values: Other values asked for beside each attribute value of the batch.
        min_pseudo_score: A teacher's box below this neither matches nor refutes its name.
    """

    count: int = 80
    max_positive_share: float = 0.6
    synonym: float = 0.35
    plural: float = 0.1
    template: float = 0.2
    second_wording: float = 0.25
    group: float = 0.5
    wrong_values: int = 1
    min_pseudo_score: float = 0.5


@dataclass(frozen=True, eq=False)
class PhraseTargets:
    """Targets of C phrases for B images of N_b boxes each.

    A pair of box and phrase that neither matches nor is ignored is a certain negative, also where
    the image as a whole says nothing about the phrase.

    Attributes:
        phrases: The C texts.
        concepts: What each of them means, for reports.
        match: Per image `(N_b, C)` bool: the phrase is true of the box.
        ignore: Per image `(N_b, C)` bool: nobody knows; the pair takes no part in the loss.
        negative: `(B, C)` bool: outside of matching and ignored boxes there is no such thing. Where
            False, places without a box take no part in the loss of that phrase.
        weight: `(B, C)` float32 of those negatives; below 1 where the absence is only likely.
        small_uncertain: `(B, C)` bool: small objects may be unlabelled, so that the absence is
            known of larger ones only.
    """

    phrases: tuple[str, ...]
    concepts: tuple[str, ...]
    match: tuple[NDArray[np.bool_], ...]
    ignore: tuple[NDArray[np.bool_], ...]
    negative: NDArray[np.bool_]
    weight: NDArray[np.float32]
    small_uncertain: NDArray[np.bool_]


@dataclass(frozen=True)
class _Concept:
    """A name or group, perhaps with an attribute value."""

    base: str
    attribute: Attribute | None = None
    value: str = ""

    @property
    def text(self) -> str:
        return f"{self.base} [{self.attribute.key}={self.value}]" if self.attribute else self.base


class PhraseSampler:
    """Samples phrases for batches from a fixed list of concepts.

    Holds tables over concepts and names that are computed once, and absences per kind of source.
    """

    def __init__(
        self,
        book: Phrasebook,
        names: Sequence[str],
        config: PhraseConfig | None = None,
        hold_out: frozenset[str] = frozenset(),
    ) -> None:
        """Build the tables.

        Args:
            book: Wordings and relations.
            names: Every category name of the training data.
            config: What is sampled.
            hold_out: Names never to be asked for, in any wording.
        """
        self._book = book
        self._config = config or PhraseConfig()
        self._names = tuple(dict.fromkeys(names))
        self._name_id = {name: i for i, name in enumerate(self._names)}
        self._concepts = _concepts(book, [name for name in self._names if name not in hold_out])
        self._concept_id = {concept: i for i, concept in enumerate(self._concepts)}
        self._wordings = [_wordings(concept, book) for concept in self._concepts]
        self._relation = np.array(
            [[book.relation(concept.base, name) for name in self._names]
             for concept in self._concepts], dtype=np.int8,
        ).reshape(len(self._concepts), len(self._names))  # fmt: skip
        self._concept_overlaps = np.array([book.overlaps(c.base) for c in self._concepts])
        self._name_overlaps = np.array([book.overlaps(name) for name in self._names])
        self._absence: dict[tuple[frozenset[str], frozenset[str]], NDArray[np.float32]] = {}

    def all_phrases(self) -> tuple[str, ...]:
        """Return every text that `sample` can return, templates included, without repetition."""
        texts: dict[str, None] = {}
        for concept, (forms, plural) in zip(self._concepts, self._wordings, strict=True):
            templates = () if concept.attribute else self._book.templates
            for text in forms:
                texts |= dict.fromkeys((text, *(t.format(text) for t in templates)))
            if plural:
                texts[plural] = None
        return tuple(texts)

    def sample(self, examples: Sequence[Example], rng: np.random.Generator) -> PhraseTargets:
        """Choose phrases for a batch and compute their targets.

        Args:
            examples: The images of the batch; names the sampler was not built with are an error.
            rng: Source of chance.
        """
        texts: dict[str, int] = {}
        for concept in self._choose(examples, rng):
            if len(texts) == self._config.count:
                break
            texts.setdefault(self._word(concept, rng), concept)
        return self.targets(tuple(texts), np.array(list(texts.values()), dtype=np.intp), examples)

    def targets(
        self, phrases: tuple[str, ...], concepts: NDArray[np.intp], examples: Sequence[Example]
    ) -> PhraseTargets:
        """Compute the targets of given phrases, `(C,)` indices of concepts."""
        weight = np.zeros((len(examples), len(concepts)), dtype=np.float32)
        small = np.zeros(weight.shape, dtype=np.bool_)
        match, ignore = [], []
        for row, example in enumerate(examples):
            sure = self._absences(example.exhaustive, example.absent_soft)[concepts]
            large = self._absences(
                example.exhaustive | example.exhaustive_except_small, example.absent_soft
            )[concepts]
            weight[row], small[row] = large, large > sure
            matches, ignored = self._pairs(example, concepts, large > 0)
            match.append(matches)
            ignore.append(ignored)
        return PhraseTargets(
            phrases,
            tuple(self._concepts[c].text for c in concepts),
            tuple(match),
            tuple(ignore),
            weight > 0,
            np.where(weight > 0, weight, 1.0).astype(np.float32),
            small,
        )

    def _pairs(
        self, example: Example, concepts: NDArray[np.intp], is_known: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        boxes = example.boxes
        ids = np.array([self._name_id[name] for name in boxes.names], dtype=np.intp)
        relation = self._relation[np.ix_(concepts, ids)].T
        stated = example.exhaustive | example.exhaustive_except_small
        is_stated = np.array([self._concepts[c].base in stated for c in concepts], dtype=np.bool_)
        match = relation == Relation.MATCH
        ignore = relation == Relation.UNSURE
        ignore |= (relation == Relation.UNSURE_UNLESS_LABELLED) & ~is_stated
        is_pseudo = boxes.soft_score < 1.0
        shares_place = (
            self._name_overlaps[ids][:, None]
            | self._concept_overlaps[concepts]
            | is_pseudo[:, None]
        )
        ignore |= (relation == Relation.UNRELATED) & ~is_known & shares_place
        ignore |= match & (is_pseudo & (boxes.soft_score < self._config.min_pseudo_score))[:, None]
        self._judge_attributes(boxes, concepts, match, ignore)
        ignore |= boxes.ignore[:, None]
        return match & ~ignore, ignore

    def _judge_attributes(
        self,
        boxes: Boxes,
        concepts: NDArray[np.intp],
        match: NDArray[np.bool_],
        ignore: NDArray[np.bool_],
    ) -> None:
        """Restrict matches of a name to those whose value fits; unknown values are ignored."""
        for column, index in enumerate(concepts):
            concept = self._concepts[index]
            if concept.attribute is None or not match[:, column].any():
                continue
            for row in np.flatnonzero(match[:, column]):
                value = boxes.attributes[row].get(concept.attribute.key)
                match[row, column] = value == concept.value
                ignore[row, column] |= not _is_decided(concept.attribute, concept.value, value)

    def _absences(self, exhaustive: frozenset[str], soft: frozenset[str]) -> NDArray[np.float32]:
        """`(K,)` weight of absence for every concept."""
        for weaker in (frozenset[str](), soft):
            if (exhaustive, weaker) not in self._absence:
                found = self._compute_absences(exhaustive, weaker)
                self._absence[exhaustive, weaker] = found
        return np.maximum(self._absence[exhaustive, frozenset()], self._absence[exhaustive, soft])

    def _compute_absences(
        self, exhaustive: frozenset[str], soft: frozenset[str]
    ) -> NDArray[np.float32]:
        by_base = {
            base: self._book.absence(base, exhaustive, soft)
            for base in dict.fromkeys(concept.base for concept in self._concepts)
        }
        return np.array([by_base[concept.base] for concept in self._concepts], dtype=np.float32)

    def _choose(self, examples: Sequence[Example], rng: np.random.Generator) -> list[int]:
        """Return more concepts than needed: positives, then hard negatives, then any."""
        config = self._config
        true = self._true_concepts(examples, rng)
        positive = true[: int(config.count * config.max_positive_share)]
        room = config.count - len(positive)
        near = [c for c in self._near_misses(positive, rng) if c not in positive]
        share = np.where([c.attribute is not None for c in self._concepts], ATTRIBUTE_SHARE, 1.0)
        rest = np.argsort(-(rng.random(len(share)) ** (1.0 / share)))
        others = dict.fromkeys([*near[: room // 2], *rest.tolist()])
        return positive + [c for c in others if c not in positive]

    def _true_concepts(self, examples: Sequence[Example], rng: np.random.Generator) -> list[int]:
        """Return the batch's names, some twice, then their attribute values and groups."""
        config, ids = self._config, self._concept_id
        present = dict.fromkeys(
            name for e in examples for name, out in zip(e.boxes.names, e.boxes.ignore, strict=True)
            if not out
        )  # fmt: skip
        names = [ids[_Concept(name)] for name in present if _Concept(name) in ids]
        twice = [i for i in names if rng.random() < config.second_wording]
        groups = dict.fromkeys(
            ids[_Concept(word)]
            for word, group in self._book.groups.items()
            if group.members & present.keys() and _Concept(word) in ids
        )
        chosen_groups = [i for i in groups if i not in names and rng.random() < config.group]
        valued = list(self._true_values(examples))
        rng.shuffle(names)
        rng.shuffle(valued)
        extra = valued[: config.count // 4] + chosen_groups + twice
        return names + extra

    def _true_values(self, examples: Sequence[Example]) -> dict[int, None]:
        found: dict[int, None] = {}
        for example in examples:
            for name, table in zip(example.boxes.names, example.boxes.attributes, strict=True):
                for attribute in self._book.attributes if table else ():
                    value = table.get(attribute.key, "")
                    for base in (name, *sorted(self._book.wider(name))):
                        concept = self._concept_id.get(_Concept(base, attribute, value))
                        if concept is not None:
                            found[concept] = None
        return found

    def _near_misses(self, positive: Iterable[int], rng: np.random.Generator) -> list[int]:
        """Return other values of the chosen attributes, and other members of the names' groups."""
        values: list[int] = []
        siblings: list[int] = []
        for index in positive:
            concept = self._concepts[index]
            if concept.attribute:
                others = [value for value in concept.attribute.values if value != concept.value]
                rng.shuffle(others)
                values += (
                    self._concept_id[_Concept(concept.base, concept.attribute, value)]
                    for value in others[: self._config.wrong_values]
                )
            siblings += (
                self._concept_id[_Concept(member)]
                for group in self._book.groups.values()
                if concept.base in group.members
                for member in sorted(group.members)
                if _Concept(member) in self._concept_id
            )
        rng.shuffle(siblings)
        return list(dict.fromkeys(values + siblings))

    def _word(self, index: int, rng: np.random.Generator) -> str:
        config = self._config
        forms, plural = self._wordings[index]
        chance = rng.random()
        if self._concepts[index].attribute:
            return forms[rng.integers(len(forms))]
        if chance < config.synonym and len(forms) > 1:
            text = forms[rng.integers(1, len(forms))]
        elif chance > 1 - config.plural and plural:
            return plural
        else:
            text = forms[0]
        if self._book.templates and rng.random() < config.template:
            text = self._book.templates[rng.integers(len(self._book.templates))].format(text)
        return text


class NameSampler(PhraseSampler):
    """Asks for every name and group in every batch, each in its usual wording."""

    @property
    def asked(self) -> tuple[str, ...]:
        """Return what is asked for, in order."""
        return tuple(concept.base for concept in self._concepts if concept.attribute is None)

    def sample(self, examples: Sequence[Example], rng: np.random.Generator) -> PhraseTargets:
        """Compute the targets of all names; see `PhraseSampler.sample`."""
        plain = [i for i, concept in enumerate(self._concepts) if concept.attribute is None]
        return self.targets(self.asked, np.array(plain, dtype=np.intp), examples)


def _concepts(book: Phrasebook, names: Sequence[str]) -> tuple[_Concept, ...]:
    known = set(names)
    groups = [word for word, group in book.groups.items() if group.members & known]
    bases = dict.fromkeys((*names, *groups))
    valued = [
        _Concept(base, attribute, value)
        for attribute in book.attributes
        for base in attribute.names
        if base in bases
        for value in attribute.values
    ]
    return (*(_Concept(base) for base in bases), *valued)


def _wordings(concept: _Concept, book: Phrasebook) -> tuple[tuple[str, ...], str]:
    """Return the texts of a concept, and its plural or an empty string."""
    forms = book.wordings(concept.base)
    if concept.attribute is None:
        return forms, book.plural(concept.base)
    words = book.values.get(concept.value, (concept.value,))
    texts = dict.fromkeys(
        text.format(name=name, value=word)
        for text in concept.attribute.texts
        for name in forms[:NAMES_PER_ATTRIBUTE]
        for word in words
    )
    return tuple(texts), ""


def _is_decided(attribute: Attribute, asked: str, value: str | None) -> bool:
    if value == asked:
        return True
    is_known = value in attribute.values or value in attribute.others
    return is_known and frozenset((asked, value)) not in attribute.unsure
