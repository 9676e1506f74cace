"""Examples of bodies in the specification: each body has one, and its own model accepts it."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from pydantic import ValidationError

from ovd.api.app import build_api
from ovd.api.models.answers import RequestBody

FORM = "multipart/form-data"
SPECIFICATION: dict[str, Any] = build_api(None).openapi()  # type: ignore[arg-type]
SCHEMAS: dict[str, Any] = SPECIFICATION["components"]["schemas"]


def bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Operation, name of the model and content of every body."""
    for path, methods in SPECIFICATION["paths"].items():
        for method, operation in methods.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                yield f"{method.upper()} {path}", name, content


def examples_of(name: str, content: dict[str, Any]) -> list[Any]:
    return [content["example"]] if "example" in content else SCHEMAS[name].get("examples", [])


def models(of: type[RequestBody] = RequestBody) -> Iterator[type[RequestBody]]:
    for model in of.__subclasses__():
        yield model
        yield from models(model)


def test_each_body_has_an_example_that_fits_its_schema():
    without, wrong, seen = [], [], 0
    for operation, name, content in bodies():
        seen += 1
        examples = examples_of(name, content)
        if not examples:
            without.append(operation)
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
        validator = jsonschema_rs.Draft202012Validator(schema)
        wrong += [operation for example in examples if not validator.is_valid(example)]

    assert (without, wrong) == ([], [])
    assert seen > 30


def test_example_of_json_is_accepted_by_its_own_model():
    known = {model.__name__: model for model in models()}
    refused, seen = [], 0
    for operation, name, content in bodies():
        for example in examples_of(name, content) if name in known else ():
            seen += 1
            try:
                known[name].model_validate(example)
            except ValidationError as error:
                refused.append((operation, str(error)))

    assert refused == []
    assert seen > 25
