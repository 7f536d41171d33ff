"""JSON Schemas of everything that is written, made from the records themselves.

``python -m kgsynth.export.schemas`` writes them into ``schemas/``; a test holds the committed
ones to what the records say.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from kgsynth.config import BuildConfig
from kgsynth.export.forms import FORMS
from kgsynth.model import (
    SCHEMA_VERSION,
    Answer,
    Concept,
    Funnel,
    Hub,
    Manifest,
    Rejected,
    Row,
    Statement,
)
from kgsynth.resources import locate

DRAFT = "https://json-schema.org/draft/2020-12/schema"

WRITTEN: dict[str, type[BaseModel]] = {
    "row": Row,
    "rejected": Rejected,
    "statement": Statement,
    "concept": Concept,
    "hub": Hub,
    "answer": Answer,
    "manifest": Manifest,
    "funnel": Funnel,
}
"""Records that are always written whole, a field at its default too."""


class _WrittenWhole(GenerateJsonSchema):
    """Every field is required: we write them all, so a line that lacks one is damaged."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return True


def render_schemas() -> dict[str, str]:
    """Return the text of each schema file by its name.

    >>> sorted(render_schemas())[0]
    'answer.schema.json'
    """
    forms = {f"{name}-row": form.record for name, form in FORMS.items()}
    schemas = {name: _schema(name, record, "whole") for name, record in WRITTEN.items()}
    schemas |= {name: _schema(name, record, "sparse") for name, record in forms.items()}
    schemas["build-file"] = _schema("build-file", BuildConfig, "sparse")
    return {f"{name}.schema.json": text for name, text in sorted(schemas.items())}


def _schema(name: str, record: type[BaseModel], kind: Literal["whole", "sparse"]) -> str:
    """Write one schema; in a sparse one a field with a default may be left out."""
    if kind == "whole":
        body = record.model_json_schema(mode="serialization", schema_generator=_WrittenWhole)
    else:
        body = record.model_json_schema(mode="validation")
    head = {"$schema": DRAFT, "$id": f"urn:kgsynth:schema:{name}:{SCHEMA_VERSION}"}
    return json.dumps({**head, **body}, ensure_ascii=False, indent=2) + "\n"


def main(arguments: list[str]) -> None:
    """Write the schemas into a folder, ``schemas/`` unless another is named."""
    folder = Path(arguments[0]) if arguments else locate("schemas")
    for name, text in render_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
