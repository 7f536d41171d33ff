"""KGX: two tables in the words of the Biolink model, ``nodes.tsv`` and ``edges.tsv``.

The columns that KGX knows are for other tools: there, tabs and line breaks within a text are
spaces, and a bar within an item of a list is a broken bar, for the format has no way to write
them. The column ``kgsynth`` holds all that is known of a row, as JSON; ``kgsynth.json`` holds
what the sources say of themselves.

A statement that several sources vouch for has a row for each of them, as KGX has it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple, TypeVar

import polars as pl

from kgsynth.graph.export.batches import Batches, Vouchers
from kgsynth.graph.export.texts import Vouched, details, keys, new_file, write_about, write_lines
from kgsynth.sources.exported import KEY
from kgsynth.vocabulary import NOT_NAME, Vocabulary, load_vocabulary

CONTROLS = r"[\x00-\x1f\x7f]"
FORBIDDEN = r"[\x00-\x1f\x7f]|^\s|\s$"
"""What an id cannot have in a table without quotes."""
LIST_SEPARATOR, IN_LIST = "|", "\u00a6"
SYNONYMS = {
    "synonym": ("synonym", "abbreviation"),
    "broad_synonym": ("broad",),
    "narrow_synonym": ("narrow",),
    "related_synonym": ("related",),
}
NODE_COLUMNS = ("id", "category", "name", *SYNONYMS, "xref", "same_as", "description", KEY)
EDGE_COLUMNS = (
    "id",
    "subject",
    "predicate",
    "object",
    "negated",
    "original_predicate",
    "primary_knowledge_source",
    "license",
    "supporting_text",
    "knowledge_level",
    "agent_type",
    KEY,
)
ANY_CATEGORY, ANY_PREDICATE = "biolink:NamedThing", "biolink:related_to"
NOT_PROVIDED = "not_provided"


Texts = TypeVar("Texts", pl.Expr, pl.Series)


class Spelled(NamedTuple):
    """A relation in the words of the Biolink model."""

    curie: str
    negated: str


def write(batches: Batches, output: Path) -> None:
    """Write a store as KGX tables into a folder."""
    vocabulary = load_vocabulary()
    write_about(batches, output)
    names = keys(batches.ids, FORBIDDEN)
    with new_file(output / "nodes.tsv") as file:
        write_lines(file, pl.Series(["\t".join(NODE_COLUMNS)]))
        categories = {name: category(name, vocabulary) for name in batches.graph.manifest.types}
        for nodes in batches.nodes():
            write_lines(file, _rows(_node_cells(nodes, names, categories), NODE_COLUMNS))
    with new_file(output / "edges.tsv") as file:
        write_lines(file, pl.Series(["\t".join(EDGE_COLUMNS)]))
        spelling = _Edges(batches, names, vocabulary)
        for edges in batches.edges():
            write_lines(file, _rows(spelling.cells(edges), EDGE_COLUMNS))


def _rows(cells: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    full = (pl.col(column).fill_null("") for column in columns)
    return cells.select(pl.concat_str(*full, separator="\t")).to_series()


# --- concepts --------------------------------------------------------------------------------


def _node_cells(nodes: pl.DataFrame, names: pl.Series, categories: dict[str, str]) -> pl.DataFrame:
    spelled = pl.element().replace_strict(categories, return_dtype=pl.String)
    listed = pl.col("types").list.eval(spelled.unique(maintain_order=True))
    found = pl.when(pl.col("types").list.len() > 0).then(_joined(listed))
    text, kind = pl.element().struct.field("text"), pl.element().struct.field("kind")

    def of_kind(column: str, kinds: tuple[str, ...]) -> pl.Expr:
        return _joined(pl.col(column).list.eval(text.filter(kind.is_in(kinds))))

    return nodes.select(
        names.gather(nodes["code"]).alias("id"),
        found.otherwise(pl.lit(ANY_CATEGORY)).alias("category"),
        in_cell(pl.col("name")),
        *(of_kind("names", kinds).alias(column) for column, kinds in SYNONYMS.items()),
        of_kind("identifiers", ("xref",)).alias("xref"),
        of_kind("identifiers", ("alternative",)).alias("same_as"),
        in_cell(pl.col("definitions").list.eval(text).list.join(" ")).alias("description"),
        details(nodes).alias(KEY),
    )


def category(name: str, vocabulary: Vocabulary) -> str:
    """Return the Biolink category of a semantic type.

    >>> category("biolink:Gene", load_vocabulary()), category("no such", load_vocabulary())
    ('biolink:Gene', 'biolink:NamedThing')
    """
    about = vocabulary.type_info.get(name)
    spellings = (name, *(about.spellings if about else ()))
    return next((s for s in spellings if s.startswith("biolink:")), ANY_CATEGORY)


# --- statements ------------------------------------------------------------------------------


class _Edges:
    """Spells statements, a row for each source that vouches for one."""

    def __init__(self, batches: Batches, names: pl.Series, vocabulary: Vocabulary) -> None:
        self._names = names
        self._first = 0
        spelled = [predicate(name, vocabulary) for name in batches.predicates]
        self._predicates = pl.DataFrame(spelled, schema=Spelled._fields, orient="row")
        self._original = in_cell(pl.Series(batches.predicates, dtype=pl.String))
        origins = batches.origins
        self._sets = pl.Series(batches.graph.tables.origin_sets, dtype=pl.List(pl.UInt32))
        self._vouched = Vouched(batches, [Vouchers((o.source,), (o.licence,)) for o in origins])
        self._sources = pl.Series([infores(o.source) for o in origins], dtype=pl.String)
        self._licences = in_cell(pl.Series([o.licence for o in origins], dtype=pl.String))

    def cells(self, edges: pl.DataFrame) -> pl.DataFrame:
        """Spell the next statements."""
        at = pl.int_range(self._first, self._first + edges.height, eager=True)
        self._first += edges.height
        sets = self._sets.gather(edges["origins"])
        numbered = edges.with_columns(at.alias("number"), sets.alias("origins"))
        rows = numbered.with_columns(
            pl.int_ranges(pl.col("origins").list.len()).alias("place")
        ).explode("origins", "place")
        is_first = pl.col("place") == 0
        rows = rows.with_columns(pl.when(is_first).then("evidence").alias("evidence"))
        further = pl.concat_str(pl.lit("-"), pl.col("place") + 1)
        return rows.select(
            pl.concat_str(
                pl.lit("kgsynth:"),
                "number",
                pl.when(is_first).then(pl.lit("")).otherwise(further),
            ).alias("id"),
            self._names.gather(rows["subject"]).alias("subject"),
            self._predicates["curie"].gather(rows["predicate"]).alias("predicate"),
            self._names.gather(rows["object"]).alias("object"),
            self._predicates["negated"].gather(rows["predicate"]).alias("negated"),
            self._original.gather(rows["predicate"]).alias("original_predicate"),
            self._sources.gather(rows["origins"]).alias("primary_knowledge_source"),
            self._licences.gather(rows["origins"]).alias("license"),
            _joined(pl.col("evidence")).alias("supporting_text"),
            pl.lit(NOT_PROVIDED).alias("knowledge_level"),
            pl.lit(NOT_PROVIDED).alias("agent_type"),
            self._vouched.of(rows).alias(KEY),
        )


def predicate(name: str, vocabulary: Vocabulary) -> Spelled:
    """Say a relation as KGX does: a CURIE, and whether the statement is denied.

    >>> predicate("treats", load_vocabulary()), predicate("not_treats", load_vocabulary())
    (Spelled(curie='biolink:treats', negated=''), Spelled(curie='biolink:treats', negated='true'))
    >>> predicate("glows_near", load_vocabulary()).curie
    'biolink:related_to'
    """
    is_denied = name.startswith(NOT_NAME) and name not in vocabulary.predicates
    curie = vocabulary.predicate(name.removeprefix(NOT_NAME) if is_denied else name).curie
    is_curie = re.fullmatch(r"[\w.-]+:[^\s|]+", curie) is not None
    return Spelled(curie if is_curie else ANY_PREDICATE, "true" if is_denied else "")


def infores(source: str) -> str:
    """Name a source as Biolink's registry of sources does.

    >>> infores("SNOMED CT (US)"), infores("infores:hetionet"), infores("資料")
    ('infores:snomed-ct-us', 'infores:hetionet', 'infores:unknown')
    """
    word = re.sub(r"[^a-z0-9._]+", "-", source.lower().removeprefix("infores:")).strip("-")
    return f"infores:{word or 'unknown'}"


# --- cells -----------------------------------------------------------------------------------


def in_cell(texts: Texts) -> Texts:
    """Make spaces of what would end a cell or a row."""
    return texts.str.replace_all(CONTROLS, " ")


def _joined(items: pl.Expr) -> pl.Expr:
    item = in_cell(pl.element()).str.replace_all(LIST_SEPARATOR, IN_LIST, literal=True)
    return items.list.eval(item).list.join(LIST_SEPARATOR)
