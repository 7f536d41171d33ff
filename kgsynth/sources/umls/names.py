"""MRCONSO: every name of every concept, and which of them comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.errors import SourceError, listing, nearest
from kgsynth.source_options import UmlsOptions
from kgsynth.sources.account import Account
from kgsynth.sources.coding import MOST_CODES
from kgsynth.sources.columns import NAME_KINDS, NAMES, Progress
from kgsynth.sources.umls.folder import (
    COLUMNS,
    UNNAMED,
    MetaFolder,
    language_of,
    read_ranks,
)
from kgsynth.sources.umls.rrf import CONCEPT_NUMBERS, Layout, Rows, read_rows

Array = npt.NDArray[Any]

LAYOUT = Layout(COLUMNS["MRCONSO"], (0, 1, 2, 4, 6, 7, 11, 12, 14, 15, 16))
CUI, LAT, TS, STT, ISPREF, AUI, SAB, TTY, STR, SRL, SUPPRESS = range(11)
ABBREVIATIONS = ("AB", "ACR")
"""Term types of names that are abbreviations, in whatever source."""
PREFERRED, SYNONYM, ABBREVIATION = (
    NAME_KINDS.categories.to_list().index(kind) for kind in ("preferred", "synonym", "abbreviation")
)


class Codes:
    """Numbers for words, given out in the order of their coming."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}

    def of(self, codes: Array, words: Sequence[str]) -> Array:
        """Turn the codes of a block into those of the whole file; words not in use get none."""
        own = np.zeros(len(words), dtype=np.uint16)
        for code in np.flatnonzero(np.bincount(codes, minlength=len(words))).tolist():
            own[code] = self.words.setdefault(words[code], len(self.words))
        if len(self.words) > MOST_CODES:
            raise SourceError(
                f"A column of the UMLS that holds few words holds over {MOST_CODES:,} different "
                f"ones, such as {words[-1]!r}.",
                remedy="Check that the columns of the files stand in their usual order.",
            )
        return own[codes]


class _Block(NamedTuple):
    """What one block of rows gives."""

    seen: Array
    """Numbers of all concepts, also of rows that are left out."""
    number: Array
    atom: Array
    texts: pl.Series
    language: tuple[Array, list[str]]
    source: tuple[Array, list[str]]
    term_type: tuple[Array, list[str]]
    restriction: Array
    flagged: Array
    """The row says of itself that it is the preferred name of its concept and language."""
    counts: dict[str, int]
    lists: list[tuple[str, pl.DataFrame, int]]


class Names:
    """Every name that is kept."""

    def __init__(self, blocks: Sequence[_Block], known: Array, folder: MetaFolder) -> None:
        languages, sources, types = Codes(), Codes(), Codes()
        self.known = known
        """For each concept number: whether any row names it, kept or not."""
        self.number = np.concatenate([b.number for b in blocks])
        self.atom = np.concatenate([b.atom for b in blocks])
        self.texts = pl.concat([b.texts for b in blocks])
        self.flagged = np.concatenate([b.flagged for b in blocks])
        self.language = np.concatenate([languages.of(*b.language) for b in blocks])
        self.source = np.concatenate([sources.of(*b.source) for b in blocks])
        self.term_type = np.concatenate([types.of(*b.term_type) for b in blocks])
        restriction = np.concatenate([b.restriction for b in blocks])
        self.languages, self.sources = list(languages.words), list(sources.words)
        self._types = list(types.words)
        self._ranks = read_ranks(folder)
        self.restrictions = {
            sab: int(restriction[self.source == code].max(initial=0))
            for code, sab in enumerate(self.sources)
        }

    def frame(self, places: Array) -> pl.DataFrame:
        """Return the names of the concepts that have a place: its row in the list, plus 2."""
        kept = np.flatnonzero(places[self.number] >= 2)
        node = (places[self.number[kept]] - 2).astype(np.uint32)
        kind = np.full(len(kept), SYNONYM, dtype=np.uint8)
        short = np.array([t in ABBREVIATIONS for t in self._types], dtype=np.bool_)
        kind[short[self.term_type[kept]]] = ABBREVIATION
        kind[self._first_names(node, kept)] = PREFERRED
        spoken = pl.Series([language_of(lat) for lat in self.languages])
        return pl.DataFrame(
            {
                "node": node,
                "text": self.texts.gather(kept) if len(kept) < len(self.texts) else self.texts,
                "language": spoken.gather(self.language[kept]),
                "kind": NAME_KINDS.categories.cast(NAME_KINDS).gather(kind),
                "source": self.source[kept],
            },
            schema=NAMES,
        )

    def _first_names(self, node: Array, kept: Array) -> Array:
        """Choose one name for each concept and language.

        It is the one that the rows themselves call preferred; of several, or of none, the one
        whose source and term type rank highest, and then the first by spelling.
        """
        ranks = np.zeros((len(self.sources), len(self._types)), dtype=np.int64)
        for (sab, tty), rank in self._ranks.items():
            if sab in self.sources and tty in self._types:
                ranks[self.sources.index(sab), self._types.index(tty)] = rank
        ranked = ranks[self.source[kept], self.term_type[kept]]
        cost = ranks.max(initial=0) - ranked + np.where(self.flagged[kept], 0, 1 << 30)
        group = node.astype(np.int64) * len(self.languages) + self.language[kept]
        best = (
            pl.DataFrame({"group": group, "cost": cost})
            .with_row_index("at")
            .filter(pl.col("cost") == pl.col("cost").min().over("group"))
        )
        tied = best.filter(pl.col("group").is_duplicated())
        texts = self.texts.gather(kept[tied["at"].to_numpy()])
        chosen = (
            tied.with_columns(texts.alias("text"))
            .sort("group", "text", "at")
            .unique("group", keep="first")
        )
        single = best.filter(~pl.col("group").is_duplicated())
        return np.concatenate([single["at"].to_numpy(), chosen["at"].to_numpy()])


