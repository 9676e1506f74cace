"""Examples of multipart forms for the specification; those of JSON bodies stand at their models."""


def form_example(**fields: str | bool | list[str]) -> dict[str, object]:
    """Return the addition to a route that shows an example of its form.

    Args:
        fields: Values by field; of a file, its name.
    """
    return {"requestBody": {"content": {"multipart/form-data": {"example": fields}}}}
