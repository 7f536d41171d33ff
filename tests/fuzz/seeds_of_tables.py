"""Small valid graphs in tables: UMLS, PrimeKG, Hetionet, KGX, plain tables. All invented here."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from given import Input, folder, lines, single, table

# --- umls -----------------------------------------------------------------------------------------

_META = {
    "MRCONSO.RRF": lines(
        "C0000101|ENG|P|L1|PF|S1|Y|A0000001||||MSH|MH|D1|Dim fever|0|N||",
        "C0000101|SPA|P|L2|PF|S2|Y|A0000002||||MSHSPA|MH|D1|fiebre débil|3|N||",
        "C0000101|ENG|S|L3|VO|S3|N|A0000003||||MSH|ET|D1|dimness|0|O||",
        "C0000102|ENG|P|L4|PF|S4|Y|A0000004||||MSH|MH|D2|Lumivir|0|N||",
        "C0000102|ENG|S|L5|PF|S5|Y|A0000005||||SNOMEDCT_US|AB|D2|LMV|9|N||",
        "CL123456|ENG|P|L6|PF|S6|Y|A0000006||||NCI|PT|X1|Glow disorder|0|N||",
        "C0000109|ENG|P|L7|PF|S7|Y|A0000007||||MSH|MH|D9|Gone|0|O||",
    ),
    "MRREL.RRF": lines(
        "C0000101|A1|AUI|RO|C0000102|A4|AUI|may_treat|R1||MSH|MSH|||N||",
        "C0000102|A4|AUI|RO|C0000101|A1|AUI|may_be_treated_by|R2||MSH|MSH|||N||",
        "C0000101|A1|AUI|CHD|CL123456|A6|AUI||R3||NCI|NCI|||N||",
        "C0000101|A1|AUI|SY|C0000101|A2|AUI||R4||MSH|MSH|||N||",
        "C0000101|A1|AUI|RO|C0000102|A4|AUI||R5||MSH|MSH|||O||",
        "C0000101|A1|AUI|RO|C0000109|A7|AUI||R6||MSH|MSH|||N||",
        "C0000101|A1|AUI|RO|C0000999|A9|AUI||R7||MSH|MSH|||N||",
    ),
    "MRSTY.RRF": lines(
        "C0000101|T047|B2.2.1.2.1|Disease or Syndrome|AT1||",
        "C0000102|T121|A1.4.1.1.1|Pharmacologic Substance|AT2||",
        "CL123456|T047|B2.2.1.2.1|Disease or Syndrome|AT3||",
    ),
    "MRDEF.RRF": lines("C0000101|A1|AT9||MSH|A fever that hardly glows.|N||"),
    "MRHIER.RRF": lines("CL123456|A0000006|1|A0000001|NCI|isa|A0000001|||"),
    "MRSAB.RRF": lines(
        *(
            f"CV|CR|{sab}2026|{sab}|name|{sab}|2026|2026_03_01||2026AA||contact|x|{level}"
            "|1|1||||ENG|UTF-8|Y|Y|||"
            for sab, level in (("MSH", 0), ("SNOMEDCT_US", 9), ("NCI", 0), ("MSHSPA", 3))
        )
    ),
    "MRRANK.RRF": lines("0400|MSH|MH|N|", "0300|NCI|PT|N|"),
    "MRDOC.RRF": lines(
        "RELA|may_treat|rela_inverse|may_be_treated_by|",
        "RELA|may_be_treated_by|rela_inverse|may_treat|",
    ),
}


def umls() -> Iterable[Input]:
    """Give META folders."""
    needed = {name: text for name, text in _META.items() if name in ("MRCONSO.RRF", "MRREL.RRF")}
    relations = _META["MRREL.RRF"]
    yield folder(_META)
    yield folder(needed)
    yield folder({f"META/{name}": text for name, text in _META.items()})
    yield folder(
        {
            "MRCONSO.RRF": _META["MRCONSO.RRF"],
            "MRREL.RRF.aa": relations[:150],
            "MRREL.RRF.ab": relations[150:],
        }
    )
    yield folder(_META, sources=["MSH", "NCI"], languages=["ENG"])
    yield folder(_META, types=["T047"], relations=["CHD"])


# --- primekg --------------------------------------------------------------------------------------

_LUMIVIR = "DB90001,drug,lumivir,DrugBank"
_FEVER = "5090,disease,dim fever,MONDO"
_DUSK = "13924_12592,disease,dusk,MONDO_grouped"
_GENE = "101,gene/protein,GLOW1,NCBI"
_PALE = "101,effect/phenotype,pale,HPO"
_ENDS = (
    ("indication,indication", (0, _LUMIVIR), (1, _FEVER)),
    ("indication,indication", (1, _FEVER), (0, _LUMIVIR)),
    ("disease_disease,parent-child", (1, _FEVER), (2, _DUSK)),
    ("disease_protein,associated with", (3, _GENE), (1, _FEVER)),
    ("phenotype_protein,associated with", (3, _GENE), (4, _PALE)),
)
_KG = lines(
    "relation,display_relation,"
    + ",".join(f"{end}_{of}" for end in "xy" for of in ("index", "id", "type", "name", "source")),
    *(f"{relation},{x[0]},{x[1]},{y[0]},{y[1]}" for relation, x, y in _ENDS),
)


def _without(table: str, *columns: int) -> str:
    rows = (line.split(",") for line in table.splitlines())
    return lines(*(",".join(c for at, c in enumerate(row) if at not in columns) for row in rows))


def primekg() -> Iterable[Input]:
    """Give kg.csv."""
    yield single("kg.csv", _KG)
    yield folder({"kg.csv": _KG})
    yield single("kg.csv", _without(_KG, 2, 7))
    yield single("kg.csv", _KG.replace("lumivir", '"lumivir, ""forte"""'))


