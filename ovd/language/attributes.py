"""What is said about a thing: of which kind it is, and so whether a detector can judge it."""

from dataclasses import dataclass

from ovd.domain.query import AttributeKind
from ovd.language.grammar import Grammar
from ovd.language.phrases import Words

_HAVING = frozenset({"with", "without", "in", "no", "having"})
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
        before = (_word_kind(word, grammar) for word in self.before)
        starts = [at for at, word in enumerate(self.behind) if at == 0 or word in grammar.links]
        ends = [*starts[1:], len(self.behind)]
        parts = (self.behind[start:end] for start, end in zip(starts, ends, strict=bool(starts)))
        return frozenset((*before, *(_part_kind(part, grammar) for part in parts)))

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
    link, rest = part[0], part[1:]
    worn = any(word in grammar.worn for word in rest)
    if link == "wearing" or (link in _HAVING and (worn or _are_colours(rest, grammar))):
        return AttributeKind.WORN
    if link in _PLACES and rest:
        return AttributeKind.PLACE
    if link in _CARRYING or (link in _HAVING and rest):
        return AttributeKind.CARRIED
    return AttributeKind.ACTION if _is_action(link, grammar) else None


def _are_colours(words: Words, grammar: Grammar) -> bool:
    return bool(words) and all(
        grammar.attributes.get(word) is AttributeKind.COLOUR for word in words
    )


def _is_action(word: str, grammar: Grammar) -> bool:
    known = grammar.attributes.get(word)
    return known is AttributeKind.ACTION or (word.endswith("ing") and grammar.describes(word))
