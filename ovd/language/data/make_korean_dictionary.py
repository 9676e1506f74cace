"""Write `korean_dictionary.txt` from mecab-ko-dic: `python make_korean_dictionary.py sys.dic`.

`sys.dic` lies in the wheel of python-mecab-ko-dic 2.1.1.post2 on PyPI. Words of the other lists are
left out. Its layout: a head of 40 bytes and a character set of 32, then a double array, tokens of
16 bytes, and the features that these point to.
"""

import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
HEAD = """\
# Korean nouns of a large dictionary, dialect and rare ones among them, so that they are left alone.
# From mecab-ko-dic 2.1.1, https://bitbucket.org/eunjeon/mecab-ko-dic, by the eunjeon project,
# Apache-2.0. Common nouns of two or three syllables were taken, and undivided ones up to five.
# `make_korean_dictionary.py` wrote this file.
[obscure]
"""
PER_LINE = 16
ALWAYS_UP_TO = 3
HANGUL = re.compile("[가-힣]{2,5}")


def read_features(dictionary: bytes) -> Iterator[list[str]]:
    """Yield the columns of each word: part of speech, class, final, reading, kind, parts."""
    sizes = struct.unpack_from("<10I", dictionary)
    tokens, features = 72 + sizes[6], 72 + sizes[6] + sizes[7]
    for token in range(tokens, features, 16):
        (start,) = struct.unpack_from("<I", dictionary, token + 8)
        end = dictionary.index(b"\0", features + start)
        yield dictionary[features + start : end].decode().split(",")


def is_wanted(columns: list[str]) -> bool:
    """Return whether a word is a common noun, and short or undivided."""
    if columns[0] != "NNG" or not HANGUL.fullmatch(columns[3]):
        return False
    return len(columns[3]) <= ALWAYS_UP_TO or columns[4] == "*"


def main() -> None:
    """Write the file."""
    listed = set((FOLDER / "korean_nouns.txt").read_text(encoding="utf-8").split())
    features = read_features(Path(sys.argv[1]).read_bytes())
    words = sorted({columns[3] for columns in features if is_wanted(columns)} - listed)
    rows = (" ".join(words[at : at + PER_LINE]) for at in range(0, len(words), PER_LINE))
    text = HEAD + "\n".join(rows) + "\n"
    (FOLDER / "korean_dictionary.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
