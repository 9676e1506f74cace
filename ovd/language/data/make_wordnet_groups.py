"""Write `wordnet_groups.toml` from WordNet 3.0: `python make_wordnet_groups.py /usr/share/wordnet`.

The folder is that of Debian's wordnet-base. For each thing below, whose sense in WordNet is given
by a number, the words of that sense and of its kinds are taken, if they mean nothing else.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
HEAD = """\
# Synonyms and hyponyms (words for kinds) of each concept, by its name.
# From WordNet 3.0, Copyright 2006 Princeton University; its licence is in wordnet_license.txt.
# `make_wordnet_groups.py` wrote this file.
"""
SENSES = {
    "bicycle": 1, "car": 1, "motorcycle": 1, "bus": 1, "truck": 1, "airplane": 1, "boat": 1,
    "bird": 1, "cat": 1, "dog": 1, "horse": 1, "sheep": 1, "bear": 1, "zebra": 1,
    "giraffe": 1, "backpack": 1, "umbrella": 1, "handbag": 1, "suitcase": 1,
    "sandwich": 1, "pizza": 1, "chair": 1, "couch": 1, "laptop": 1, "refrigerator": 1, "clock": 1,
    "vase": 1, "toothbrush": 1, "oven": 1, "banana": 2, "scissors": 1,
}  # fmt: skip
HYPONYMS = ("~",)
SHORTEST = 4
MISLEADING = frozenset({"passenger_vehicle", "okapi"})


class Nouns:
    """WordNet's nouns."""

    def __init__(self, folder: Path) -> None:
        """Read `index.noun` and `data.noun`."""
        self._senses: dict[str, list[str]] = {}
        for line in self._lines(folder / "index.noun"):
            columns = line.split()
            self._senses[columns[0]] = columns[-int(columns[2]) :]
        self._lemmas: dict[str, list[str]] = {}
        self._kinds: dict[str, list[str]] = {}
        for line in self._lines(folder / "data.noun"):
            columns = line.split(" | ")[0].split()
            count = int(columns[3], 16)
            pointers = columns[4 + 2 * count + 1 :]
            self._lemmas[columns[0]] = columns[4 : 4 + 2 * count : 2]
            self._kinds[columns[0]] = [
                pointers[at + 1] for at in range(0, len(pointers), 4) if pointers[at] in HYPONYMS
            ]

    def sense(self, name: str, number: int) -> str:
        """Return the synonym set of a name, numbered from 1."""
        return self._senses[name.replace(" ", "_")][number - 1]

    def below(self, sense: str) -> Iterator[str]:
        """Yield the synonym sets of all hyponyms, at every depth."""
        for kind in self._kinds[sense]:
            yield kind
            yield from self.below(kind)

    def words(self, senses: set[str]) -> set[str]:
        """Return the common words of these synonym sets that have no other meaning."""
        lemmas = {lemma for sense in senses for lemma in self._lemmas[sense]}
        return {
            lemma.replace("_", " ")
            for lemma in lemmas
            if lemma.replace("_", "").isalpha()
            and lemma.islower()
            and lemma.count("_") < 3
            and len(lemma) >= SHORTEST
            and len(self._senses[lemma]) == 1
            and lemma not in MISLEADING
        }

    def _lines(self, path: Path) -> Iterator[str]:
        lines = path.read_text(encoding="utf-8").splitlines()
        return (line for line in lines if not line.startswith("  "))


def main() -> None:
    """Write the file, without the words that belong to two concepts."""
    nouns = Nouns(Path(sys.argv[1]))
    synonyms, hyponyms = {}, {}
    for name, number in SENSES.items():
        sense = nouns.sense(name, number)
        synonyms[name] = nouns.words({sense}) - {name}
        hyponyms[name] = nouns.words(set(nouns.below(sense))) - synonyms[name] - {name}
    shared = Counter(word for words in (*synonyms.values(), *hyponyms.values()) for word in words)
    blocks = [HEAD]
    for name in SENSES:
        blocks.append(f'["{name}"]\n')
        for title, words in (("synonyms", synonyms[name]), ("hyponyms", hyponyms[name])):
            own = sorted(word for word in words if shared[word] == 1 and word not in SENSES)
            blocks.append(f"{title} = [\n" + "".join(f'  "{word}",\n' for word in own) + "]\n")
    (FOLDER / "wordnet_groups.toml").write_text("".join(blocks), encoding="utf-8")


if __name__ == "__main__":
    main()