# --- hetionet -------------------------------------------------------------------------------------

_HETIONET = {
    "my-nodes.tsv": table(
        """
id  name  kind
Gene::9021  GLOW1  Gene
Disease::DOID:9990001  dim fever  Disease
Compound::DB90001  lumivir  Compound
Pathway::WP1_r2  glow relay  Pathway
"""
    ),
    "my-edges.sif": table(
        """
source  metaedge  target
Compound::DB90001  CtD  Disease::DOID:9990001
Gene::9021  GpPW  Pathway::WP1_r2
Gene::9021  Gr>G  Gene::9021
Disease::DOID:9990001  DaG  Gene::77
"""
    ),
}
_HETIONET_JSON = {
    "metanode_kinds": ["Gene", "Disease", "Compound"],
    "metaedge_tuples": [["Compound", "Disease", "treats", "both"]],
    "kind_to_abbrev": {"Gene": "G", "Disease": "D", "Compound": "C", "treats": "t"},
    "nodes": [
        {"kind": "Gene", "identifier": 9021, "name": "GLOW1", "data": {"description": "glows"}},
        {"kind": "Disease", "identifier": "DOID:9990001", "name": "dim fever", "data": {}},
        {"kind": "Compound", "identifier": "DB90001", "name": "lumivir", "data": {"inchikey": "X"}},
    ],
    "edges": [
        {
            "source_id": ["Compound", "DB90001"],
            "target_id": ["Disease", "DOID:9990001"],
            "kind": "treats",
            "direction": "both",
            "data": {"sources": ["our list"], "license": "CC0 1.0", "unbiased": False},
        },
        {
            "source_id": ["Gene", 9021],
            "target_id": ["Gene", 9021],
            "kind": "regulates",
            "direction": "forward",
            "data": {"source": "LINCS"},
        },
    ],
}
_HETIONET_IMPORT = {
    "nodes/Gene.tsv": "geneId:ID(Gene)\tname\tlicense\n9021\tGLOW1\tCC0\n9022\tGLOW2\tCC0\n",
    "nodes/Disease.tsv": "diseaseId:ID(Disease)\tname\nDOID:9990001\tdim fever\n",
    "edges/Disease_Associates_Gene.tsv": lines(
        ":START_ID(Disease)\t:END_ID(Gene)\tsources:string[]", "DOID:9990001\t9021\tour list"
    ),
    "edges/Gene_Regulates_Gene.tsv": ":START_ID(Gene)\t:END_ID(Gene)\n9021\t9022\n",
}


def hetionet() -> Iterable[Input]:
    """Give Hetionet in each of its forms."""
    yield folder(_HETIONET)
    yield folder(_HETIONET)._replace(entry="my-edges.sif")
    yield single("hetionet.json", json.dumps(_HETIONET_JSON))
    yield folder(_HETIONET_IMPORT)


# --- kgx ------------------------------------------------------------------------------------------

_KGX_NODES = [
    {"id": "MONDO:9990001", "name": "dim fever", "category": ["biolink:Disease", "biolink:Entity"],
     "synonym": ["dimness"], "xref": ["DOID:9990001"]},
    {"id": "DRUGBANK:DB90001", "name": "lumivir", "category": ["biolink:Drug"],
     "same_as": ["CHEBI:1"]},
    {"id": "HP:9990002", "name": "pale", "category": ["biolink:PhenotypicFeature"]},
]  # fmt: skip
_KGX_EDGES = [
    {"id": "e1", "subject": "DRUGBANK:DB90001", "predicate": "biolink:treats",
     "object": "MONDO:9990001", "primary_knowledge_source": "infores:ours",
     "publications": ["PMID:1", "PMID:2"]},
    {"id": "e2", "subject": "MONDO:9990001", "predicate": "biolink:has_phenotype",
     "object": "HP:9990002", "negated": True, "provided_by": ["infores:a", "infores:b"]},
    {"id": "e3", "subject": "MONDO:9990001", "predicate": "biolink:related_to",
     "object": "MONDO:404", "relation": "RO:0002434"},
]  # fmt: skip


