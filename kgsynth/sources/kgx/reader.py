"""KGX: nodes and edges in the words of the Biolink model, as TSV, CSV, JSON lines or one JSON.

KGX has hundreds of properties. Read are the ones that say what a concept is and is called, what
a statement says and who vouches for it; the others, ``description`` among them, are left out. A
row may leave off the empty cells at its end, as KGX's own writers do.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.source_options import PlainOptions
from kgsynth.sources import polarity
from kgsynth.sources.coding import code_columns
from kgsynth.sources.columns import (
    DROPPED,
    LONGEST_TEXT,
    GraphColumns,
    Progress,
    SourceInfo,
    no_rows,
    silent,
)
from kgsynth.sources.kgx import exported
from kgsynth.sources.kgx.files import ENDINGS, Files, kgx_files
from kgsynth.sources.prefixes import canonical_curie, canonical_prefix
from kgsynth.sources.tables.delimited import Shape
from kgsynth.sources.tables.files import read_files, unread
from kgsynth.sources.tables.layout import Layout, Table, join_tables, reject
from kgsynth.sources.tables.reader import NameColumn, list_names
from kgsynth.sources.tables.records import read_json_list

NAMES = (
    NameColumn("name", "preferred"),
    NameColumn("full_name", "synonym"),
    NameColumn("synonym", "synonym"),
    NameColumn("exact_synonym", "synonym"),
    NameColumn("symbol", "abbreviation"),
    NameColumn("broad_synonym", "broad"),
    NameColumn("narrow_synonym", "narrow"),
    NameColumn("related_synonym", "related"),
)
ALTERNATIVES = ("same_as", "equivalent_identifiers", "iri")
NODE_LISTS = (
    *(column for column, _, _ in NAMES if column != "name"),
    *ALTERNATIVES,
    "category",
    "xref",
)
NODE_LAYOUT = Layout(("id",), ("name", *NODE_LISTS), lists=NODE_LISTS, refuses_others=False)

VOUCHERS = (
    "primary_knowledge_source",
    "knowledge_source",
    "aggregator_knowledge_source",
    "provided_by",
)
"""Who vouches for an edge, the nearest to the fact first."""
PROOFS = ("supporting_text", "publications", "has_evidence")
EDGE_LAYOUT = Layout(
    ("subject", "object"),
    (
        *("predicate", "edge_label", "relation", "negated", "frequency_qualifier"),
        *("license", "licence"),
        *VOUCHERS,
        *PROOFS,
    ),
    lists=(*VOUCHERS, *PROOFS),
    refuses_others=False,
)
SHAPE = Shape("", ragged=True)
TOLD = (*ENDINGS, ".json")
"""Endings of files that are told where they lie in the folder and are not read."""

_ABSTRACT = """
    Entity NamedThing BiologicalEntity PhysicalEntity PhysicalEssence PhysicalEssenceOrOccurrent
    Occurrent OntologyClass ThingWithTaxon SubjectOfInvestigation GenomicEntity
    ChemicalOrDrugOrTreatment ChemicalEntityOrGeneOrGeneProduct
    ChemicalEntityOrProteinOrPolypeptide GeneOrGeneProduct MacromolecularMachineMixin
    EpigenomicEntity DiseaseOrPhenotypicFeature BiologicalProcessOrActivity
    OrganismalEntity AdministrativeEntity GeneProductMixin
