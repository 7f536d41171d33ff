"""UMLS in Rich Release Format: concepts, names, types, definitions and relations.

A row of MRREL says that CUI2 is REL, or RELA, of CUI1: the subject stands second. Nearly every
row has a twin that says the same the other way round; the compile step folds them. What is
suppressed or obsolete is left out and counted. Codes of the sources are not kept: a concept
goes by its CUI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.source_options import UmlsOptions
from kgsynth.sources.account import Account
from kgsynth.sources.columns import (
    DEFINITIONS,
    EDGES,
    GraphColumns,
    Origin,
    Progress,
    Relation,
    SourceInfo,
    no_rows,
    silent,
)
from kgsynth.sources.umls.folder import (
    COLUMNS,
    MetaFolder,
    read_inverses,
    read_sources,
    unlisted,
)
from kgsynth.sources.umls.names import (
    Codes,
    Names,
    is_asked,
    read_names,
    read_texts,
    sources_named,
)
from kgsynth.sources.umls.rrf import Layout, Rows, concept_ids, read_rows
from kgsynth.vocabulary import load_vocabulary

Array = npt.NDArray[Any]
Words = tuple[Array, list[str]]
"""A code for each row, and the words that the codes mean."""
Lists = list[tuple[str, pl.DataFrame, int]]
"""(reason, rows, how many there are in all) of rows that cannot be used."""

RELATED = Layout(COLUMNS["MRREL"], (0, 3, 4, 7, 10, 14))
CUI1, REL, CUI2, RELA, SAB, SUPPRESS = range(6)
TYPED = Layout(COLUMNS["MRSTY"], (0, 1, 3))
DEFINED = Layout(COLUMNS["MRDEF"], (0, 4, 5, 6))
PLACED = Layout(COLUMNS["MRHIER"], (0, 3, 4, 5))
LEFT_OUT, FIRST_PLACE = 1, 2
"""Of a concept number: 0 no row names it, 1 it was left out, else its row in the list plus 2."""


def read(path: Path, options: UmlsOptions, progress: Progress = silent) -> GraphColumns:
    """Read a META folder."""
    folder = MetaFolder.of(path)
    account = Account()
    if folder.has("MRSAB"):
        _check_sources(options, read_sources(folder, {}))
    names = read_names(folder, options, account, progress)
    infos = read_sources(folder, names.restrictions)
    numbers, nodes = _concepts(folder, names, options, account, progress)
    places = names.known.astype(np.int32)
    places[numbers] = np.arange(FIRST_PLACE, len(numbers) + FIRST_PLACE, dtype=np.int32)
    sources, relations = Codes(), Codes()
    sources.of(np.arange(len(names.sources)), names.sources)
    reading = _Reading(folder, options, places, sources, relations, account, progress)
    edges = reading.edges(names)
    definitions = reading.definitions()
    about = [infos.get(sab) or unlisted(sab) for sab in sources.words]
    inverses = read_inverses(folder)
    return GraphColumns(
        sources=tuple(about),
        origins=tuple(Origin(at, info.licence) for at, info in enumerate(about)),
        relations=tuple(_relation(word, inverses) for word in relations.words),
        nodes=nodes,
        names=names.frame(places),
        edges=edges,
        definitions=definitions,
        dropped=account.dropped(),
        counted=account.counted,
    )


def _check_sources(options: UmlsOptions, infos: Mapping[str, SourceInfo]) -> None:
    for sab in options.sources:
        if sab not in infos:
            raise SourceError(
                f"The folder has no source {sab!r}.{nearest(sab, infos)}",
                remedy=f"Its sources: {listing(infos)}.",
            )


def _relation(word: str, inverses: Mapping[str, str]) -> Relation:
    inverse = inverses.get(word) or _inverse_by_name(word)
    return Relation(f"umls:{word}", f"umls:{inverse}" if inverse else "")


def _inverse_by_name(word: str) -> str:
    return word.removeprefix("inverse_") if word.startswith("inverse_") else ""


# --- concepts and their types --------------------------------------------------------------------


def _concepts(
    folder: MetaFolder, names: Names, options: UmlsOptions, account: Account, progress: Progress
) -> tuple[Array, pl.DataFrame]:
    """Return the numbers of the concepts in the order of their ids, and the list of them."""
    named = np.zeros(len(names.known), dtype=np.bool_)
    named[names.number] = True
    types = _types(folder, account, progress)
    if options.types:
        chosen = _chosen_types(options, types)
        with_type = np.zeros(len(named), dtype=np.bool_)
        with_type[types.filter(pl.col("type").is_in(chosen))["number"].to_numpy()] = True
        account.count("filtered-concept", int((named & ~with_type).sum()))
        named &= with_type
    numbers = np.flatnonzero(named)
    if not len(numbers):
        raise SourceError(
            f"{folder.path}: no concept is left ({account.told()}).",
            remedy="Check the filters sources, languages and types.",
        )
    typed = (
        types.filter(pl.Series(named[types["number"].to_numpy()]))
        .select("number", ("umls:" + pl.col("type")).alias("type"))
        .unique()
        .sort("number", "type")
        .group_by("number", maintain_order=True)
        .agg(pl.col("type").alias("types"))
    )
    listed = pl.DataFrame({"number": numbers.astype(np.int32), "id": concept_ids(numbers)})
    empty = pl.lit([], dtype=pl.List(pl.String))
    nodes = listed.join(typed, on="number", how="left", maintain_order="left").select(
        "id", pl.coalesce("types", empty).alias("types")
    )
    return numbers, nodes


class _TypeBlock(NamedTuple):
    frame: pl.DataFrame
    lists: Lists


def _types(folder: MetaFolder, account: Account, progress: Progress) -> pl.DataFrame:
    """Read MRSTY: columns ``number``, ``type`` (a TUI) and ``name``."""
    schema = {"number": pl.Int32, "type": pl.String, "name": pl.String}
    if not folder.has("MRSTY"):
        return pl.DataFrame(schema=schema)

    def work(rows: Rows) -> _TypeBlock:
        number = rows.concepts(0)
        good = np.flatnonzero(number >= 0)
        columns = {"number": number[good]}
        words = [_spelled(rows.words(field), good) for field in (1, 2)]
        frame = pl.DataFrame({**columns, "type": words[0], "name": words[1]}, schema=schema)
        return _TypeBlock(frame, _faults(rows, number < 0))

    parts = []
    for block in read_rows(folder.files["MRSTY"], TYPED, work, progress):
        _list_all(account, block.lists, folder.files["MRSTY"][0])
        parts.append(block.frame)
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def _spelled(words: Words, rows: Array) -> pl.Series:
    return pl.Series(words[1], dtype=pl.String).gather(words[0][rows])


def _chosen_types(options: UmlsOptions, types: pl.DataFrame) -> list[str]:
    """Return the TUIs that are asked for by TUI, by name or by group."""
    held = dict(types.select("type", "name").unique().iter_rows())
    chosen = set()
    for asked in options.types:
        found = {
            tui
            for tui, name in held.items()
            if asked in (tui, _group(f"umls:{tui}")) or asked.casefold() == name.casefold()
        }
        if not found:
            known = {*held, *held.values()}
            raise SourceError(
                f"No concept has the type {asked!r}.{nearest(asked, known)}",
                remedy="Name types by TUI, name or group, as in [T047, Disease or Syndrome, DISO].",
            )
        chosen |= found
    return sorted(chosen)


def _group(spelling: str) -> str:
    vocabulary = load_vocabulary()
    about = vocabulary.type_info.get(vocabulary.type_name(spelling))
    return about.group if about else ""


# --- relations ---------------------------------------------------------------------------------


class _Edges(NamedTuple):
    """What a block of rows of MRREL or MRHIER gives."""

    subject: Array
    object: Array
    relation: Words
    source: Words
    counts: dict[str, int]
    lists: Lists


@dataclass
class _Reading:
    """What the files behind the concepts are read with."""

    folder: MetaFolder
    options: UmlsOptions
    places: Array
    sources: Codes
    relations: Codes
    account: Account
    progress: Progress
    relations_seen: set[str] = field(default_factory=set)

    def edges(self, names: Names) -> pl.DataFrame:
        """Read MRREL, and MRHIER where it is there."""
        columns: dict[str, list[Array]] = {
            name: [no_rows(EDGES)[name].to_numpy()] for name in EDGES
        }
        for block in self._blocks(names):
            columns["subject"].append(block.subject)
            columns["predicate"].append(self.relations.of(*block.relation))
            columns["object"].append(block.object)
            columns["origin"].append(self.sources.of(*block.source))
        # Column by column, so that no more than one of them is there twice.
        joined = {name: np.concatenate(columns.pop(name)) for name in EDGES}
        self._check_relations()
        if not len(joined["subject"]):
            raise SourceError(
                f"{self.folder.path}: no relation is left ({self.account.told()}).",
                remedy="Check that MRREL and MRCONSO belong together, and the filters.",
            )
        return pl.DataFrame(joined, schema=EDGES)

    def _blocks(self, names: Names) -> Iterator[_Edges]:
        sources, relations = frozenset(self.options.sources), frozenset(self.options.relations)

        def related(rows: Rows) -> _Edges:
            return _related(rows, self.places, sources, relations)

        yield from self._read("MRREL", RELATED, related)
        if not self.folder.has("MRHIER"):
            return
        concept_of = _concept_of_atom(names)

        def placed(rows: Rows) -> _Edges:
            return _placed(rows, self.places, concept_of, sources, relations)

        yield from self._read("MRHIER", PLACED, placed)

    def _read(self, name: str, layout: Layout, work: Callable[[Rows], _Edges]) -> Iterator[_Edges]:
        for block in read_rows(self.folder.files[name], layout, work, self.progress):
            for reason, count in block.counts.items():
                self.account.count(reason, count)
            _list_all(self.account, block.lists, self.folder.files[name][0])
            self.relations_seen.update(block.relation[1])
            yield block

    def _check_relations(self) -> None:
        for wanted in self.options.relations:
            if wanted not in self.relations_seen:
                raise SourceError(
                    f"No row has the relation {wanted!r}.{nearest(wanted, self.relations_seen)}",
                    remedy=f"REL and RELA values: {listing(filter(None, self.relations_seen))}.",
                )

    def definitions(self) -> pl.DataFrame:
        """Read MRDEF where it is there."""
        if not self.folder.has("MRDEF"):
            return no_rows(DEFINITIONS)
        wanted = frozenset(self.options.sources)

        def work(rows: Rows) -> _Defined:
            return _defined(rows, self.places, wanted)

        parts = [no_rows(DEFINITIONS)]
        for block in read_rows(self.folder.files["MRDEF"], DEFINED, work, self.progress):
            self.account.count("definition-left-out", block.left_out)
            _list_all(self.account, block.lists, self.folder.files["MRDEF"][0])
            source = self.sources.of(*block.source)
            parts.append(
                pl.DataFrame(
                    {"node": block.node, "text": block.texts, "source": source},
                    schema=DEFINITIONS,
                )
            )
        return pl.concat(parts)


def _related(
    rows: Rows, places: Array, sources: frozenset[str], relations: frozenset[str]
) -> _Edges:
    """Take a block of MRREL apart: CUI2 is RELA of CUI1, or REL where no RELA is given."""
    rel, rela = rows.words(REL), rows.words(RELA)
    named = rows.ends[:, RELA] > rows.starts[:, RELA]
    source = sources_named(rows, SAB)
    return _edges_of(
        rows,
        (rows.concepts(CUI2), rows.concepts(CUI1)),
        (np.where(named, rela[0] + len(rel[1]), rel[0]), rel[1] + rela[1]),
        source,
        places,
        suppressed=~np.isin(rows.first_byte(SUPPRESS), (ord("N"), 0)),
        asked=is_asked(source, sources) & (is_asked(rel, relations) | is_asked(rela, relations)),
    )


def _placed(
    rows: Rows,
    places: Array,
    concept_of: Array,
    sources: frozenset[str],
    relations: frozenset[str],
) -> _Edges:
    """Take a block of MRHIER apart: the concept is below that of the parent atom."""
    parent = rows.atoms(1)
    above = np.where(
        (parent >= 0) & (parent < len(concept_of)),
        concept_of[np.clip(parent, 0, len(concept_of) - 1)],
        -1,
    )
    codes, words = rows.words(3)
    relation = (codes, [word or "CHD" for word in words])
    source = sources_named(rows, 2)
    return _edges_of(
        rows,
        (rows.concepts(0), np.where(above < 0, 0, above)),
        relation,
        source,
        places,
        suppressed=above < 0,
        asked=is_asked(source, sources) & is_asked(relation, relations),
        suppressed_as="root-or-suppressed-parent",
    )


def _edges_of(
    rows: Rows,
    ends: tuple[Array, Array],
    relation: Words,
    source: Words,
    places: Array,
    *,
    suppressed: Array,
    asked: Array,
    suppressed_as: str = "suppressed",
) -> _Edges:
    """Keep the rows whose both concepts are listed; say of each other row why it is not kept."""
    subject, obj = ends
    malformed = (subject < 0) | (obj < 0)
    wordless = ~malformed & _wordless(relation)
    left, right = places[np.maximum(subject, 0)], places[np.maximum(obj, 0)]
    open_ = ~malformed & ~wordless & ~suppressed
    unknown = open_ & asked & ((left == 0) | (right == 0))
    left_out = open_ & asked & ~unknown & ((left == LEFT_OUT) | (right == LEFT_OUT))
    kept = np.flatnonzero(open_ & asked & ~unknown & ~left_out)
    counts = {
        suppressed_as: int((~malformed & ~wordless & suppressed).sum()),
        "filtered": int((open_ & ~asked).sum()),
        "concept-left-out": int(left_out.sum()),
    }
    lists = _faults(rows, malformed)
    for reason, these in (("dangling", unknown), ("empty-predicate", wordless)):
        if these.any():
            at = np.flatnonzero(these)
            lists.append((reason, rows.listed(at, reason), len(at)))
    return _Edges(
        subject=(left[kept] - FIRST_PLACE).astype(np.uint32),
        object=(right[kept] - FIRST_PLACE).astype(np.uint32),
        relation=(relation[0][kept], relation[1]),
        source=(source[0][kept], source[1]),
        counts=counts,
        lists=lists,
    )


def _wordless(relation: Words) -> Array:
    """Tell which rows name no relation."""
    codes, words = relation
    wordless: Array = np.array([not word.strip() for word in words], dtype=np.bool_)[codes]
    return wordless


def _concept_of_atom(names: Names) -> Array:
    """Return the concept number of each atom number, or -1."""
    concepts = np.full(int(names.atom.max(initial=0)) + 2, -1, dtype=np.int32)
    known = names.atom >= 0
    concepts[names.atom[known]] = names.number[known]
    return concepts


# --- definitions -------------------------------------------------------------------------------


class _Defined(NamedTuple):
    node: Array
    texts: pl.Series
    source: Words
    left_out: int
    lists: Lists


def _defined(rows: Rows, places: Array, wanted: frozenset[str]) -> _Defined:
    """Take a block of MRDEF apart."""
    number, source = rows.concepts(0), sources_named(rows, 1)
    shown = np.isin(rows.first_byte(3), (ord("N"), 0))
    place = places[np.maximum(number, 0)]
    good = (number >= 0) & shown & is_asked(source, wanted) & (place >= FIRST_PLACE)
    at, texts, lists = read_texts(rows, 2, np.flatnonzero(good), "empty-definition")
    return _Defined(
        node=(place[at] - FIRST_PLACE).astype(np.uint32),
        texts=texts,
        source=(source[0][at], source[1]),
        left_out=int(((number >= 0) & ~good).sum()),
        lists=[*_faults(rows, number < 0), *lists],
    )


# --- rows that cannot be used ---------------------------------------------------------------------


def _faults(rows: Rows, malformed: Array) -> Lists:
    """List the rows of another shape, and those without a concept identifier."""
    at = np.flatnonzero(malformed)
    why = "malformed-concept-id"
    lists = [(why, rows.listed(at, why), len(at))] if len(at) else []
    if len(rows.bad):
        lists.append(("wrong-column-count", rows.misshapen(), len(rows.bad)))
    return lists


def _list_all(account: Account, lists: Lists, file: Path) -> None:
    for reason, rows, in_all in lists:
        account.list(rows, reason, file.name, in_all)
