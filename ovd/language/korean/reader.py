"""Korean queries become English ones: "파란 모자를 쓴 남자" is "man wearing a blue hat".

Korean says everything about a thing before the thing, so that one pass from left to right, which
keeps what is still waiting for its thing, is enough.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ovd.language.grammar import Grammar
from ovd.language.hangul import has_hangul
from ovd.language.korean.lexicon import KoreanGrammar
from ovd.language.korean.segmenter import Joined, Piece
from ovd.language.tokens import Words

_OR = frozenset({"나", "이나"})
_AND = frozenset({"와", "과", "랑", "이랑", "하고"})
_SUBJECT = frozenset({"이", "가"})
_LONGEST_JOIN = 3
_HAD = frozenset({"wearing", "holding", "carrying", "with"})


class KoreanReader:
    """Reads Korean words as English; immutable once built."""

    def __init__(
        self, grammar: Grammar, korean: KoreanGrammar, readings: Mapping[str, str]
    ) -> None:
        """Take the words.

        Args:
            grammar: Joining words of both languages, and particles.
            korean: Words that say something about things.
            readings: English reading by Korean word for things.
        """
        self._grammar = grammar
        self._korean = korean
        self._readings = dict(readings)
        self._before_things = frozenset(korean.before_things)
        particles = (*grammar.particles, *_OR)
        self.joined = Joined({*readings, *korean.words}, self._before_things, particles)
        self._number = re.compile(
            f"([0-9.,]+|{_one_of(korean.numbers)})({_one_of(korean.counters)})"
            f"({_one_of(grammar.particles)}|이상|이하|정도)?"
        )

    @property
    def vocabulary(self) -> Mapping[str, str]:
        """English reading by Korean word, of things and of what is said about them."""
        korean = self._korean
        said = {**korean.before_things, **korean.places}
        small = korean.words | korean.numbers | korean.counters
        return {**dict.fromkeys(small, ""), **said, **self._readings}

    def translate(self, words: Words) -> str | None:
        """The English reading of a Korean query; None if a word of it is not understood."""
        if not any(map(has_hangul, words)):
            return None
        exclusion = self._exclusion(words)
        return self._alternatives(words) if exclusion is None else exclusion

    def _exclusion(self, words: Words) -> str | None:
        """Both orders: "버스 제외한 차량" and "차량 버스 제외"."""
        marks = self._grammar.excepting_korean
        mark = next((i for i, word in enumerate(words) if i and word in marks), None)
        if mark is None:
            return None
        before, after = words[:mark], words[mark + 1 :]
        if after:
            sides = [(after, before)]
        else:
            sides = [(before[:cut], before[cut:]) for cut in range(1, len(before))]
        for wanted, unwanted in sides:
            kept, left_out = self._alternatives(wanted), self._alternatives(unwanted)
            if kept and left_out:
                return f"{kept} except {left_out}"
        return None

    def _alternatives(self, words: Words) -> str | None:
        parts: list[list[str]] = [[]]
        joiners = []
        for word in words:
            if word in self._grammar.either or word in self._grammar.both | self._grammar.commas:
                joiners.append("or" if word in self._grammar.either else "and")
                parts.append([])
            else:
                parts[-1].append(word)
        read = [self._phrases(part) for part in parts]
        if not all(read):
            return None
        joiner = " or " if "or" in joiners else " and "
        return joiner.join(filter(None, read))

    def _phrases(self, words: Sequence[str]) -> str | None:
        """One thing, or several that particles join."""
        pieces = self._pieces(words)
        if not pieces:
            return None
        composer = _Composer(self._korean, self._readings)
        for at, piece in enumerate(pieces):
            following = pieces[at + 1].word if at + 1 < len(pieces) else ""
            if not composer.take(piece, following):
                return None
        return composer.finish()

    def _pieces(self, words: Sequence[str]) -> list[Piece] | None:
        """Known words in order, counting and empty words left out; None if one is unknown."""
        pieces: list[Piece] = []
        at = 0
        while at < len(words):
            taken, found = self._next(words, at)
            if found is None:
                return None
            pieces += found
            at += taken
        return pieces or self._counted(words)

    def _counted(self, words: Sequence[str]) -> list[Piece]:
        """The counting word itself where it is all there is, and names a thing: 여러 사람."""
        count = self._number.fullmatch("".join(words))
        named = count is not None and len(count[2]) > 1 and count[2] in self._readings
        return [Piece(count[2])] if count is not None and named else []

    def _next(self, words: Sequence[str], at: int) -> tuple[int, Sequence[Piece] | None]:
        """How many words were taken, and what they are."""
        word = words[at]
        for taken in range(min(_LONGEST_JOIN, len(words) - at), 1, -1):
            whole = self.joined.piece("".join(words[at : at + taken]))
            if whole is not None and len(whole.word) > max(map(len, words[at : at + taken])):
                return taken, (whole,)
        if self._is_count(words, at):
            return (1 if self._number.fullmatch(word) else 2), ()
        piece = self.joined.piece(word)
        if piece is not None and piece.word in self._korean.ignored | self._korean.numbers:
            return 1, ()
        if not has_hangul(word):
            return 1, (Piece(word),) if word.isalpha() else None
        return 1, self.joined.pieces(word)

    def _is_count(self, words: Sequence[str], at: int) -> bool:
        word = words[at]
        if word in self._readings:
            return False
        return self._number.fullmatch("".join(words[at : at + 2])) is not None or (
            self._number.fullmatch(word) is not None
        )


@dataclass
class _Thing:
    """A thing that is being described."""

    describing: list[str] = field(default_factory=list)
    nouns: list[str] = field(default_factory=list)
    particle: str = ""

    def phrase(self) -> str:
        return " ".join((*self.describing, *self.nouns))


class _Composer:
    """Keeps what was said until its thing comes; used once."""

    def __init__(self, korean: KoreanGrammar, readings: Mapping[str, str]) -> None:
        self._korean = korean
        self._readings = readings
        self._done: list[str] = []
        self._restart()

    def _restart(self) -> None:
        self._thing = _Thing()
        self._before: list[str] = []
        self._after: list[str] = []
        self._place = ""
        self._negated = False
        self._last = ""

    def take(self, piece: Piece, following: str) -> bool:
        """Take the next word; False if it makes no sense here."""
        korean, word = self._korean, piece.word
        if word in korean.negations_before:
            self._negated = True
            return True
        if word in korean.negations_after:
            return self._negate_last()
        if word in korean.helpers and not self._thing.nouns and not self._place:
            return True
        if word in korean.describing:
            self._thing.describing.append(korean.describing[word])
        elif word in korean.describing_people:
            self._before.append(korean.describing_people[word])
        elif word in korean.doing_to:
            return self._take_clause(korean.doing_to[word])
        elif word in korean.doing:
            self._take_action(korean.doing[word])
        elif word in korean.places and self._thing.nouns:
            self._place = f"{korean.places[word]} {self._object()}"
        else:
            return self._take_noun(piece, following)
        return True

    def finish(self) -> str | None:
        """The English phrase; None if its thing is missing."""
        if not self._close():
            return None
        return "".join(self._done)

    def _take_noun(self, piece: Piece, following: str) -> bool:
        word = piece.word
        english = self._readings.get(word, "" if has_hangul(word) else word)
        if not english:
            return False
        if self._place:
            self._after.append(self._place)
            self._place = ""
        self._thing.nouns.append(f"{english}'s" if piece.particle == "의" else english)
        self._thing.particle = piece.particle
        joins = following not in self._korean.words
        if piece.particle in _OR and following and joins:
            return self._close(" or ")
        if piece.particle in _AND and following and joins:
            return self._close(" and ")
        return True

    def _close(self, joiner: str = "") -> bool:
        if not self._thing.nouns:
            return False
        words = (*self._before, self._thing.phrase(), *self._after)
        self._done.append(" ".join(words) + joiner)
        self._restart()
        return True

    def _take_clause(self, verb: str) -> bool:
        if not self._thing.nouns:
            if not self._place or verb != "with":
                return False
            said, self._place = self._place, ""
        else:
            if self._thing.nouns[-1] in self._korean.held and verb == "wearing":
                verb = "holding"
            said = _denied(verb) if self._negated else verb
            said = f"{said} {self._object()}"
        self._negated = False
        self._after.append(said)
        self._last = verb
        return True

    def _take_action(self, action: str) -> None:
        if self._thing.nouns:
            particle = self._thing.particle
            on_or_in = "on" if action in self._korean.on_something else "in"
            accompanies = particle in _AND or particle in _SUBJECT
            self._place = f"{'with' if accompanies else on_or_in} {self._object()}"
        negated = "not " if self._negated else ""
        if self._place or negated or " " in action:
            self._after.append(" ".join(filter(None, (negated + action, self._place))))
        else:
            self._before.append(action)
        self._place, self._negated, self._last = "", False, action

    def _negate_last(self) -> bool:
        """Turn the verb before into its contrary: 쓰지 않은."""
        if self._after:
            verb, _, rest = self._after.pop().partition(" ")
            self._after.append(f"{_denied(verb)} {rest}".strip())
        elif self._before and self._last == self._before[-1]:
            self._after.append(f"not {self._before.pop()}")
        else:
            return False
        return True

    def _object(self) -> str:
        """What was described so far, with an article; the next thing starts afresh."""
        phrase = self._thing.phrase()
        self._thing = _Thing()
        last = phrase.split()[-1]
        plural = last.endswith("s") and not last.endswith(("ss", "us"))
        if plural or phrase in self._korean.uncounted or last in self._korean.uncounted:
            return phrase
        return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def _denied(verb: str) -> str:
    return "without" if verb in _HAD else f"not {verb}"


def _one_of(words: frozenset[str] | tuple[str, ...]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