"""
ABSTRACT = frozenset(f"biolink:{name}" for name in _ABSTRACT.split())
"""Categories that only gather others. KGX lists them beside the real one; a type that nearly
every concept has would make all of them comparable."""

EXCLUDED = "HP:0040285"
"""The frequency "excluded, 0 %": the phenotype is known not to be there."""
VAGUE = ("", "biolink:related_to")
_ONE_BY_ONE = r"^[^:]*:[^:]*:|^https?:|:Orphanet_"
BIOLINK_IRI = ("https://w3id.org/biolink/vocab/", "http://w3id.org/biolink/vocab/")


def read(path: Path, options: PlainOptions, progress: Progress = silent) -> GraphColumns:
    """Read a folder, an archive, a JSON document, or one of a pair of files."""
    if exported.is_exported(path):
        return exported.read(path, progress)
    with kgx_files(path) as files:
        nodes = _read(files, "nodes", progress)
        edges = _read(files, "edges", progress)
    if edges is None:
        raise SourceError(
            f"{path} holds no list 'edges' of objects.",
            remedy="A KGX document is an object with the lists 'nodes' and 'edges'; an OBO Graph "
            "is read by kind obograph.",
        )
    _check_says(path, edges.rows)
    progress("numbering the concepts", 0, 0)
    statements = _usable_edges(_canonical(edges.rows, "subject", "object"))
    concepts = _usable_nodes(_canonical(nodes.rows, "id")) if nodes else _ends(statements.rows)
    if concepts.rows.is_empty():
        raise SourceError(f"{path} holds no usable concept.", remedy="A row needs an id.")
    stated = _joined(statements.rows, concepts.rows["id"])
    given = [table.dropped for table in (nodes, edges, concepts, statements, stated) if table]
    if path.is_dir():
        given.append(unread(path, (*files.nodes, *files.edges), TOLD))
    vouched = _vouched(stated.rows, files.name)
    return code_columns(
        sources=_sources(vouched, files.name),
        nodes=_nodes(concepts.rows),
        names=list_names(concepts.rows, NAMES),
        edges=vouched,
        identifiers=_identifiers(concepts.rows, statements.rows),
        dropped=given,
        counted=_counted(concepts.rows, stated.rows, vouched),
    )


def _counted(concepts: pl.DataFrame, stated: pl.DataFrame, vouched: pl.DataFrame) -> dict[str, int]:
    """Count the rows of a concept that stood before, and the edges that are more than rows."""
    counts = {
        "repeated-concept": concepts.height - concepts["id"].n_unique(),
        "further-source": vouched.height - stated.height,
    }
    return {reason: count for reason, count in counts.items() if count}


def _read(files: Files, what: str, progress: Progress) -> Table | None:
    layout = NODE_LAYOUT if what == "nodes" else EDGE_LAYOUT
    if files.document is not None:
        table = read_json_list(files.document, layout, what, progress=progress)
        return table and join_tables([table], layout)
    paths = files.nodes if what == "nodes" else files.edges
    return read_files(paths, layout, SHAPE, progress) if paths else None


# --- ids -------------------------------------------------------------------------------------


def _canonical(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Spell ids with canonical prefixes; how they were spelled stays in ``spelled_<column>``."""
    spelled = rows.with_columns(pl.col(column).alias(f"spelled_{column}") for column in columns)
    return spelled.with_columns(respell(rows[column]) for column in columns)


def respell(ids: pl.Series) -> pl.Series:
    """Give each prefix of a column of CURIEs its canonical spelling.

    Prefixes are few and are looked up once each. Only ids that repeat their prefix or are IRIs
    are looked at one by one.
    """
    frame = ids.alias("id").to_frame()
    prefix = pl.col("id").str.extract(r"^([^:]*):", 1)
    found = frame.select(prefix.unique().drop_nulls().sort()).to_series().to_list()
    changed = {p: new for p in found if (new := canonical_prefix(p)) != p}
    rest = pl.col("id").str.strip_prefix(prefix)
    if changed:
        frame = frame.with_columns(
            pl.when(prefix.is_in(list(changed)))
            .then(prefix.replace(changed) + rest)
            .otherwise("id")
        )
    alone = frame.filter(pl.col("id").str.contains(_ONE_BY_ONE)).to_series().unique()
    if alone.is_empty():
        return frame.to_series().alias(ids.name)
    singly = {text: new for text in alone if (new := canonical_curie(text)) != text}
    return frame.to_series().replace(singly).alias(ids.name)


# --- concepts ----------------------------------------------------------------------------------


