"""A tiny UMLS subset of invented rows in the real form, to be written out and changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

FILES: dict[str, list[str]] = {
    # CUI LAT TS LUI STT SUI ISPREF AUI SAUI SCUI SDUI SAB TTY CODE STR SRL SUPPRESS CVF
    "MRCONSO": [
        "C0009806|ENG|P|L1|PF|S1|Y|A0000001||||MSH|MH|D1|Constipation|0|N||",
        "C0009806|ENG|S|L2|PF|S2|Y|A0000002||||SNOMEDCT_US|SY|14|Costiveness|9|N||",
        "C0009806|SPA|P|L3|PF|S3|Y|A0000003||||MSHSPA|MH|D1|estreñimiento|3|N||",
        "C0009806|ENG|S|L4|VO|S4|N|A0000004||||MSH|ET|D1|old name for it|0|O||",
        "C0005632|ENG|P|L5|PF|S5|Y|A0000005||||MSH|MH|D2|Bisacodyl|0|N||",
        "C0005632|ENG|S|L6|PF|S6|Y|A0000006||||MSH|AB|D2|BSC|0|N||",
        "C0023054|ENG|S|L7|VC|S7|N|A0000007||||NDFRT|PT|N7|laxative agent|0|N||",
        "C0023054|ENG|S|L8|VC|S8|N|A0000008||||MSH|MH|D3|Laxatives|0|N||",
        "C7777777|ENG|P|L9|PF|S9|Y|A0000009||||MSH|MH|D4|Gone|0|O||",
        "CL123456|ENG|P|LA|PF|SA|Y|A0000010||||NCI|PT|X1|Colonic Inertia|0|N||",
    ],
    # CUI1 AUI1 STYPE1 REL CUI2 AUI2 STYPE2 RELA RUI SRUI SAB SL RG DIR SUPPRESS CVF
    "MRREL": [
        "C0009806|A1|AUI|RO|C0005632|A5|AUI|may_treat|R1||NDFRT|NDFRT|||N||",
        "C0005632|A5|AUI|RO|C0009806|A1|AUI|may_be_treated_by|R2||NDFRT|NDFRT|||N||",
        "C0023054|A8|AUI|CHD|C0005632|A5|AUI||R3||MSH|MSH|||N||",
        "C0005632|A5|AUI|PAR|C0023054|A8|AUI||R4||MSH|MSH|||N||",
        "C0009806|A1|AUI|SY|C0009806|A2|AUI||R5||MSH|MSH|||N||",
        "C0009806|A1|AUI|RN|CL123456|A10|AUI|isa|R6||NCI|NCI|||N||",
        "C0009806|A1|AUI|RO|C0023054|A8|AUI||R7||MSH|MSH|||O||",
        "C0009806|A1|AUI|RO|C7777777|A9|AUI||R8||MSH|MSH|||N||",
        "C0009806|A1|AUI|RO|C0000001|A9|AUI||R9||MSH|MSH|||N||",
        "C0009806|A1|AUI|RO|C0005632|A5|AUI|glows_near|RA||SNOMEDCT_US|X|||N||",
    ],
    "MRSTY": [
        "C0009806|T184|A2.2.2|Sign or Symptom|AT1||",
        "C0009806|T047|B2.2.1.2.1|Disease or Syndrome|AT2||",
        "C0005632|T121|A1.4.1.1.1|Pharmacologic Substance|AT3||",
        "C0023054|T121|A1.4.1.1.1|Pharmacologic Substance|AT4||",
        "CL123456|T047|B2.2.1.2.1|Disease or Syndrome|AT5||",
    ],
    "MRDEF": ["C0009806|A1|AT9||MSH|Infrequent passing of stool.|N||"],
    # CUI AUI CXN PAUI SAB RELA PTR HCD CVF
    "MRHIER": [
        "CL123456|A0000010|1|A0000001|NCI|isa|A0000001|||",
        "C0009806|A0000001|1||MSH|||||",
    ],
    # ... RSAB(3) SON SF SVER(6) VSTART(7) ... SLC(11) SCC SRL(13) ...
    "MRSAB": [
        f"CV|CR|{sab}2026|{sab}|name|{sab}|2026|2026_03_01||2026AA||contact|x|{level}"
        "|1|1||||ENG|UTF-8|Y|Y|||"
        for sab, level in (("MSH", 0), ("SNOMEDCT_US", 9), ("NDFRT", 0), ("NCI", 0), ("MSHSPA", 3))
    ],
    "MRRANK": ["0400|MSH|MH|N|", "0300|NDFRT|PT|N|", "0200|SNOMEDCT_US|SY|N|"],
    "MRDOC": [
        "RELA|glows_near|rela_inverse|is_lit_by|",
        "RELA|is_lit_by|rela_inverse|glows_near|",
    ],
}


def write(folder: Path, changed: Mapping[str, Iterable[str] | None] | None = None) -> Path:
    """Write the files; a file that is changed to None is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**FILES, **(changed or {})}.items():
        if rows is not None:
            text = "".join(f"{row}\n" for row in rows)
            (folder / f"{name}.RRF").write_text(text, "utf-8")
    return folder
