"""What is said about a thing: of which kind it is, and so whether a detector can judge it."""

from dataclasses import dataclass

from ovd.domain.query import AttributeKind, ObjectPart, RequiredColour
from ovd.language.grammar import Grammar
from ovd.language.tokens import Words

_HAVING = frozenset({"with", "without", "in", "no", "having"})
_DRESSED_IN = frozenset({"with", "in", "wearing", "having"})
_UPPER = (
    "", "shirt", "t-shirt", "tshirt", "top", "sweater", "hoodie", "jacket", "coat", "blouse",
    "dress", "suit", "uniform", "clothes", "clothing", "outfit", "raincoat", "vest",
)  # fmt: skip
_LOWER = ("pants", "trousers", "jeans", "shorts", "skirt")
_GARMENTS = dict.fromkeys(_UPPER, ObjectPart.UPPER_BODY) | dict.fromkeys(
    _LOWER, ObjectPart.LOWER_BODY
)
_SAME_COLOUR = {"grey": "gray", "silver": "gray", "violet": "purple"}
_ARTICLES = frozenset({"a", "an", "the"})
_CARRYING = frozenset({"carrying", "holding"})
_PLACES = frozenset(
    {"in", "on", "at", "near", "behind", "beside", "by", "under", "inside", "outside", "over",
     "between", "next"}
)  # fmt: skip


@dataclass(frozen=True)
class Attributes:
    """What is said about a thing.

    Attributes:
        before: Words before it, such as "big red".
        behind: Words behind it, such as "wearing a hat".
    """

    before: Words = ()
    behind: Words = ()

    @property
    def phrases(self) -> tuple[Words, ...]:
        """Those of the two that say something."""
        return tuple(phrase for phrase in (self.before, self.behind) if phrase)

    def kinds(self, grammar: Grammar) -> frozenset[AttributeKind | None]:
        """What must be judged; None stands for what no detector can be asked."""
        before = [_word_kind(word, grammar) for word in self.before]
        # Nothing is black and white all over.
        several = [None] if before.count(AttributeKind.COLOUR) > 1 else []
        parts = (_part_kind(part, grammar) for part in self._parts(grammar))
        return frozenset((*before, *several, *parts))

    def colours(self, grammar: Grammar) -> tuple[RequiredColour, ...]:
        """Return the colours that are named, and the part that must have each."""
        said = [
            RequiredColour(_basic(word), ObjectPart.WHOLE)
            for word in self.before
            if _is_colour(word, grammar)
        ]
        for part in self._parts(grammar):
            if _part_kind(part, grammar) is AttributeKind.CLOTHES_COLOUR:
                colour, *garment = _without_articles(part[1:])
                said.append(RequiredColour(_basic(colour), _GARMENTS[" ".join(garment)]))
        return tuple(said)

    def _parts(self, grammar: Grammar) -> tuple[Words, ...]:
        """What is said behind the thing, cut where each part begins."""
        starts = [at for at, word in enumerate(self.behind) if at == 0 or word in grammar.links]
        ends = [*starts[1:], len(self.behind)]
        return tuple(
            self.behind[start:end] for start, end in zip(starts, ends, strict=bool(starts))
        )

    def around(self, name: str, grammar: Grammar) -> str:
        """The name with its attributes, "helmetless" said as "without helmet"."""
        lacking = (grammar.lacking.get(word, ()) for word in self.before)
        before = (word for word in self.before if word not in grammar.lacking)
        return " ".join((*before, name, *(word for said in lacking for word in said), *self.behind))


def _word_kind(word: str, grammar: Grammar) -> AttributeKind | None:
    if word in grammar.lacking:
        return AttributeKind.WORN
    return AttributeKind.ACTION if _is_action(word, grammar) else grammar.attributes.get(word)


def _part_kind(part: Words, grammar: Grammar) -> AttributeKind | None:
    link, rest = part[0], _without_articles(part[1:])
    if link in _DRESSED_IN and rest and _is_colour(rest[0], grammar) and _is_garment(rest[1:]):
        return AttributeKind.CLOTHES_COLOUR
    worn = any(word in grammar.worn for word in rest)
    if link == "wearing" or (link in _HAVING and worn):
        return AttributeKind.WORN
    if link in _PLACES and rest:
        return AttributeKind.PLACE
    if link in _CARRYING or (link in _HAVING and rest):
        return AttributeKind.CARRIED
    return AttributeKind.ACTION if _is_action(link, grammar) else None


def _is_colour(word: str, grammar: Grammar) -> bool:
    return grammar.attributes.get(word) is AttributeKind.COLOUR


def _without_articles(words: Words) -> Words:
    return tuple(word for word in words if word not in _ARTICLES)


def _is_garment(words: Words) -> bool:
    return " ".join(words) in _GARMENTS


def _basic(colour: str) -> str:
    return _SAME_COLOUR.get(colour, colour)


def _is_action(word: str, grammar: Grammar) -> bool:
    known = grammar.attributes.get(word)
    return known is AttributeKind.ACTION or (word.endswith("ing") and grammar.describes(word))