def _ends(edges: pl.DataFrame) -> Table:
    """Make a concept of every end of an edge, for a graph that lists none; it has no name."""
    ids = pl.concat([edges["subject"], edges["object"]]).unique(maintain_order=True)
    rows = pl.DataFrame({"id": ids}).with_columns(pl.lit("").alias("spelled_id"))
    return join_tables([Table(rows, no_rows(DROPPED))], NODE_LAYOUT)


def _usable_nodes(rows: pl.DataFrame) -> Table:
    """Set aside rows without id, and an id's later rows that name it otherwise."""
    held = reject(rows, pl.when(pl.col("id") == "").then(pl.lit("empty-id")))
    if held.rows["id"].is_unique().all():
        return held
    named = pl.col("name") != ""
    first = pl.col("name").filter(named).first().over("id")
    single = reject(
        held.rows, pl.when(named & (pl.col("name") != first)).then(pl.lit("duplicate-id"))
    )
    return Table(single.rows, pl.concat([held.dropped, single.dropped]))


def _nodes(rows: pl.DataFrame) -> pl.DataFrame:
    """List the concepts with their categories, the abstract ones only where there is no other."""
    found = rows.select(pl.col("category").list.explode().drop_nulls().unique()).to_series()
    spelled = {category: _biolink(category) for category in found.to_list()}
    types = pl.col("category").list.explode().drop_nulls().replace(spelled)
    nodes = (
        rows.select("id", "category")
        .group_by("id", maintain_order=True)
        .agg(types.unique(maintain_order=True).alias("types"))
    )
    real = pl.col("types").list.eval(pl.element().filter(~pl.element().is_in(sorted(ABSTRACT))))
    return nodes.with_columns(
        pl.when(real.list.len() > 0).then(real).otherwise("types").alias("types")
    )


def _biolink(word: str) -> str:
    """Put the namespace before a word of the Biolink model.

    >>> _biolink("Gene"), _biolink("interacts with"), _biolink("RO:0002434")
    ('biolink:Gene', 'biolink:interacts_with', 'RO:0002434')
    """
    for start in BIOLINK_IRI:
        word = word.removeprefix(start)
    return word if not word or ":" in word else f"biolink:{word.replace(' ', '_')}"


