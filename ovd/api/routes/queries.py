"""The saved queries, and how a text is read."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path

from ovd.api.context import Context, Operator, Viewer
from ovd.api.models.answers import Items
from ovd.api.models.queries import QueryBody, QueryExamples, Reading, Readings, SavedQuery
from ovd.domain.names import name_key
from ovd.domain.query import Query
from ovd.errors import ConflictError, NotFoundError
from ovd.language.catalogue import list_examples
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
    query = context.services.reader.read(body.text)
    if not context.services.store.saved_queries.add(query.text):
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
def read_query(body: QueryBody, context: Context, who: Viewer) -> Readings:
    """Tell how a text is understood; nothing is saved."""
    return Readings(
        queries=[describe_reading(q) for q in context.services.reader.read_many(body.text)]
    )


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


def _id_of(text: str) -> str:
    """Return an id that never changes its meaning: another text has another one."""
    return hashlib.sha256(name_key(text).encode()).hexdigest()[:12]


def _describe(text: str) -> SavedQuery:
    return SavedQuery(id=_id_of(text), text=text)
