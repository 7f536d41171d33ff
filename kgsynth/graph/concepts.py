"""Concepts, types, names and identifiers of several sources, as one list each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.sources.columns import GraphColumns
from kgsynth.vocabulary import Vocabulary

Codes = npt.NDArray[np.uint32]


class Concepts(NamedTuple):
    """Every concept once, in the order of its id."""

    ids: pl.Series
    codes: list[Codes]
    """For each source: the code of each of its concepts."""
    type_sets: list[tuple[str, ...]]
    types: npt.NDArray[np.uint32]
    """The place of each concept's types in ``type_sets``."""


def merge_concepts(sources: Sequence[GraphColumns], vocabulary: Vocabulary) -> Concepts:
    """Number the concepts in the order of their ids, whichever source names them."""
    ids = pl.concat([s.nodes["id"] for s in sources])
    if len(sources) > 1 or not ids.is_sorted():
        ids = ids.unique().sort()
    codes = [_codes(ids, s.nodes["id"]) for s in sources]
    type_sets, types = _types(sources, codes, len(ids), vocabulary)
    return Concepts(ids, codes, type_sets, types)


def _codes(ids: pl.Series, own: pl.Series) -> Codes:
    if len(ids) == len(own) and bool((ids == own).all()):
        return np.arange(len(ids), dtype=np.uint32)
    places = pl.DataFrame({"id": ids}).with_row_index("code")
    found = pl.DataFrame({"id": own}).join(places, on="id", how="left", maintain_order="left")
    return found["code"].cast(pl.UInt32).to_numpy()


def _types(
    sources: Sequence[GraphColumns], codes: Sequence[Codes], count: int, vocabulary: Vocabulary
) -> tuple[list[tuple[str, ...]], npt.NDArray[np.uint32]]:
    """Give each concept the types that any source gives it, by their canonical names."""
    held = pl.concat(
        [
            pl.DataFrame({"code": code, "spelled": _spelled(s.nodes["types"])})
            for s, code in zip(sources, codes, strict=True)
        ]
    )
    spelled = held["spelled"].unique().sort()
    meant = {text: _named(text, vocabulary) for text in spelled.to_list()}
    several = held.unique().filter(pl.len().over("code") > 1).sort("code", "spelled")
    joined = several.group_by("code", maintain_order=True).agg("spelled")
    unions = {
        code: tuple(sorted({t for text in texts for t in meant[text]}))
        for code, texts in joined.iter_rows()
    }
    sets = sorted({*meant.values(), *unions.values()})
    place = {types: at for at, types in enumerate(sets)}
    types = np.zeros(count, dtype=np.uint32)
    numbers = pl.Series([place[meant[text]] for text in spelled.to_list()], dtype=pl.UInt32)
    types[held["code"].to_numpy()] = numbers.gather(
        held.join(
            pl.DataFrame({"spelled": spelled}).with_row_index("at"),
            on="spelled",
            maintain_order="left",
        )["at"]
    ).to_numpy()
    for code, union in unions.items():
        types[code] = place[union]
    return _in_use(sets, types)


def _in_use(
    sets: list[tuple[str, ...]], types: npt.NDArray[np.uint32]
) -> tuple[list[tuple[str, ...]], npt.NDArray[np.uint32]]:
    used, places = np.unique(types, return_inverse=True)
    return [sets[at] for at in used.tolist()], places.astype(np.uint32)


def _spelled(types: pl.Series) -> pl.Series:
    """Write each list of types as one text, so that the few distinct ones can be told."""
    return types.list.join("\x1f").fill_null("")


def _named(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(sorted({vocabulary.type_name(t) for t in text.split("\x1f") if t}))


# --- names and what else is said of a concept ----------------------------------------------------


def merge_names(
    sources: Sequence[GraphColumns], concepts: Concepts, ranks: Sequence[Sequence[int]]
) -> pl.DataFrame:
    """List the names by concept; each concept has one preferred name a language.

    Of several preferred ones it is that of the source that comes first, and a name that several
    sources give is the first one's: the order in which sources are listed must not change the
    store.
    """
    frame = _of_all(sources, concepts, ranks, "names").with_columns(
        pl.col("kind").to_physical().cast(pl.UInt8)
    )
    if frame.is_empty():
        return frame
    once = _each_name_once(frame.sort("node", "language", "text", "kind", "source"))
    languages = once["language"].unique().sort()
    place = {language: at for at, language in enumerate(languages.to_list())}
    language = once["language"].replace_strict(place, return_dtype=pl.UInt64)
    # One number that sorts by node, kind, language and source; texts are in order already.
    key = once["node"].to_numpy().astype(np.uint64) << np.uint64(32)
    key |= once["kind"].to_numpy().astype(np.uint64) << np.uint64(28)
    key |= language.to_numpy() << np.uint64(16) | once["source"].to_numpy().astype(np.uint64)
    ordered = once[np.argsort(key, kind="stable")]
    second = (
        (pl.col("kind") == 0)
        & (pl.col("kind").shift() == 0)
        & (pl.col("node") == pl.col("node").shift())
        & (pl.col("language") == pl.col("language").shift())
    )
    if not ordered.select(second.any()).item():
        return ordered
    demoted = pl.when(second).then(pl.lit(1, pl.UInt8)).otherwise("kind").alias("kind")
    # In order once more: a store that is read back must not be laid out in another way.
    return ordered.with_columns(demoted).sort("node", "kind", "language", "source", "text")


def _each_name_once(names: pl.DataFrame) -> pl.DataFrame:
    """Keep the first kind of each name, and the first source that gives it in any kind."""
    repeated = pl.all_horizontal(
        pl.col(c) == pl.col(c).shift() for c in ("node", "language", "text")
    ).fill_null(value=False)
    first = names.select(~repeated).to_series().to_numpy()
    if first.all():
        return names
    begins = np.flatnonzero(first)
    source = np.minimum.reduceat(names["source"].to_numpy(), begins)
    return names[begins].with_columns(pl.Series("source", source))


def merge_definitions(
    sources: Sequence[GraphColumns], concepts: Concepts, ranks: Sequence[Sequence[int]]
) -> pl.DataFrame:
    """List the definitions by concept, each once."""
    frame = _of_all(sources, concepts, ranks, "definitions")
    return frame.sort("node", "text", "source").unique(
        ["node", "text"], keep="first", maintain_order=True
    )


def merge_identifiers(sources: Sequence[GraphColumns], concepts: Concepts) -> pl.DataFrame:
    """List what else concepts are called by, in the order of the texts, to be looked up."""
    frame = _of_all(sources, concepts, None, "identifiers")
    return (
        frame.with_columns(pl.col("kind").to_physical().cast(pl.UInt8))
        .sort("text", "node", "kind")
        .unique(["text", "node"], keep="first", maintain_order=True)
    )


def _of_all(
    sources: Sequence[GraphColumns],
    concepts: Concepts,
    ranks: Sequence[Sequence[int]] | None,
    what: str,
) -> pl.DataFrame:
    """Put a frame of all sources together, in the codes of the store."""
    parts: list[pl.DataFrame] = []
    for at, (s, codes) in enumerate(zip(sources, concepts.codes, strict=True)):
        frame: Any = getattr(s, what)
        changed = [pl.Series("node", codes[frame["node"].to_numpy()])]
        if ranks is not None:
            numbers = np.asarray(ranks[at], dtype=np.uint16)
            changed.append(pl.Series("source", numbers[frame["source"].to_numpy()]))
        parts.append(frame.with_columns(changed))
    return pl.concat(parts)