def _identifiers(concepts: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """List other ids of the concepts: as they were spelled, as they are elsewhere."""
    spelled = [
        frame.select(pl.col(column).alias("id"), pl.col(f"spelled_{column}").alias("text"))
        for frame, column in ((concepts, "id"), (edges, "subject"), (edges, "object"))
    ]
    changed = [
        frame.filter(pl.col("id") != pl.col("text")).unique(maintain_order=True)
        for frame in spelled
    ]
    parts = [frame.with_columns(pl.lit("alternative").alias("kind")) for frame in changed]
    for column in (*ALTERNATIVES, "xref"):
        listed = concepts.select("id", pl.col(column).alias("text")).explode("text").drop_nulls()
        if column != "iri":
            listed = listed.with_columns(respell(listed["text"]))
        kind = "xref" if column == "xref" else "alternative"
        parts.append(listed.with_columns(pl.lit(kind).alias("kind")))
    known = concepts.select("id").unique()
    return (
        pl.concat(parts)
        .filter((pl.col("text") != "") & (pl.col("text") != pl.col("id")))
        .unique(["id", "text"], keep="first", maintain_order=True)
        .join(known, on="id", how="semi", maintain_order="left")
    )


# --- statements --------------------------------------------------------------------------------


def _usable_edges(rows: pl.DataFrame) -> Table:
    """Find what each edge says; set aside those that lack a part, or may or may not deny it."""
    said = rows.join(
        _relations(rows),
        on=["predicate", "edge_label", "relation"],
        how="left",
        maintain_order="left",
    ).with_columns(polarity.denials(pl.col("negated")).alias("negated"))
    usable = reject(
        said,
        pl.when((pl.col("subject") == "") | (pl.col("object") == ""))
        .then(pl.lit("empty-id"))
        .when(pl.col("says") == "")
        .then(pl.lit("empty-predicate"))
        .when(pl.col("negated").is_null())
        .then(pl.lit(polarity.MALFORMED)),
    )
    denies = pl.col("negated") | (pl.col("frequency_qualifier") == EXCLUDED)
    relation = polarity.with_polarity(pl.col("says"), denies)
    return Table(usable.rows.with_columns(relation.alias("predicate")), usable.dropped)


def _check_says(path: Path, rows: pl.DataFrame) -> None:
    """Refuse edges that say nothing at all: their column is called otherwise."""
    said = pl.any_horizontal(pl.col("predicate", "edge_label", "relation") != "")
    if rows.height and not rows.select(said.any()).item():
        raise SourceError(
            f"{path} has no column that says what its edges mean.",
            remedy="KGX calls it 'predicate'.",
        )


def _relations(rows: pl.DataFrame) -> pl.DataFrame:
    """Spell each combination of predicate and relation that is in use, as ``says``.

    A relation from an ontology is taken where the predicate is missing, or says no more than
    that two things are related.
    """
    columns = ("predicate", "edge_label", "relation")
    used = rows.select(columns).unique().sort(columns)
    says = [_relation(p or label, relation) for p, label, relation in used.iter_rows()]
    return used.with_columns(pl.Series("says", says, dtype=pl.String))


def _relation(predicate: str, relation: str) -> str:
    said = _biolink(predicate)
    exact = canonical_curie(_biolink(relation)) if relation else ""
    is_one = ":" in exact and "|" not in exact and " " not in exact
    return exact if said in VAGUE and is_one else said


def _joined(edges: pl.DataFrame, ids: pl.Series) -> Table:
    """Set aside edges with an end that is no concept.

    Of several files of edges one may lack its nodes altogether, which is told apart.

    This is done here, before an edge that several sources vouch for is written out once for each.
    """
    known = ids.unique().implode()
    has_ends = [pl.col(end).is_in(known) for end in ("subject", "object")]
    judged = edges.with_columns(pl.any_horizontal(has_ends).any().over("file").alias("has_nodes"))
    is_alone = ~pl.col("has_nodes") & (pl.col("file").n_unique() > 1)
    table = reject(
        judged,
        pl.when(is_alone)
        .then(pl.lit("edges-without-nodes"))
        .when(~pl.all_horizontal(has_ends))
        .then(pl.lit("dangling")),
    )
    return Table(table.rows.drop("has_nodes"), table.dropped)


def _vouched(edges: pl.DataFrame, name: str) -> pl.DataFrame:
    """Write each edge out once for each source that vouches for it."""
    own = pl.lit([name], dtype=pl.List(pl.String))
    sources = own
    for column in reversed(VOUCHERS):
        sources = pl.when(pl.col(column).list.len() > 0).then(column).otherwise(sources)
    proofs = pl.concat_list(*PROOFS).list.unique(maintain_order=True).list.join("; ")
    terms = pl.when(pl.col("license") != "").then("license").otherwise("licence")
    rows = edges.select(
        "subject",
        "predicate",
        "object",
        sources.alias("source"),
        terms.alias("licence"),
        proofs.alias("evidence"),
        "file",
        "row",
        pl.col("line").str.head(LONGEST_TEXT).alias("text"),
    )
    return rows.with_columns(pl.col("source").list.unique(maintain_order=True)).explode("source")


def _sources(edges: pl.DataFrame, name: str) -> Sequence[SourceInfo]:
    """List the graph itself and those that vouch for its edges."""
    named = edges["source"].unique().sort().to_list()
    return [SourceInfo(name), *(SourceInfo(other) for other in named if other != name)]


def beside(path: Path) -> list[Path]:
    """Return the nodes file that belongs to a file of edges, or the other way round."""
    with kgx_files(path) as files:
        return [file for file in (*files.nodes, *files.edges) if file != path and file.exists()]
