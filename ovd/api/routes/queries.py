"""The saved queries, and how a text is read."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path

from ovd.api.context import Context, Operator, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.queries import (
    NamedReading,
    QueryBody,
    QueryExamples,
    ReadBody,
    Reading,
    Readings,
    SavedQuery,
)
from ovd.domain.names import name_key
from ovd.domain.query import Query
from ovd.errors import ConflictError, NotFoundError
from ovd.language.catalogue import list_examples
from ovd.language.korean.names import describe_notes, name_reading
from ovd.services.queries import Alias, find_same
from ovd.texts.languages import Language

router = APIRouter(prefix="/queries", tags=["queries"])


@router.get("")
def list_queries(context: Context, who: Viewer) -> Items[SavedQuery]:
    """List the saved queries, oldest first."""
    texts = context.services.store.saved_queries.all()
    return Items[SavedQuery](items=[_describe(text) for text in texts])


@router.post("", status_code=201)
def add_query(body: QueryBody, context: Context, who: Operator) -> SavedQuery:
    """Save a query; cameras without queries of their own count it."""
    reader, saved = context.services.reader, context.services.store.saved_queries
    query = reader.read(body.text)
    same = find_same(query, [reader.read(text) for text in saved.all()])
    if same is not None and same.text.casefold() != query.text.casefold():
        raise ConflictError(f"the query {Alias(query.text, same.text)}, which is saved")
    if not saved.add(query.text):
        raise ConflictError(f"the query {query.text!r} is saved already")
    context.note(who, "queries.add", query.text)
    return _describe(query.text)


@router.get("/examples")
def list_query_examples(
    context: Context, who: Viewer, lang: Language = Language.EN
) -> QueryExamples:
    """Tell what can be typed, by topic and by place, of what the detector can count."""
    return QueryExamples.model_validate(
        list_examples(context.services.reader, lang), from_attributes=True
    )


@router.post("/read")
def read_query(body: ReadBody, context: Context, who: Viewer) -> Readings:
    """Tell how a text is understood; nothing is saved."""
    read = context.services.reader.read_many(body.text)
    return Readings(queries=[name_reading_of(query, body.lang) for query in read])


@router.delete("/{query_id}", status_code=204)
def remove_query(
    query_id: Annotated[str, Path(max_length=64)], context: Context, who: Operator
) -> None:
    """Take a query off the list; everything counted for it stays."""
    saved = context.services.store.saved_queries
    text = next((text for text in saved.all() if _id_of(text) == query_id), None)
    if text is None or not saved.remove(text):
        raise NotFoundError("there is no saved query of that id")
    context.note(who, "queries.remove", text)


def describe_reading(query: Query) -> Reading:
    """Return how a query was understood."""
    return Reading(
        query=query.text,
        read_as=query.read_as,
        supported=query.supported,
        note=query.note,
        min_score=query.min_score,
    )


def name_reading_of(query: Query, language: Language) -> NamedReading:
    """Return how a query was understood, with name and note in a language."""
    note = describe_notes(query.notes, language) if language is not Language.EN else ""
    told = describe_reading(query).model_dump() | {"note": note or query.note}
    return NamedReading(**told, name=name_reading(query.read_as, language))


def _id_of(text: str) -> str:
    """Return an id that never changes its meaning: another text has another one."""
    return hashlib.sha256(name_key(text).encode()).hexdigest()[:12]


def _describe(text: str) -> SavedQuery:
    return SavedQuery(id=_id_of(text), text=text)