def read_names(
    folder: MetaFolder, options: UmlsOptions, account: Account, progress: Progress
) -> Names:
    """Read the names that the options ask for."""
    sources = frozenset(options.sources)
    languages = frozenset(language_of(wanted.upper()) for wanted in options.languages) | frozenset(
        wanted.lower() for wanted in options.languages
    )
    atoms = folder.has("MRHIER")
    file = folder.files["MRCONSO"]
    known = np.zeros(CONCEPT_NUMBERS, dtype=np.bool_)
    found: set[str] = set()
    kept = []

    def work(rows: Rows) -> _Block:
        return _read_block(rows, sources, languages, atoms=atoms)

    for block in read_rows(file, LAYOUT, work, progress):
        known[block.seen] = True
        for reason, count in block.counts.items():
            account.count(reason, count)
        for reason, listed, in_all in block.lists:
            account.list(listed, reason, file[0].name, in_all)
        found.update(block.language[1])
        kept.append(block)
    _check_languages(options, found)
    if not any(len(block.number) for block in kept):
        raise SourceError(
            f"{file[0]}: no name is left ({account.told()}).",
            remedy="Check that the file is MRCONSO, and the filters sources and languages.",
        )
    return Names(kept, known, folder)


def _check_languages(options: UmlsOptions, found: set[str]) -> None:
    spoken = {language_of(lat) for lat in found}
    for wanted in options.languages:
        if language_of(wanted.upper()) not in spoken and wanted.lower() not in spoken:
            known = {*found, *spoken}
            raise SourceError(
                f"No name is in the language {wanted!r}.{nearest(wanted, known)}",
                remedy=f"Languages of the names: {listing(found)}.",
            )


def sources_named(rows: Rows, field: int) -> tuple[Array, list[str]]:
    """Return a code for the source of each row, and what the codes mean."""
    codes, words = rows.words(field)
    return codes, [word.strip() or UNNAMED for word in words]


def _read_block(
    rows: Rows, sources: frozenset[str], languages: frozenset[str], *, atoms: bool
) -> _Block:
    number = rows.concepts(CUI)
    language, source, term_type = rows.words(LAT), sources_named(rows, SAB), rows.words(TTY)
    wanted = is_asked(source, sources) & is_asked(
        (language[0], [language_of(lat) for lat in language[1]]), languages
    )
    malformed = number < 0
    suppressed = ~malformed & ~np.isin(rows.first_byte(SUPPRESS), (ord("N"), 0))
    filtered = ~malformed & ~suppressed & ~wanted
    at = np.flatnonzero(~malformed & ~suppressed & wanted)
    nameless = np.flatnonzero(malformed)
    at, texts, lists = read_texts(rows, STR, at, "empty-name")
    return _Block(
        seen=number[~malformed],
        number=number[at],
        atom=rows.atoms(AUI)[at] if atoms else np.empty(0, dtype=np.int64),
        texts=texts,
        language=(language[0][at], language[1]),
        source=(source[0][at], source[1]),
        term_type=(term_type[0][at], term_type[1]),
        restriction=(rows.first_byte(SRL)[at].astype(np.int64) - ord("0")).clip(0, 9),
        flagged=_flagged(rows)[at],
        counts={"suppressed-name": int(suppressed.sum()), "filtered-name": int(filtered.sum())},
        lists=[
            ("malformed-concept-id", rows.listed(nameless, "malformed-concept-id"), len(nameless)),
            *lists,
            ("wrong-column-count", rows.misshapen(), len(rows.bad)),
        ],
    )


def read_texts(
    rows: Rows, field: int, at: Array, empty: str
) -> tuple[Array, pl.Series, list[tuple[str, pl.DataFrame, int]]]:
    """Read a field of some rows; return those with a text, it, and those without one."""
    texts = pl.Series(rows.texts(field, at), dtype=pl.String)
    blank = (texts.str.strip_chars() == "").to_numpy()
    garbled = texts.str.contains("[\ufffd\x00]").to_numpy()
    usable = ~blank & ~garbled
    lists = [
        (why, rows.listed(bad, why), len(bad))
        for why, bad in ((empty, at[blank]), ("malformed-text", at[garbled]))
        if len(bad)
    ]
    return at[usable], texts.filter(pl.Series(usable)), lists


def is_asked(column: tuple[Array, list[str]], asked: frozenset[str]) -> Array:
    """Tell which rows hold a word that is asked for; where none is, every one is wanted."""
    codes, words = column
    if not asked:
        return np.ones(len(codes), dtype=np.bool_)
    return np.array([word in asked for word in words], dtype=np.bool_)[codes]


def _flagged(rows: Rows) -> Array:
    """Tell which rows have TS=P, STT=PF and ISPREF=Y."""
    codes, words = rows.words(STT)
    form = np.array([word == "PF" for word in words], dtype=np.bool_)[codes]
    first, chosen = rows.first_byte(TS) == ord("P"), rows.first_byte(ISPREF) == ord("Y")
    flagged: Array = first & form & chosen
    return flagged
