"""Translation of Korean queries: "파란 모자를 쓴 남자" becomes "man wearing a blue hat".

In Korean all modifiers precede their noun, so one pass from left to right is enough: modifiers are
collected until their noun comes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ovd.language.grammar import Grammar
from ovd.language.hangul import has_hangul
from ovd.language.korean.lexicon import KoreanGrammar
from ovd.language.korean.segmenter import Segment, Segmenter
from ovd.language.tokens import Words

_OR = frozenset({"나", "이나"})
_AND = frozenset({"와", "과", "랑", "이랑", "하고"})
_SUBJECT = frozenset({"이", "가"})
_OBJECT = frozenset({"을", "를", ""})
_MAX_JOINED_WORDS = 3
_VERBS_OF_HAVING = frozenset({"wearing", "holding", "carrying", "with"})


class KoreanReader:
    """Translates Korean queries into English ones; immutable once built."""

    def __init__(
        self, grammar: Grammar, korean: KoreanGrammar, readings: Mapping[str, str]
    ) -> None:
        """Combine the word lists.

        Args:
            grammar: Function words of both languages, and particles.
            korean: Modifiers, verbs and counters.
            readings: English reading by Korean noun.
        """
        self._grammar = grammar
        self._korean = korean
        self._readings = dict(readings)
        self._prenominal = frozenset(korean.prenominal)
        particles = (*grammar.particles, *_OR)
        self.segmenter = Segmenter({*readings, *korean.words}, self._prenominal, particles)
        self._number = re.compile(
            f"([0-9.,]+|{_one_of(korean.numbers)})({_one_of(korean.counters)})"
            f"({_one_of(grammar.particles)}|이상|이하|정도)?"
        )

    @property
    def vocabulary(self) -> Mapping[str, str]:
        """Return the English reading by Korean word, of nouns and of modifiers."""
        korean = self._korean
        modifiers = {**korean.prenominal, **korean.locations}
        small = korean.words | korean.numbers | korean.counters
        return {**dict.fromkeys(small, ""), **modifiers, **self._readings}

    def translate(self, words: Words) -> str | None:
        """Return the English reading of a Korean query; None if one of its words is unknown."""
        if not any(map(has_hangul, words)):
            return None
        exclusion = self._translate_exclusion(words)
        return self._translate_alternatives(words) if exclusion is None else exclusion

    def _translate_exclusion(self, words: Words) -> str | None:
        """Translate an exclusion in either order: "버스 제외한 차량" and "차량 버스 제외"."""
        marks = self._grammar.korean_exclusion_markers
        mark = next((i for i, word in enumerate(words) if i and word in marks), None)
        if mark is None:
            return None
        before, after = words[:mark], words[mark + 1 :]
        if after:
            sides = [(after, before)]
        else:
            sides = [(before[:cut], before[cut:]) for cut in range(1, len(before))]
        for wanted, unwanted in sides:
            kept, left_out = (
                self._translate_alternatives(wanted),
                self._translate_alternatives(unwanted),
            )
            if kept and left_out:
                return f"{kept} except {left_out}"
        return None

    def _translate_alternatives(self, words: Words) -> str | None:
        parts: list[list[str]] = [[]]
        joiners = []
        for word in words:
            if (
                word in self._grammar.or_words
                or word in self._grammar.and_words | self._grammar.commas
            ):
                joiners.append("or" if word in self._grammar.or_words else "and")
                parts.append([])
            else:
                parts[-1].append(word)
        read = [self._noun_phrases(part) for part in parts]
        if not all(read):
            return None
        joiner = " or " if "or" in joiners else " and "
        return joiner.join(filter(None, read))

    def _noun_phrases(self, words: Sequence[str]) -> str | None:
        """Translate one noun phrase, or several that particles join."""
        segments = self._segments(words)
        if not segments:
            return None
        builder = _PhraseBuilder(self._korean, self._readings)
        for at, segment in enumerate(segments):
            following = segments[at + 1].word if at + 1 < len(segments) else ""
            if self._joins_objects(segments[at : at + 3]):
                joined = builder.add_joined(segment)
            else:
                joined = builder.add(segment, following)
            if not joined:
                return None
        return builder.finish()

    def _joins_objects(self, segments: Sequence[Segment]) -> bool:
        """Return whether the first of three is one of two objects of a verb: 모자와 조끼를 입은."""
        if len(segments) < 3 or segments[0].particle not in _AND:
            return False
        verb = self._korean.transitive_verbs.get(segments[2].word, "")
        return verb in _VERBS_OF_HAVING and segments[1].particle in _OBJECT

    def _segments(self, words: Sequence[str]) -> list[Segment] | None:
        """Return the known words in order without stopwords and counters, or None."""
        segments: list[Segment] = []
        at = 0
        while at < len(words):
            taken, found = self._next_segments(words, at)
            if found is None:
                return None
            segments += found
            at += taken
        return segments or self._counter_as_noun(words)

    def _counter_as_noun(self, words: Sequence[str]) -> list[Segment]:
        """Return a counter as the noun if nothing else is left and it names one: 여러 사람."""
        count = self._number.fullmatch("".join(words))
        named = count is not None and len(count[2]) > 1 and count[2] in self._readings
        return [Segment(count[2])] if count is not None and named else []

    def _next_segments(self, words: Sequence[str], at: int) -> tuple[int, Sequence[Segment] | None]:
        """Return the number of words used, and the segments they hold."""
        word = words[at]
        for taken in range(min(_MAX_JOINED_WORDS, len(words) - at), 1, -1):
            whole = self.segmenter.match("".join(words[at : at + taken]))
            if whole is not None and len(whole.word) > max(map(len, words[at : at + taken])):
                return taken, (whole,)
        if self._is_count(words, at):
            return (1 if self._number.fullmatch(word) else 2), ()
        match = self.segmenter.match(word)
        if match is not None and match.word in self._korean.stopwords | self._korean.numbers:
            return 1, ()
        if not has_hangul(word):
            return 1, (Segment(word),) if word.isalpha() else None
        return 1, self.segmenter.segment(word)

    def _is_count(self, words: Sequence[str], at: int) -> bool:
        word = words[at]
        if word in self._readings:
            return False
        return self._number.fullmatch("".join(words[at : at + 2])) is not None or (
            self._number.fullmatch(word) is not None
        )


@dataclass
class _NounPhrase:
    """A noun and its adjectives."""

    adjectives: list[str] = field(default_factory=list)
    nouns: list[str] = field(default_factory=list)
    particle: str = ""

    def phrase(self) -> str:
        return " ".join((*self.adjectives, *self.nouns))


class _PhraseBuilder:
    """Collects modifiers until their noun comes; used once."""

    def __init__(self, korean: KoreanGrammar, readings: Mapping[str, str]) -> None:
        self._korean = korean
        self._readings = readings
        self._done: list[str] = []
        self._reset()

    def _reset(self) -> None:
        self._noun_phrase = _NounPhrase()
        self._before: list[str] = []
        self._after: list[str] = []
        self._location = ""
        self._negated = False
        self._last = ""

    def add(self, segment: Segment, following: str) -> bool:
        """Add the next word; return False if it does not fit here."""
        korean, word = self._korean, segment.word
        if word in korean.negations_before and not segment.particle:
            self._negated = True
            return True
        if word in korean.negations_after:
            return self._negate_last()
        if word in korean.auxiliary_verbs and not self._noun_phrase.nouns and not self._location:
            return True
        if word in korean.adjectives:
            self._noun_phrase.adjectives.append(korean.adjectives[word])
        elif word in korean.person_adjectives:
            self._before.append(korean.person_adjectives[word])
        elif word in korean.transitive_verbs:
            return self._add_clause(korean.transitive_verbs[word])
        elif word in korean.actions:
            self._add_action(korean.actions[word])
        elif word in korean.locations and self._noun_phrase.nouns:
            self._location = f"{korean.locations[word]} {self._object()}"
        else:
            return self._add_noun(segment, following)
        return True

    def add_joined(self, segment: Segment) -> bool:
        """Add the first of two objects of the same verb."""
        english = self._readings.get(segment.word, "")
        self._noun_phrase.nouns.append(f"{english} and")
        return bool(english)

    def finish(self) -> str | None:
        """Return the English phrase; None if it has no noun."""
        if not self._close():
            return None
        return "".join(self._done)

    def _add_noun(self, segment: Segment, following: str) -> bool:
        word = segment.word
        english = self._readings.get(word, "" if has_hangul(word) else word)
        if not english:
            return False
        if self._location:
            self._after.append(self._location)
            self._location = ""
        self._noun_phrase.nouns.append(f"{english}'s" if segment.particle == "의" else english)
        self._noun_phrase.particle = segment.particle
        joins = following not in self._korean.words
        if segment.particle in _OR and following and joins:
            return self._close(" or ")
        if segment.particle in _AND and following and joins:
            return self._close(" and ")
        return True

    def _close(self, joiner: str = "") -> bool:
        if not self._noun_phrase.nouns:
            return False
        words = (*self._before, self._noun_phrase.phrase(), *self._after)
        self._done.append(" ".join(words) + joiner)
        self._reset()
        return True

    def _add_clause(self, verb: str) -> bool:
        if not self._noun_phrase.nouns:
            if not self._location or verb != "with":
                return False
            modifiers, self._location = self._location, ""
        else:
            if self._noun_phrase.nouns[-1] in self._korean.held_objects and verb == "wearing":
                verb = "holding"
            modifiers = _negated_verb(verb) if self._negated else verb
            modifiers = f"{modifiers} {self._object()}"
        self._negated = False
        self._after.append(modifiers)
        self._last = verb
        return True

    def _add_action(self, action: str) -> None:
        if self._noun_phrase.nouns:
            particle = self._noun_phrase.particle
            on_or_in = "on" if action in self._korean.actions_on_objects else "in"
            accompanies = particle in _AND or particle in _SUBJECT
            self._location = f"{'with' if accompanies else on_or_in} {self._object()}"
        negated = "not " if self._negated else ""
        if self._location or negated or " " in action:
            self._after.append(" ".join(filter(None, (negated + action, self._location))))
        else:
            self._before.append(action)
        self._location, self._negated, self._last = "", False, action

    def _negate_last(self) -> bool:
        """Negate the verb before: 쓰지 않은."""
        if self._after:
            verb, _, rest = self._after.pop().partition(" ")
            self._after.append(f"{_negated_verb(verb)} {rest}".strip())
        elif self._before and self._last == self._before[-1]:
            self._after.append(f"not {self._before.pop()}")
        else:
            return False
        return True

    def _object(self) -> str:
        """Return the current noun phrase with an article, and start a new one."""
        phrase = self._noun_phrase.phrase()
        self._noun_phrase = _NounPhrase()
        last = phrase.split()[-1]
        plural = last.endswith("s") and not last.endswith(("ss", "us"))
        if plural or phrase in self._korean.uncountable or last in self._korean.uncountable:
            return phrase
        return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def _negated_verb(verb: str) -> str:
    return "without" if verb in _VERBS_OF_HAVING else f"not {verb}"


def _one_of(words: frozenset[str] | tuple[str, ...]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
