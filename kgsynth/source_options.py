"""What each kind of graph takes: the options of a source in the build file, or of ``--set``."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter, model_validator

from kgsynth.errors import listing, nearest
from kgsynth.sections import Choices, Section, SourcePath, Switch, Whole


class SourceOptions(Section):
    """What every kind of graph takes: where it lies, and what it does not say of itself."""

    kind: str
    path: SourcePath
    name: str = ""
    """What the source is called; left out, what it calls itself, or its kind."""
    version: str = ""
    released: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    licence: str = ""


NODE_COLUMNS = ("id", "name", "types", "synonyms", "abbreviations")
EDGE_COLUMNS = ("subject", "predicate", "object", "evidence", "licence", "source")
ColumnNumber = Annotated[int, Field(strict=True, ge=0)]


class TablesOptions(SourceOptions):
    """Node and edge tables of any shape: CSV, TSV, Parquet, JSON lines; text also packed.

    The path is a folder, or one file of edges: then their ends are the concepts, named by their
    ids. Without a map, the folder holds tables as kgsynth writes them, and a column that nothing
    reads is refused as a slip; with one, columns that it does not name are left out, unless they
    are called as ours are. In files parted by commas or semicolons a cell may be quoted; in
    others a quote is a plain character.
    """

    kind: Literal["tables"]
    nodes: Choices[str] = ()
    """Node files, as names or patterns in the folder; left out, those called nodes.tsv,
    my.nodes.tsv, my_nodes.csv.gz and so on. Where ``edges`` or ``edge_columns`` is given there
    may be none: then the ends of the edges are the concepts."""
    edges: Choices[str] = ()
    """Edge files, in the same way."""
    header: Switch = True
    separator: str = ""
    """One character; left out, a comma in .csv files and a tab in all others."""
    list_separator: Annotated[str, Field(min_length=1)] = "|"
    node_columns: dict[str, str | ColumnNumber] = Field(default_factory=dict)
    """What each of our columns (id, name, types, synonyms, abbreviations) is called there, or its
    number from 0."""
    edge_columns: dict[str, str | ColumnNumber] = Field(default_factory=dict)
    """The same for subject, predicate, object, evidence, licence, source."""
    node_type: str = ""
    """The type of every concept that has none of its own."""
    predicate: str = ""
    """The relation of every edge that has none of its own."""

    @model_validator(mode="after")
    def _readable(self) -> TablesOptions:
        if len(self.separator) > 1 or self.separator in ('"', "\n", "\r"):
            raise ValueError(f"the separator {self.separator!r} is not one plain character")
        for key, columns, known in (
            ("node_columns", self.node_columns, NODE_COLUMNS),
            ("edge_columns", self.edge_columns, EDGE_COLUMNS),
        ):
            for column in columns:
                if column.partition("@")[0] not in known:
                    hint = nearest(column, known)
                    raise ValueError(
                        f"{key} has no column {column!r}.{hint} Columns: {listing(known)}"
                    )
        return self


def how_to_set(key: str, value: str) -> str:
    """Say how an option is given: on the command line, and in the build file.

    >>> print(how_to_set("syntax", "turtle"))
    --set syntax=turtle on the command line, syntax: turtle beside the path in a build file
    """
    flag = f"{key}={value}"
    quoted = f"'{flag}'" if set(flag) & set(' *?[]{}|;&$"\\') else flag
    return f"--set {quoted} on the command line, {key}: {value} beside the path in a build file"


class UmlsOptions(SourceOptions):
    """A UMLS META folder, or any subset in its form. An empty list keeps everything."""

    kind: Literal["umls"]
    sources: Choices[str] = ()
    """Source abbreviations (SAB), as in [SNOMEDCT_US, MSH]."""
    languages: Choices[str] = ()
    """Languages of names: ENG or en."""
    relations: Choices[str] = ()
    """REL or RELA values, as in [may_treat, CHD]."""
    types: Choices[str] = ()
    """Semantic types by TUI, name or group, as in [T047, DISO]."""


class Neo4jOptions(SourceOptions):
    """A server that speaks Bolt. The path is its address; user and password come from
    KGSYNTH_NEO4J_USER and KGSYNTH_NEO4J_PASSWORD, never from here.
    """

    kind: Literal["neo4j"]
    database: str = ""
    labels: Choices[str] = ()
    """Nodes with one of these labels; empty: all."""
    relations: Choices[str] = ()
    """Relationship types; empty: all."""
    id_property: str = "id"
    name_property: str = "name"
    page: Annotated[Whole, Field(ge=1)] = 50_000
    """Rows that one query asks for."""


class RdfOptions(SourceOptions):
    """OWL or RDF in any syntax."""

    kind: Literal["rdf"]
    syntax: Literal["", "xml", "turtle", "nt", "nquads", "trig", "json-ld", "n3"] = ""
    """Left out, it is told by the file's ending."""


class PlainOptions(SourceOptions):
    """A graph whose format leaves no choice."""

    kind: Literal["primekg", "hetionet", "obo", "obograph", "kgx", "graphml"]


GraphSource = Annotated[
    TablesOptions | UmlsOptions | Neo4jOptions | RdfOptions | PlainOptions,
    Field(discriminator="kind"),
]
"""One graph to read."""

SOURCE: TypeAdapter[GraphSource] = TypeAdapter(GraphSource)

OPTIONS: dict[str, type[SourceOptions]] = {
    kind: options
    for options in (UmlsOptions, PlainOptions, RdfOptions, Neo4jOptions, TablesOptions)
    for kind in get_args(options.model_fields["kind"].annotation)
}
"""What each kind of graph takes."""
KINDS_OF_GRAPH: tuple[str, ...] = tuple(OPTIONS)