def _cells(rows: list[dict[str, Any]], separator: str = "\t") -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = ([_cell(row.get(column, "")) for column in columns] for row in rows)
    return lines(*(separator.join(row) for row in [columns, *cells]))


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "|".join(value)
    return "true" if value is True else str(value)


def _jsonl(rows: Iterable[Any]) -> str:
    return lines(*(json.dumps(row) for row in rows))


def _tar(files: Mapping[str, str]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, text in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(text.encode())
            archive.addfile(about, io.BytesIO(text.encode()))
    return held.getvalue()


def kgx() -> Iterable[Input]:
    """Give KGX in each of its forms."""
    pair = {"my_nodes.tsv": _cells(_KGX_NODES), "my_edges.tsv": _cells(_KGX_EDGES)}
    yield folder(pair)
    yield folder(pair)._replace(entry="my_edges.tsv")
    yield single("my_edges.tsv", pair["my_edges.tsv"])
    yield folder({"my_nodes.jsonl": _jsonl(_KGX_NODES), "my_edges.jsonl": _jsonl(_KGX_EDGES)})
    yield folder({"nodes.csv": _cells(_KGX_NODES, ","), "edges.csv": _cells(_KGX_EDGES, ",")})
    yield single("graph.json", json.dumps({"nodes": _KGX_NODES, "edges": _KGX_EDGES}))
    yield single("graph.tar.gz", _tar(pair))


# --- tables ---------------------------------------------------------------------------------------

NODES = table(
    """
id  name  types  synonyms  name@es
MY:1  dim fever  disease  dimness|df  fiebre
MY:2  lumivir  drug|chemical  lmv  lumivir
MY:3  pale  symptom  paleness  palidez
"""
)
EDGES = table(
    """
subject  predicate  object  evidence  source  licence
MY:2  treats  MY:1  It does.  ours  CC0-1.0
MY:1  has_symptom  MY:3  Seen.  ours  CC0-1.0
MY:1  has_symptom  MY:404  Not seen.  others  MIT
"""
)
_ABOUT = (
    "name: My graph\nversion: 1.0\nreleased: 2026-01-31\nlicence: CC0-1.0\ncomplete: [treats]\n"
)
_FOREIGN = {
    "node_columns": {"id": "curie", "name": "label"},
    "edge_columns": {"subject": "from", "predicate": "via", "object": "to"},
}


def _parquet(text: str) -> bytes:
    held = io.BytesIO()
    pl.read_csv(text.encode(), separator="\t", infer_schema=False).write_parquet(held)
    return held.getvalue()


def tables() -> Iterable[Input]:
    """Give tables of our own and of others."""
    yield folder({"nodes.tsv": NODES, "edges.tsv": EDGES, "source.yaml": _ABOUT})
    yield folder({"a.nodes.csv": NODES.replace("\t", ","), "a.edges.csv": _QUOTED})
    yield single("links.tsv", EDGES)
    rows = [line.split("\t") for line in EDGES.splitlines()]
    yield folder(
        {
            "nodes.jsonl": _jsonl(
                {"id": f"MY:{n}", "name": f"n{n}", "types": ["t"]} for n in (1, 2)
            ),
            "edges.jsonl": _jsonl(dict(zip(rows[0], row, strict=True)) for row in rows[1:]),
        }
    )
    yield folder({"nodes.parquet": _parquet(NODES), "edges.parquet": _parquet(EDGES)})
    yield folder(
        {
            "edges.csv": "from;via;to;weight\n1;likes;2;0.5\n2;likes;1;0.25\n",
            "nodes.csv": "curie;label\n1;one\n2;two\n",
        },
        separator=";",
        **_FOREIGN,
    )
    yield folder(
        {"links.txt": "1\t2\n2\t3\n"},
        edges=["links.txt"],
        header=False,
        predicate="joined",
        edge_columns={"subject": 0, "object": 1},
    )


_QUOTED = lines(
    "subject,predicate,object,evidence",
    'MY:2,treats,MY:1,"It does, ""really"", and',
    'on two lines."',
    "MY:1,has_symptom,MY:3,plain",
    '"MY:3",treats,MY:1,"again"',
)
