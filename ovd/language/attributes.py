"""Attributes of a noun phrase ("red", "wearing a hat"), and what must be judged for each."""

from dataclasses import dataclass

from ovd.domain.query import AttributeKind, ObjectPart, RequiredColour
from ovd.language.grammar import Grammar
from ovd.language.tokens import Words

_POSSESSION_WORDS = frozenset({"with", "without", "in", "no", "having"})
_CLOTHING_WORDS = frozenset({"with", "in", "wearing", "having"})
_UPPER = (
    "", "shirt", "t-shirt", "tshirt", "top", "sweater", "hoodie", "jacket", "coat", "blouse",
    "dress", "suit", "uniform", "clothes", "clothing", "outfit", "raincoat", "vest",
)  # fmt: skip
_LOWER = ("pants", "trousers", "jeans", "shorts", "skirt")
_GARMENTS = dict.fromkeys(_UPPER, ObjectPart.UPPER_BODY) | dict.fromkeys(
    _LOWER, ObjectPart.LOWER_BODY
)
_BASIC_COLOURS = {"grey": "gray", "silver": "gray", "violet": "purple"}
_ARTICLES = frozenset({"a", "an", "the"})
_CARRYING_WORDS = frozenset({"carrying", "holding"})
_PLACE_WORDS = frozenset(
    {"in", "on", "at", "near", "behind", "beside", "by", "under", "inside", "outside", "over",
     "between", "next"}
)  # fmt: skip


@dataclass(frozen=True)
class Attributes:
    """The modifiers of a noun phrase.

    Attributes:
        premodifiers: Words before it, such as "big red".
        postmodifiers: Words behind it, such as "wearing a hat".
    """

    premodifiers: Words = ()
    postmodifiers: Words = ()

    @property
    def phrases(self) -> tuple[Words, ...]:
        """Return the modifier phrases that are not empty."""
        return tuple(phrase for phrase in (self.premodifiers, self.postmodifiers) if phrase)

    def required_kinds(self, grammar: Grammar) -> frozenset[AttributeKind | None]:
        """Return the kinds of attribute to judge; None stands for one that no detector judges."""
        premodifiers = [_premodifier_kind(word, grammar) for word in self.premodifiers]
        # Nothing is black and white all over.
        several = [None] if premodifiers.count(AttributeKind.COLOUR) > 1 else []
        parts = (_postmodifier_kind(part, grammar) for part in self._postmodifier_phrases(grammar))
        return frozenset((*premodifiers, *several, *parts))

    def colour_constraints(self, grammar: Grammar) -> tuple[RequiredColour, ...]:
        """Return the colours that are named, and the part of the object that must show each."""
        constraints = [
            RequiredColour(_basic_colour(word), ObjectPart.WHOLE)
            for word in self.premodifiers
            if _is_colour(word, grammar)
        ]
        for part in self._postmodifier_phrases(grammar):
            if _postmodifier_kind(part, grammar) is AttributeKind.CLOTHES_COLOUR:
                colour, *garment = _without_articles(part[1:])
                constraints.append(
                    RequiredColour(_basic_colour(colour), _GARMENTS[" ".join(garment)])
                )
        return tuple(constraints)

    def _postmodifier_phrases(self, grammar: Grammar) -> tuple[Words, ...]:
        """Return the postmodifiers as one phrase per marker word."""
        starts = [
            at
            for at, word in enumerate(self.postmodifiers)
            if at == 0 or word in grammar.postmodifier_markers
        ]
        ends = [*starts[1:], len(self.postmodifiers)]
        return tuple(
            self.postmodifiers[start:end] for start, end in zip(starts, ends, strict=bool(starts))
        )

    def apply_to(self, name: str, grammar: Grammar) -> str:
        """Return a name with these attributes around it; "helmetless" becomes "without helmet"."""
        expanded = (grammar.negated_adjectives.get(word, ()) for word in self.premodifiers)
        premodifiers = (
            word for word in self.premodifiers if word not in grammar.negated_adjectives
        )
        return " ".join(
            (
                *premodifiers,
                name,
                *(word for constraints in expanded for word in constraints),
                *self.postmodifiers,
            )
        )


def _premodifier_kind(word: str, grammar: Grammar) -> AttributeKind | None:
    if word in grammar.negated_adjectives:
        return AttributeKind.WORN
    return AttributeKind.ACTION if _is_action(word, grammar) else grammar.attributes.get(word)


def _postmodifier_kind(part: Words, grammar: Grammar) -> AttributeKind | None:
    link, rest = part[0], _without_articles(part[1:])
    if link in _CLOTHING_WORDS and rest and _is_colour(rest[0], grammar) and _is_garment(rest[1:]):
        return AttributeKind.CLOTHES_COLOUR
    names_wearable = any(word in grammar.wearables for word in rest)
    if link == "wearing" or (link in _POSSESSION_WORDS and names_wearable):
        return AttributeKind.WORN
    if link in _PLACE_WORDS and rest:
        return AttributeKind.PLACE
    if link in _CARRYING_WORDS or (link in _POSSESSION_WORDS and rest):
        return AttributeKind.CARRIED
    return AttributeKind.ACTION if _is_action(link, grammar) else None


def _is_colour(word: str, grammar: Grammar) -> bool:
    return grammar.attributes.get(word) is AttributeKind.COLOUR


def _without_articles(words: Words) -> Words:
    return tuple(word for word in words if word not in _ARTICLES)


def _is_garment(words: Words) -> bool:
    return " ".join(words) in _GARMENTS


def _basic_colour(colour: str) -> str:
    return _BASIC_COLOURS.get(colour, colour)


def _is_action(word: str, grammar: Grammar) -> bool:
    known = grammar.attributes.get(word)
    return known is AttributeKind.ACTION or (word.endswith("ing") and grammar.is_modifier(word))
