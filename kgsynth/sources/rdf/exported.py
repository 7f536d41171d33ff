"""N-Triples that kgsynth wrote, read back without loss.

Lines are parted as columns, not parsed one by one, and joined once all are there: their order
means nothing. A line that is no triple is set aside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.columns import DROPPED, GraphColumns, Progress, silent
from kgsynth.sources.exported import CONCEPTS, STATEMENTS, About, columns_of, read_about
from kgsynth.sources.lines import numbered_lines
from kgsynth.sources.opening import Block, blocks, opened
from kgsynth.sources.rdf import words as w
from kgsynth.sources.tables.layout import reject

HEAD_BYTES = 1 << 16
BLOCK_BYTES = 16 << 20
NODE, IRI = r"(<[^<>\s]+>|_:\S+)", r"(<[^<>\s]+>)"
TEXT = r'"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+)?'
TRIPLE = rf"^{NODE} {IRI} (<[^<>\s]+>|_:\S+|{TEXT}) \.$"
LITERAL = r'^"(.*)"(?:@([A-Za-z0-9-]+))?$'
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
STAND_IN = "\ufffd"
"""For what is escaped and no character."""

_NAME_KINDS = {
    w.LABEL: "preferred",
    **{iri: kind for kind, iri in w.SYNONYMS.items() if kind not in ("preferred", "abbreviation")},
}
_IDENTIFIER_KINDS = {iri: kind for kind, iri in w.IDENTIFIERS.items()}
_OF_AXIOMS = (w.SUBJECT, w.PREDICATE, w.OBJECT, w.SYNONYM_TYPE, w.ORIGIN, w.EVIDENCE)
_OF_HEAD = (w.ABOUT, w.USUAL_SOURCE, w.USUAL_ORIGIN, w.RELATION, w.SORT, w.AXIOMS)
_OF_CONCEPTS = (w.ID, w.CATEGORY, w.DEFINITION, *_NAME_KINDS, *_IDENTIFIER_KINDS)
_STRUCTURE = (w.SOURCE, w.LICENCE, *_OF_AXIOMS, *_OF_HEAD, *_OF_CONCEPTS)


def is_exported(path: Path) -> bool:
    """Tell whether a file of N-Triples is an export of ours."""
    if not path.is_file():
        return False
    with opened(path) as file:
        return w.EXPORT.encode() in file.read(HEAD_BYTES)


def read(path: Path, progress: Progress = silent) -> GraphColumns:
    """Read a file that kgsynth wrote."""
    return _Triples(path, progress).columns()


class _Triples:
    """The triples of a file by their predicates."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path = path
        # What stands in many triples is held once, and they hold its number.
        self._term = pl.Categorical(pl.Categories.random("rdf"))
        self._of = {iri: [self._ends(iri).to_frame()] for iri in _STRUCTURE}
        self._stated = pl.Schema({**self._ends(""), "p": self._term})
        self._others = [self._stated.to_frame()]
        self._dropped = [DROPPED.to_frame()]
        done = 0
        for block in blocks(path, block_bytes=BLOCK_BYTES):
            self._add(block)
            done += len(block.data)
            progress(f"reading {path.name}", done, 0)

    def _ends(self, predicate: str) -> pl.Schema:
        """Return how the triples of a predicate are held: terms that are shared, and texts."""
        text, term = pl.String(), self._term
        subject = text if predicate in (*_OF_AXIOMS, *_OF_HEAD, w.SOURCE, w.LICENCE) else term
        shared = predicate in ("", w.SUBJECT, w.PREDICATE, w.OBJECT, w.DEFINITION, *_NAME_KINDS)
        return pl.Schema({"row": pl.Int64(), "s": subject, "o": term if shared else text})

    def _add(self, block: Block) -> None:
        lines = numbered_lines(self._path, block)
        parts = pl.col("line").str.extract_groups(TRIPLE)
        parted = lines.with_columns(
            parts.struct.rename_fields(["s", "p", "o"]).alias("parts")
        ).unnest("parts")
        blank = pl.col("line").str.contains(r"^\s*(#|$)")
        table = reject(
            parted,
            pl.when(blank)
            .then(pl.lit("blank-line"))
            .when(pl.col("s").is_null())
            .then(pl.lit("malformed-line")),
        )
        self._dropped.append(table.dropped)
        rows = table.rows.select("row", "s", "o", bare("p"))
        for (word,), part in rows.partition_by("p", as_dict=True).items():
            predicate = str(word)
            if predicate in self._of:
                self._of[predicate].append(part.drop("p").cast(self._ends(predicate)))
            elif predicate != w.TYPE:  # a class, an axiom: that is plain from the rest
                self._others.append(part.select(self._stated.names()).cast(self._stated))

    def _all(self, *predicates: str) -> pl.DataFrame:
        """Return the triples of some predicates: columns ``row``, ``s``, ``p``, ``o``."""
        return pl.concat(
            pl.concat(self._of[p]).with_columns(pl.lit(p).cast(self._term).alias("p"))
            for p in predicates
        )

    # --- the whole -----------------------------------------------------------------------------

    def columns(self) -> GraphColumns:
        """Make one graph of it."""
        about = self._about()
        axioms = self._axioms()
        ids = self._all(w.ID).select(pl.col("s").alias("iri"), literal("o").alias("id"))
        relations = self._called(w.RELATION)
        others = pl.concat(self._others)
        named = pl.Series(list(relations), dtype=pl.String).cast(self._term)
        known = pl.col("p").is_in(named.implode()) & ~pl.col("o").cat.starts_with('"')
        stated = others.filter(known)
        counted = {
            "foreign-triple": others.height - stated.height,
            "missing-row": self._lost_axioms(axioms.height) if about.statements else 0,
        }
        return columns_of(
            about,
            self._concepts(ids, axioms),
            self._statements(stated, ids, relations, axioms),
            file=self._path.name,
            dropped=self._dropped,
            counted=counted,
        )

    def _about(self) -> About:
        told = self._all(w.ABOUT)
        if told.height != 1:
            raise SourceError(
                f"{self._path} says {told.height} times what its sources are.",
                remedy="Export each graph to a file of its own, and compile them together.",
            )
        text = told.select(literal("o")).item()
        return read_about(text, f"{self._path}, line {told['row'][0]}")

    def _lost_axioms(self, held: int) -> int:
        """Count the axioms that are gone; one at least where the last line is."""
        told = self._all(w.AXIOMS).select(literal("o").cast(pl.Int64, strict=False))
        stated = told.to_series().drop_nulls().to_list() or [held + 1]
        return max(0, int(max(stated)) - held)

    def _called(self, predicate: str) -> dict[str, str]:
        """Return what IRIs are called."""
        return dict(self._all(predicate).select(bare("s"), literal("o")).iter_rows())

    def _axioms(self) -> pl.DataFrame:
        """List what is said of triples: ``s``, ``p``, ``o`` and ``axiom``, its node."""
        ends = [
            self._all(iri).select(pl.col("s").alias("axiom"), pl.col("o").alias(end))
            for iri, end in ((w.SUBJECT, "s"), (w.PREDICATE, "p"), (w.OBJECT, "o"))
        ]
        joined = ends[0].join(ends[1], on="axiom").join(ends[2], on="axiom")
        return joined.with_columns(bare("p").cast(self._term))

    # --- concepts ------------------------------------------------------------------------------

    def _concepts(self, ids: pl.DataFrame, axioms: pl.DataFrame) -> pl.DataFrame:
        parts = {
            "types": self._types(),
            "names": self._names(axioms),
            "identifiers": self._identifiers(),
            "definitions": self._definitions(axioms),
        }
        concepts = ids
        for name, part in parts.items():
            said = pl.col(part.columns[1]) if name == "types" else pl.struct(part.columns[1:])
            held = part.group_by("iri", maintain_order=True).agg(said.alias(name))
            concepts = concepts.join(held, on="iri", how="left", maintain_order="left")
        return concepts.with_columns(pl.col(name).fill_null([]) for name in parts).select(
            CONCEPTS.names()
        )

    def _types(self) -> pl.DataFrame:
        names = self._called(w.SORT)
        return self._all(w.CATEGORY).select(
            pl.col("s").alias("iri"), bare("o").replace(names).alias("type")
        )

    def _names(self, axioms: pl.DataFrame) -> pl.DataFrame:
        short = self._all(w.SYNONYM_TYPE).filter(bare("o") == w.ABBREVIATION)
        is_short = pl.col("axiom").is_in(short["s"].implode())
        rows = self._sourced(self._all(*_NAME_KINDS), axioms)
        kind = pl.col("p").cast(pl.String).replace_strict(_NAME_KINDS)
        return rows.select(
            pl.col("s").alias("iri"),
            literal("o").alias("text"),
            language("o").alias("language"),
            pl.when(is_short).then(pl.lit("abbreviation")).otherwise(kind).alias("kind"),
            "source",
        )

    def _definitions(self, axioms: pl.DataFrame) -> pl.DataFrame:
        rows = self._sourced(self._all(w.DEFINITION), axioms)
        return rows.select(pl.col("s").alias("iri"), literal("o").alias("text"), "source")

    def _sourced(self, rows: pl.DataFrame, axioms: pl.DataFrame) -> pl.DataFrame:
        """Find the source of each name or definition, and the node of what is said of it."""
        usual = self._all(w.USUAL_SOURCE).select(literal("o")).to_series()
        given = self._all(w.SOURCE).select(pl.col("s").alias("axiom"), literal("o").alias("source"))
        return (
            rows.join(axioms, on=["s", "p", "o"], how="left", maintain_order="left")
            .join(given, on="axiom", how="left", maintain_order="left")
            .with_columns(pl.col("source").fill_null(usual[0] if len(usual) else ""))
        )

    def _identifiers(self) -> pl.DataFrame:
        kind = pl.col("p").cast(pl.String).replace_strict(_IDENTIFIER_KINDS)
        return self._all(*_IDENTIFIER_KINDS).select(
            pl.col("s").alias("iri"), literal("o").alias("text"), kind.alias("kind")
        )

    # --- statements ----------------------------------------------------------------------------

    def _statements(
        self,
        stated: pl.DataFrame,
        ids: pl.DataFrame,
        relations: Mapping[str, str],
        axioms: pl.DataFrame,
    ) -> pl.DataFrame:
        proofs = (
            self._all(w.EVIDENCE)
            .select(pl.col("s").alias("axiom"), literal("o").alias("evidence"))
            .group_by("axiom", maintain_order=True)
            .agg("evidence")
        )
        rows = stated.join(axioms, on=["s", "p", "o"], how="left", maintain_order="left")
        for said in (self._origins_of(w.ORIGIN).rename({"s": "axiom"}), proofs):
            rows = rows.join(said, on="axiom", how="left", maintain_order="left")
        for end, ours in (("s", "subject"), ("o", "object")):
            known = ids.rename({"iri": end, "id": ours})
            rows = rows.join(known, on=end, how="left", maintain_order="left")
        names = pl.col("p").cast(pl.String).replace_strict(relations, return_dtype=pl.String)
        usual = self._origins_of(w.USUAL_ORIGIN)
        return rows.with_columns(
            pl.col("subject").fill_null(pl.col("s").cast(pl.String)),
            pl.col("object").fill_null(pl.col("o").cast(pl.String)),
            names.alias("predicate"),
            *(
                pl.col(what).fill_null(pl.lit(usual[what].explode().to_list(), STATEMENTS[what]))
                for what in ("sources", "licences")
            ),
            pl.col("evidence").fill_null([]),
        ).select(STATEMENTS.names())

    def _origins_of(self, predicate: str) -> pl.DataFrame:
        """List the ``sources`` and ``licences`` that a predicate hangs on each ``s``."""
        source, licence = (
            self._all(word).select(pl.col("s").alias("o"), literal("o").alias(name))
            for word, name in ((w.SOURCE, "sources"), (w.LICENCE, "licences"))
        )
        return (
            self._all(predicate)
            .join(source.join(licence, on="o"), on="o", maintain_order="left")
            .group_by("s", maintain_order=True)
            .agg("sources", "licences")
        )


