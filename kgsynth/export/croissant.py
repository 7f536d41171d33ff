"""``croissant.json``: the dataset described in Croissant 1.0, for loaders and search engines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from kgsynth.errors import count_of
from kgsynth.export.facts import DatasetFacts
from kgsynth.export.forms import FORMS
from kgsynth.model import SCHEMA_VERSION, FileEntry

JSON_LINES = "application/jsonlines"
_DATA_TYPES = {"text": "sc:Text", "integer": "sc:Integer"}

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


class Field(NamedTuple):
    """One column that the description names: where it lies in a line, and what it holds."""

    name: str
    column: str
    description: str
    json_path: str = ""
    data_type: str = "text"


_FORM_FIELDS = (
    Field("id", "id", "The id of the canonical row."),
    Field("form", "form", "closed: the options are listed. open: the answer is to be named."),
    Field("prompt", "prompt", "What the user asks.", "$..content"),
)
FIELDS: dict[str, tuple[Field, ...]] = {
    "examples": (
        Field("id", "id", "Hash of kind, language, question and path."),
        Field("kind", "kind", "path, qa or recall."),
        Field("language", "language", "ISO 639 code."),
        Field("origin", "origin", "The question set, or graph for a question made from a path."),
        Field("split", "split", "train or test."),
        Field("stem", "question", "The question.", "$.stem"),
        Field("key", "question", "The label of the right option.", "$.key"),
        Field("conclusion", "trace", "What the trace comes to.", "$.conclusion.text"),
        Field("hops", "difficulty", "Hops of the path.", "$.hops", "integer"),
    ),
    "sft": (*_FORM_FIELDS, Field("completion", "completion", "The reply.", "$..content")),
    "dpo": (
        *_FORM_FIELDS,
        Field("corruption", "corruption", "The damage in the rejected reply."),
        Field("chosen", "chosen", "The reply with the true trace.", "$..content"),
        Field("rejected", "rejected", "The reply with the damaged trace.", "$..content"),
    ),
    "rl": (
        *_FORM_FIELDS,
        Field("answer", "answer", "The label of the right option."),
        Field("answer_text", "answer_text", "The text of the right option."),
        Field("hops", "hops", "Hops of the path.", "", "integer"),
    ),
}
"""The columns described, by folder. They are those that every loader can hold: text, numbers."""


def render_croissant(facts: DatasetFacts, data: Iterable[FileEntry]) -> str:
    """Describe the dataset and its data files."""
    entries = list(data)
    lines = {"examples": facts.by_split(), **facts.forms}
    described = [name for name in lines if name in FIELDS]
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": facts.config.name,
        "description": _description(facts),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": f"{SCHEMA_VERSION}.0",
        "inLanguage": list(facts.languages),
        "license": list(facts.graph.licences) or ["unknown"],
        "keywords": ["knowledge graph", "multi-hop reasoning", "biomedicine", "synthetic"],
        "distribution": [
            *(_file_object(entry) for entry in entries),
            *(_file_set(name) for name in described),
        ],
        "recordSet": [_record_set(name) for name in described],
    }
    if facts.graph.released:
        document["datePublished"] = facts.graph.released
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _description(facts: DatasetFacts) -> str:
    return (
        f"{count_of(facts.total(), 'multi-hop question')} with reasoning traces, each step "
        f"of which cites statements of a biomedical knowledge graph "
        f"({'; '.join(facts.graph.sources)}). Not for care of patients."
    )


def _file_object(entry: FileEntry) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": entry.path,
        "name": entry.path,
        "contentUrl": entry.path,
        "contentSize": f"{entry.bytes} B",
        "encodingFormat": JSON_LINES,
        "sha256": entry.sha256,
    }


def _file_set(name: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{name}-files",
        "name": f"{name}-files",
        "description": f"Every shard of {name}, all splits.",
        "encodingFormat": JSON_LINES,
        "includes": f"{name}/*.jsonl",
    }


def _record_set(name: str) -> dict[str, Any]:
    purpose = FORMS[name].purpose if name in FORMS else "the canonical rows"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"One record per line: {purpose}.",
        "field": [_field(name, field) for field in FIELDS[name]],
    }


def _field(record_set: str, field: Field) -> dict[str, Any]:
    source: dict[str, Any] = {
        "fileSet": {"@id": f"{record_set}-files"},
        "extract": {"column": field.column},
    }
    if field.json_path:
        source["transform"] = {"jsonPath": field.json_path}
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{field.name}",
        "name": field.name,
        "description": field.description,
        "dataType": _DATA_TYPES[field.data_type],
        "source": source,
    }
