"""GraphML: one XML file, for Gephi, Cytoscape, yEd, networkx and their like.

The keys ``name``, ``types``, ``predicate`` and ``sources`` are for other tools. The key
``kgsynth`` holds all that is known of a concept or a statement, as JSON.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import polars as pl

from kgsynth.graph.export.batches import Batches
from kgsynth.graph.export.texts import Vouched, details, keys, new_file, write_lines
from kgsynth.sources.exported import KEY

FORBIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"
"""No XML file may hold these, in whatever spelling."""
LIST_SEPARATOR = "|"
MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
IN_ATTRIBUTES = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
# JSON may spell out the two characters that it can hold and XML cannot.
SPELLED_OUT = {"\ufffe": "\\ufffe", "\uffff": "\\uffff"}
NODE_KEYS, EDGE_KEYS = ("name", "types"), ("predicate", "sources")


def write(batches: Batches, output: Path) -> None:
    """Write a store as GraphML."""
    with new_file(output) as file:
        _write_head(file, batches)
        names = in_attribute(keys(batches.ids, FORBIDDEN))
        for nodes in batches.nodes():
            write_lines(file, _node_lines(nodes, names))
        _write_edges(file, batches, names)
        file.write(b"</graph>\n</graphml>\n")


def _write_head(file: BinaryIO, batches: Batches) -> None:
    declared = [
        *((key, "node") for key in NODE_KEYS),
        *((key, "edge") for key in EDGE_KEYS),
        (KEY, "all"),
    ]
    about = pl.Series([batches.about.model_dump_json()])
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(
            f'<key id="{key}" for="{domain}" attr.name="{key}" attr.type="string"/>'
            for key, domain in declared
        ),
        '<graph id="G" edgedefault="directed">',
        f'<data key="{KEY}">{_json(about)[0]}</data>',
    ]
    write_lines(file, pl.Series(lines))


def _node_lines(nodes: pl.DataFrame, names: pl.Series) -> pl.Series:
    types = nodes["types"].list.join(LIST_SEPARATOR)
    frame = pl.DataFrame(
        {
            "key": names.gather(nodes["code"]),
            "name": escaped(nodes["name"]),
            "types": escaped(types),
            KEY: _json(details(nodes)),
        }
    )
    return frame.select(
        pl.concat_str(
            pl.lit('<node id="'),
            "key",
            pl.lit('">'),
            *(_data(key) for key in (*NODE_KEYS, KEY)),
            pl.lit("</node>"),
        )
    ).to_series()


def _write_edges(file: BinaryIO, batches: Batches, names: pl.Series) -> None:
    vouched = Vouched(batches, batches.vouchers)
    predicates = escaped(pl.Series(batches.predicates, dtype=pl.String))
    sets = pl.Series([LIST_SEPARATOR.join(held.sources) for held in batches.vouchers])
    sources = escaped(sets)
    for edges in batches.edges():
        frame = pl.DataFrame(
            {
                "subject": names.gather(edges["subject"]),
                "object": names.gather(edges["object"]),
                "predicate": predicates.gather(edges["predicate"]),
                "sources": sources.gather(edges["origins"]),
                KEY: _json(vouched.of(edges)),
            }
        )
        lines = frame.select(
            pl.concat_str(
                pl.lit('<edge source="'),
                "subject",
                pl.lit('" target="'),
                "object",
                pl.lit('">'),
                *(_data(key) for key in (*EDGE_KEYS, KEY)),
                pl.lit("</edge>"),
            )
        )
        write_lines(file, lines.to_series())


def _data(key: str) -> pl.Expr:
    """Write one datum; where there is none, nothing."""
    full = pl.concat_str(pl.lit(f'<data key="{key}">'), key, pl.lit("</data>"))
    return pl.when(pl.col(key).fill_null("") != "").then(full).otherwise(pl.lit(""))


def _json(texts: pl.Series) -> pl.Series:
    for character, spelled in SPELLED_OUT.items():
        texts = texts.str.replace_all(character, spelled, literal=True)
    return escaped(texts)


def escaped(texts: pl.Series) -> pl.Series:
    """Write texts so that none of them is markup; what XML cannot hold becomes a stand-in.

    >>> escaped(pl.Series(['<b> & "c"\\r\\x01'])).to_list()
    ['&lt;b&gt; &amp; "c"&#13;\ufffd']
    """
    texts = texts.str.replace_all(FORBIDDEN, "\ufffd")
    for character, spelled in MARKUP.items():
        texts = texts.str.replace_all(character, spelled, literal=True)
    return texts


def in_attribute(texts: pl.Series) -> pl.Series:
    """Do the same for the value of an attribute.

    >>> in_attribute(pl.Series(['"a"\\n'])).to_list()
    ['&quot;a&quot;&#10;']
    """
    texts = escaped(texts)
    for character, spelled in IN_ATTRIBUTES.items():
        texts = texts.str.replace_all(character, spelled, literal=True)
    return texts
