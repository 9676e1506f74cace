"""Write `english_words.txt`: `python make_english_words.py american-english-small`.

The list is that of Debian's wamerican-small: one word a line, names with a capital letter.
"""

import re
import sys
import textwrap
from pathlib import Path

from ovd.language.spelling.dictionary import Dictionary, Frequency, load_dictionary

FOLDER = Path(__file__).parent
SHORTEST = 3
HEAD = """\
# Ordinary English words that are no misspellings and that real_words.txt lacks or holds as rare, so
# that they are left alone. From SCOWL, Copyright 2000-2011 by Kevin Atkinson: permission to use,
# copy, modify, distribute and sell these word lists is granted without fee, provided that this
# notice appears in all copies; they are provided "as is", without warranty.
# `make_english_words.py` wrote this file.
[seldom]
"""


def main() -> None:
    """Write the words that are needed; inflections of others are not."""
    target = FOLDER / "english_words.txt"
    target.write_text(HEAD, encoding="utf-8")
    known = load_dictionary()
    typed = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    words = [word for word in typed if re.fullmatch("[a-z]+", word) and len(word) >= SHORTEST]
    missing = [word for word in words if (known.frequency_of(word) or 0) <= Frequency.RARE]
    listed = Dictionary(dict.fromkeys(missing, Frequency.SELDOM))
    needed = [word for word in missing if not listed.is_inflected(word)]
    target.write_text(HEAD + textwrap.fill(" ".join(sorted(needed)), 100) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