# --- terms --------------------------------------------------------------------------------------


def bare(column: str) -> pl.Expr:
    """Take the brackets off a column of IRIs."""
    return pl.col(column).cast(pl.String).str.strip_prefix("<").str.strip_suffix(">")


def literal(column: str) -> pl.Expr:
    """Read the texts of a column of literals."""
    text = pl.col(column).cast(pl.String).str.extract(LITERAL, 1)
    return text.map_batches(unescaped, return_dtype=pl.String)


def unescaped(texts: pl.Series) -> pl.Series:
    """Read what is escaped.

    >>> unescaped(pl.Series(['say \\\\"a\\\\\\\\n\\\\"', "\\\\u00e9"])).to_list()
    ['say "a\\\\n"', 'é']
    """
    marked = texts.str.contains("\\", literal=True).arg_true()
    if marked.is_empty():
        return texts
    return texts.scatter(marked, [ESCAPE.sub(_meant, text) for text in texts.gather(marked)])


def _meant(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    if not digits:
        return ESCAPED.get(found[3], found[3])
    code = int(digits, 16)
    is_character = code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if is_character else STAND_IN


def language(column: str) -> pl.Expr:
    """Read the languages of a column of literals."""
    tag = pl.col(column).cast(pl.String).str.extract(LITERAL, 2).fill_null("")
    return tag.map_batches(_languages, return_dtype=pl.String)


def _languages(tags: pl.Series) -> pl.Series:
    meant = {tag: _language(tag) for tag in tags.unique().to_list()}
    return tags.replace_strict(meant, return_dtype=pl.String)


def _language(tag: str) -> str:
    if not tag.startswith(w.PRIVATE_TAG):
        return tag
    digits = tag.removeprefix(w.PRIVATE_TAG).replace("-", "")
    try:
        return bytes.fromhex(digits).decode()
    except ValueError:
        return tag
