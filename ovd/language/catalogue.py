"""A catalogue of what can be typed: examples that the detector in use can count."""

from collections.abc import Iterable, Iterator

from ovd.domain.ports import QueryReader
from ovd.errors import QueryError
from ovd.texts.catalogue import EXAMPLES, ExampleList, Examples
from ovd.texts.languages import Language


def list_examples(reader: QueryReader, language: Language) -> Examples:
    """Return the examples of a language that the reader's detector supports.

    A preset keeps what is left of it, if that is more than one query.

    Args:
        reader: Tells what is supported.
        language: Language of titles and queries.
    """
    examples = EXAMPLES[language]
    supported = _find_supported(reader, (*examples.topics, *examples.presets))
    return Examples(
        tuple(_keep(examples.topics, supported, 1)), tuple(_keep(examples.presets, supported, 2))
    )


def _find_supported(reader: QueryReader, lists: Iterable[ExampleList]) -> frozenset[str]:
    texts = {text for listed in lists for text in listed.queries}
    return frozenset(text for text in texts if _is_supported(reader, text))


def _is_supported(reader: QueryReader, text: str) -> bool:
    try:
        return reader.read(text).supported
    except QueryError:
        return False


def _keep(
    lists: Iterable[ExampleList], supported: frozenset[str], least: int
) -> Iterator[ExampleList]:
    for listed in lists:
        queries = tuple(text for text in listed.queries if text in supported)
        if len(queries) >= least:
            yield ExampleList(listed.title, queries)
