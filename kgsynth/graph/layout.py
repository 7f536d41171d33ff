"""Where each part of a store lies in its folder, and the hash of what it says.

The hash covers the content of arrays and texts, not the files: how a file format lays them out
does not count.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from kgsynth.graph.adjacency import Adjacency
from kgsynth.graph.arrays import Array, Incoming, Statements
from kgsynth.graph.building import hash_texts, neighbours
from kgsynth.graph.concepts import Concepts
from kgsynth.graph.texts import Texts, save

WALKED = ("associative",)
COUNTED = ("associative", "negative")


class StoreWriter:
    """Writes the parts of a store into its folder and hashes what they say."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = hashlib.blake2b(digest_size=16)

    def content(self) -> str:
        """Return the hash of all that was written so far."""
        return self._running.hexdigest()

    def say(self, text: str) -> None:
        """Let a text count that is written elsewhere."""
        self._running.update(text.encode() + b"\x00")

    # --- concepts ------------------------------------------------------------------------------

    def concepts(self, concepts: Concepts) -> None:
        """Write ids and types; the lists of types stand in the manifest."""
        self._texts("id", concepts.ids)
        self._array("node_types", concepts.types)
        self.say(repr(concepts.type_sets))

    def names(self, names: pl.DataFrame, nodes: int) -> tuple[str, ...]:
        """Write the names and the index to look one up by; return the languages."""
        languages = names["language"].unique().sort().to_list()
        codes = {language: at for at, language in enumerate(languages)}
        self._array("name_indptr", _starts(names["node"], nodes))
        self._texts("name", names["text"])
        language = names["language"].replace_strict(codes, return_dtype=pl.UInt16)
        # Of no row, polars makes a column of no type.
        self._array("name_language", language.to_numpy().astype(np.uint16))
        self._array("name_kind", names["kind"].to_numpy())
        self._array("name_source", names["source"].to_numpy())
        self.say(repr(languages))
        self._name_index(names["text"])
        return tuple(languages)

    def _name_index(self, names: pl.Series) -> None:
        """Sort names by a hash of their capitals: upper case makes one of ß and ss, of µ and μ."""
        capitals = Texts.of(names.str.to_uppercase())
        hashes = hash_texts(capitals.offsets, capitals.data)
        order = np.argsort(hashes, kind="stable").astype(np.uint32)
        self._save("name_hash", hashes[order])
        self._save("name_of_hash", order)

    def identifiers(self, identifiers: pl.DataFrame, nodes: int) -> None:
        """Write what else concepts are called by, sorted by text, and where a concept's stand."""
        self._texts("identifier", identifiers["text"])
        self._array("identifier_node", identifiers["node"].to_numpy())
        self._array("identifier_kind", identifiers["kind"].to_numpy())
        order = identifiers["node"].arg_sort()
        self._save("node_identifiers", order.to_numpy())
        self._save("node_identifiers_indptr", _starts(identifiers["node"], nodes))

    def definitions(self, definitions: pl.DataFrame, nodes: int) -> None:
        """Write what concepts are."""
        self._array("definition_indptr", _starts(definitions["node"], nodes))
        self._texts("definition", definitions["text"])
        self._array("definition_source", definitions["source"].to_numpy())

    # --- statements ----------------------------------------------------------------------------

    def predicates(self, predicates: pl.DataFrame) -> None:
        """Write the table of relations."""
        _write_parquet(predicates, self._folder / "predicates.parquet")
        self.say(repr(predicates.rows()))

    def statements(
        self, statements: Statements, into: Incoming, sets: Sequence[tuple[int, ...]]
    ) -> None:
        """Write every statement at its subject and at its object, and who vouches for it."""
        for name, array in zip(Statements._fields, statements, strict=True):
            self._array(f"out_{name}", array)
        for name, array in zip(Incoming._fields, into, strict=True):
            self._save(f"in_{name}", array)
        lengths = [len(members) for members in sets]
        members = [origin for held in sets for origin in held]
        self._array("origins_indptr", np.cumsum([0, *lengths]))
        self._array("origins_member", np.array(members, dtype=np.uint16))

    def evidence(self, statements: Array, texts: pl.Series) -> None:
        """Write the texts that vouch for statements, in the order of the statements."""
        self._array("evidence_statement", statements)
        self._texts("evidence", texts)

    def neighbours(self, statements: Statements, into: Incoming, kinds: Sequence[str]) -> None:
        """Write who is beside whom: over what a path may use, and over what counts as degree."""
        for name, wanted in (("walk", WALKED), ("contact", COUNTED)):
            allowed = np.array([kind in wanted for kind in kinds], dtype=np.bool_)
            Adjacency(*neighbours(statements, into, allowed, allowed)).save(self._folder, name)

    # --- files ---------------------------------------------------------------------------------

    def _texts(self, name: str, texts: pl.Series) -> None:
        laid_out = Texts.of(texts)
        laid_out.save(self._folder, name)
        self._hash(laid_out.offsets)
        self._hash(laid_out.data)

    def _array(self, name: str, array: Array) -> None:
        self._save(name, array)
        self._hash(array)

    def _save(self, name: str, array: Array) -> None:
        save(self._folder / f"{name}.npy", array)

    def _hash(self, array: Array) -> None:
        self._running.update(f"{array.dtype.str}{array.shape}".encode())
        self._running.update(np.ascontiguousarray(array).data)


def _starts(nodes: pl.Series, count: int) -> npt.NDArray[np.int64]:
    """Return where the rows of each concept begin; the rows must be in the order of concepts."""
    indptr = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(nodes.to_numpy(), minlength=count), out=indptr[1:])
    return indptr


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a file. What the disk refuses, polars tells in words, and in errors of its own."""
    try:
        frame.write_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        refused = re.search(r"\(os error (\d+)\)", str(error))
        if refused is None:
            raise
        raise OSError(int(refused[1]), os.strerror(int(refused[1])), str(path)) from error
