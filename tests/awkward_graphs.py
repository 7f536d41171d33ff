"""Graphs that are hard to write down: markup, tabs, bars and control characters wherever text may
stand, several sources with terms of their own, names in several languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
from hypothesis import strategies as st

from kgsynth.sources.coding import (
    SPELLED_DEFINITIONS,
    SPELLED_EDGES,
    SPELLED_IDENTIFIERS,
    SPELLED_NAMES,
    code_columns,
)
from kgsynth.sources.columns import (
    IDENTIFIER_KINDS,
    NAME_KINDS,
    NODES,
    GraphColumns,
    Origin,
    SourceInfo,
)

PIECES = (
    *("a", "Ω", "é", "e\u0301", "資料", "🧬", "\u202e", "\u2028", "\x85", "\xa0"),
    *(
        " ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "|",
        "¦",
        ";",
        ",",
        '"',
        '""',
        "'",
        "`",
        "\\",
        "\\n",
        "\\u0041",
    ),
    *(
        "<",
        ">",
        "&",
        "&amp;",
        "]]>",
        "<b>",
        "<!--",
        "</data>",
        "{",
        "}",
        "[",
        "]",
        "^",
        "%41",
        "@en",
    ),
    *("\x01", "\x0b", "\x1e", "\x1f", "\x7f", "\ufeff", "\ufffe", "\uffff", "\U0010ffff"),
    *("MATCH (n) DETACH DELETE n", "=1+1", "null", "NaN", "true", "007", "1e5", "$rows", "{{x}}"),
)
texts = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)
words = texts.filter(lambda text: text.strip() != "")
names = words.filter(lambda text: text.strip("\x1c\x1d\x1e\x1f\x85\xa0\u2028 \t\r\n\x0b") != "")

ids = st.one_of(
    words,
    st.integers(0, 9).map(lambda number: f"MONDO:000000{number}"),
    st.integers(0, 9).map(lambda number: f"UMLS:C000000{number}"),
    st.sampled_from(["concept_0", "concept_1", "mondo:0000001", "A:1", "A:1 ", "A%3A1", "A:%31"]),
)
_RELATIONS = (
    *("treats", "treated_by", "is_a", "interacts_with", "not treats", "biolink:causes"),
    *("rdf:type", "rdfs:label", "glows_near", "umls:has_foo", "RO:0002434", "skos:related"),
)
relations = st.one_of(st.sampled_from(_RELATIONS), words)
types = st.one_of(
    st.sampled_from(["drug", "disease", "biolink:Gene", "umls:T999", "hetionet:Side Effect"]),
    words.filter(lambda text: "\x1f" not in text),
)
LANGUAGES = ("en", "es", "zh", "", "en-us", "x_1", "EN")


@st.composite
def awkward_graphs(draw: st.DrawFn) -> list[GraphColumns]:
    """Draw the columns of one to three sources that speak of the same concepts."""
    concepts = draw(st.lists(ids, min_size=2, max_size=6, unique=True))
    infos = draw(st.lists(_infos(), min_size=1, max_size=3))
    return [draw(_columns(concepts, info)) for info in infos]


@st.composite
def _infos(draw: st.DrawFn) -> SourceInfo:
    return SourceInfo(
        name=draw(st.one_of(st.sampled_from(["one", "two", "one (2)"]), words)),
        version=draw(st.sampled_from(["", "1", "2 <beta>"])),
        released=draw(st.sampled_from(["", "2026-11-01"])),
        licence=draw(st.one_of(st.just(""), texts)),
        complete=tuple(draw(st.lists(relations, max_size=2, unique=True))),
        restriction=draw(st.sampled_from([0, 0, 3])),
    )


@st.composite
def _columns(draw: st.DrawFn, concepts: Sequence[str], info: SourceInfo) -> GraphColumns:
    concept = st.sampled_from(concepts)
    named = draw(
        st.lists(
            st.tuples(
                concept,
                names,
                st.sampled_from(LANGUAGES),
                st.sampled_from(list(NAME_KINDS.categories)),
            ),
            max_size=10,
        )
    )
    called = draw(
        st.lists(
            st.tuples(concept, words, st.sampled_from(list(IDENTIFIER_KINDS.categories))),
            max_size=4,
        )
    )
    defined = draw(st.lists(st.tuples(concept, names), max_size=3))
    stated = draw(
        st.lists(
            st.tuples(
                concept,
                relations,
                concept,
                st.one_of(st.just(""), texts),
                st.one_of(st.just(""), words),
            ),
            max_size=8,
        )
    )
    # A graph without any statement is refused, so one is always there.
    stated.append((concepts[0], "causes", concepts[1], "", ""))
    columns = code_columns(
        sources=[info],
        nodes=pl.DataFrame(
            [(c, draw(st.lists(types, max_size=3, unique=True))) for c in concepts],
            schema=NODES,
            orient="row",
        ),
        names=pl.DataFrame(named, schema=SPELLED_NAMES, orient="row"),
        identifiers=pl.DataFrame(called, schema=SPELLED_IDENTIFIERS, orient="row"),
        definitions=pl.DataFrame(defined, schema=SPELLED_DEFINITIONS, orient="row"),
        edges=pl.DataFrame(
            stated,
            schema={**SPELLED_EDGES, "licence": pl.String, "evidence": pl.String},
            orient="row",
        ),
    )
    # Terms that no statement is under are terms all the same.
    spare = Origin(0, draw(st.sampled_from(["", "spare"])))
    known = columns.origins
    return replace(columns, origins=known if spare in known else (*known, spare))
