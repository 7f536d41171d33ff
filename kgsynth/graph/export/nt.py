"""N-Triples: a concept is an OWL class, a statement a triple, is-a is ``rdfs:subClassOf``.

Names are labels and OBO's synonyms with their language, types are Biolink's categories. What is
to be said of a triple itself (who gives it, on what terms, on what evidence) hangs on it as an
``owl:Axiom``. That takes five lines, so the most common source and the most common terms are
said once, at the head of the file, and hold wherever nothing else is said.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import polars as pl

from kgsynth.graph.export.batches import Batches
from kgsynth.graph.export.iris import category_iris, concept_iris, relation_iris
from kgsynth.graph.export.texts import new_file, write_lines
from kgsynth.sources.rdf import words as w

ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    **{chr(c): f"\\u{c:04X}" for c in (*range(0x20), 0x7F) if chr(c) not in "\n\r\t"},
}
TAG = r"^[a-z]{2,8}(-[a-z0-9]{1,8})*$"


def write(batches: Batches, output: Path) -> None:
    """Write a store as N-Triples."""
    triples = _Triples(batches)
    with new_file(output) as file:
        triples.write_head(file)
        for nodes in batches.nodes():
            for lines in triples.of_nodes(nodes):
                write_lines(file, lines)
        for edges in batches.edges():
            for lines in triples.of_edges(edges):
                write_lines(file, lines)
        triples.write_end(file)


class _Triples:
    """Spells concepts and statements; axioms are numbered through the whole file."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._concepts = bracketed(concept_iris(batches.ids))
        self._categories = category_iris(batches.graph.manifest.types)
        self._relations = relation_iris(batches.predicates)
        self._predicates = bracketed(pl.Series(self._relations, dtype=pl.String))
        self._usual_source = batches.usual_source
        self._usual_set = batches.usual_set
        self._sets = pl.Series(batches.graph.tables.origin_sets, dtype=pl.List(pl.UInt32))
        self._axioms = 0

    # --- the head ------------------------------------------------------------------------------

    def write_head(self, file: BinaryIO) -> None:
        """Say what holds for the whole file, and what its relations and types are called."""
        batches = self._batches
        usual = self._sets[self._usual_set].to_list()
        lines = [
            f"_:export {_iri(w.TYPE)} {_iri(w.EXPORT)} .",
            f"_:export {_iri(w.ABOUT)} {_literal(batches.about.model_dump_json())} .",
            f"_:export {_iri(w.USUAL_SOURCE)} {_literal(self._usual_source)} .",
            *(f"_:export {_iri(w.USUAL_ORIGIN)} _:origin{at} ." for at in usual),
        ]
        for at, origin in enumerate(batches.origins):
            lines += [
                f"_:origin{at} {_iri(w.SOURCE)} {_literal(origin.source)} .",
                f"_:origin{at} {_iri(w.LICENCE)} {_literal(origin.licence)} .",
            ]
        relations = zip(self._relations, batches.predicates, strict=True)
        lines += [f"{_iri(iri)} {_iri(w.RELATION)} {_literal(name)} ." for iri, name in relations]
        types = self._categories.items()
        lines += [f"{_iri(iri)} {_iri(w.SORT)} {_literal(name)} ." for name, iri in types]
        write_lines(file, pl.Series(lines))

    def write_end(self, file: BinaryIO) -> None:
        """Say how many axioms there are, by which a file that was cut is told."""
        write_lines(file, pl.Series([f"_:export {_iri(w.AXIOMS)} {_literal(str(self._axioms))} ."]))

    # --- concepts ------------------------------------------------------------------------------

    def of_nodes(self, nodes: pl.DataFrame) -> list[pl.Series]:
        """Spell some concepts."""
        iris = self._concepts.gather(nodes["code"]).alias("iri")
        frame = nodes.with_columns(iris)
        ids = literals(nodes["id"])
        listed = frame.select("iri", "types").explode("types", empty_as_null=False)
        categories = listed["types"].replace_strict(self._categories, return_dtype=pl.String)
        others = _listed(frame, "identifiers")
        kinds = others["kind"].replace_strict(w.IDENTIFIERS, return_dtype=pl.String)
        return [
            lines_of(iris, _iri(w.TYPE), _iri(w.CLASS)),
            lines_of(iris, _iri(w.ID), ids),
            lines_of(listed["iri"], _iri(w.CATEGORY), bracketed(categories)),
            *self._names(_listed(frame, "names")),
            lines_of(others["iri"], bracketed(kinds), literals(others["text"])),
            *self._definitions(_listed(frame, "definitions")),
        ]

    def _names(self, names: pl.DataFrame) -> list[pl.Series]:
        kinds = names["kind"].replace_strict(w.SYNONYMS, return_dtype=pl.String)
        triples = pl.DataFrame(
            {
                "subject": names["iri"],
                "predicate": bracketed(kinds),
                "object": literals(names["text"]) + tags(names["language"]),
            }
        )
        is_other = names["source"] != self._usual_source
        is_short = names["kind"] == "abbreviation"
        said = names.with_columns(
            pl.when(pl.Series(is_other)).then(literals(names["source"])).alias("source"),
            pl.when(pl.Series(is_short)).then(pl.lit(_iri(w.ABBREVIATION))).alias("short"),
        )
        marked = is_other | is_short
        axioms = self._axioms_of(triples.filter(marked))
        said = said.filter(marked)
        return [
            lines_of(*triples.get_columns()),
            *_lines_of_axioms(axioms),
            lines_of(axioms["axiom"], _iri(w.SOURCE), said["source"]),
            lines_of(axioms["axiom"], _iri(w.SYNONYM_TYPE), said["short"]),
        ]

    def _definitions(self, definitions: pl.DataFrame) -> list[pl.Series]:
        triples = definitions.select(
            pl.col("iri").alias("subject"), pl.lit(_iri(w.DEFINITION)).alias("predicate")
        ).with_columns(literals(definitions["text"]).alias("object"))
        is_other = definitions["source"] != self._usual_source
        axioms = self._axioms_of(triples.filter(is_other))
        sources = literals(definitions["source"].filter(is_other))
        return [
            lines_of(*triples.get_columns()),
            *_lines_of_axioms(axioms),
            lines_of(axioms["axiom"], _iri(w.SOURCE), sources),
        ]

    # --- statements ----------------------------------------------------------------------------

    def of_edges(self, edges: pl.DataFrame) -> list[pl.Series]:
        """Spell some statements."""
        triples = pl.DataFrame(
            {
                "subject": self._concepts.gather(edges["subject"]),
                "predicate": self._predicates.gather(edges["predicate"]),
                "object": self._concepts.gather(edges["object"]),
            }
        )
        is_other = edges["origins"] != self._usual_set
        marked = is_other | edges["evidence"].is_not_null()
        axioms = self._axioms_of(triples.filter(marked))
        said = axioms.hstack(
            edges.filter(marked).select(
                pl.when(pl.col("origins") != self._usual_set)
                .then(self._sets.gather(edges.filter(marked)["origins"]))
                .alias("origins"),
                "evidence",
            )
        )
        origins = said.select("axiom", "origins").explode("origins").drop_nulls()
        labels = origins.select(pl.concat_str(pl.lit("_:origin"), "origins")).to_series()
        evidence = said.select("axiom", "evidence").explode("evidence").drop_nulls()
        return [
            lines_of(*triples.get_columns()),
            *_lines_of_axioms(axioms),
            lines_of(origins["axiom"], _iri(w.ORIGIN), labels),
            lines_of(evidence["axiom"], _iri(w.EVIDENCE), literals(evidence["evidence"])),
        ]

    def _axioms_of(self, triples: pl.DataFrame) -> pl.DataFrame:
        """Give each triple a node that things can be said of."""
        first, self._axioms = self._axioms, self._axioms + triples.height
        number = pl.int_range(first, self._axioms, dtype=pl.Int64)
        return triples.with_columns(pl.concat_str(pl.lit("_:a"), number).alias("axiom"))


def _lines_of_axioms(axioms: pl.DataFrame) -> list[pl.Series]:
    return [
        lines_of(axioms["axiom"], _iri(w.TYPE), _iri(w.AXIOM)),
        lines_of(axioms["axiom"], _iri(w.SUBJECT), axioms["subject"]),
        lines_of(axioms["axiom"], _iri(w.PREDICATE), axioms["predicate"]),
        lines_of(axioms["axiom"], _iri(w.OBJECT), axioms["object"]),
    ]


def _listed(frame: pl.DataFrame, what: str) -> pl.DataFrame:
    """Give each item of a list a row."""
    rows = frame.select("iri", what).filter(pl.col(what).list.len() > 0)
    return rows.explode(what).unnest(what)


# --- terms -----------------------------------------------------------------------------------


def lines_of(subject: pl.Series, predicate: str | pl.Series, object_: str | pl.Series) -> pl.Series:
    """Write triples; one that lacks its object is left out."""
    frame = subject.alias("s").to_frame()
    parts = [
        pl.lit(part) if isinstance(part, str) else pl.Series(part) for part in (predicate, object_)
    ]
    frame = frame.with_columns(parts[0].alias("p"), parts[1].alias("o"))
    return (
        frame.select(pl.concat_str("s", "p", "o", pl.lit("."), separator=" "))
        .to_series()
        .drop_nulls()
    )


def _iri(iri: str) -> str:
    return f"<{iri}>"


def bracketed(iris: pl.Series) -> pl.Series:
    """Write a column of IRIs."""
    return pl.select(pl.concat_str(pl.lit("<"), iris, pl.lit(">"))).to_series()


def _literal(text: str) -> str:
    return str(literals(pl.Series([text]))[0])


def literals(texts: pl.Series) -> pl.Series:
    """Write a column of texts.

    >>> literals(pl.Series(['say "a\\\\b"\\n\\x01'])).to_list()
    ['"say \\\\"a\\\\\\\\b\\\\"\\\\n\\\\u0001"']
    """
    escaped = texts.str.replace_many(list(ESCAPES), list(ESCAPES.values()))
    return pl.select(pl.concat_str(pl.lit('"'), escaped, pl.lit('"'))).to_series()


def tags(languages: pl.Series) -> pl.Series:
    """Write the tags of languages; what is no tag is spelled in numbers, as a private one."""
    spelled = {language: _tag(language) for language in languages.unique().to_list()}
    return languages.replace_strict(spelled, return_dtype=pl.String)


def _tag(language: str) -> str:
    if not language:
        return ""
    if pl.Series([language]).str.contains(TAG)[0] and not language.startswith("x-"):
        return f"@{language}"
    digits = language.encode().hex()
    return f"@{w.PRIVATE_TAG}" + "-".join(digits[at : at + 8] for at in range(0, len(digits), 8))
