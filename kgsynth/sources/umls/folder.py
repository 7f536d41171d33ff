"""A UMLS META folder: which files there are, plain, packed or in parts, and the small ones read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kgsynth.errors import SourceError, listing
from kgsynth.sources.columns import SourceInfo
from kgsynth.sources.opening import blocks

COLUMNS = {
    "MRCONSO": 18,
    "MRREL": 16,
    "MRSTY": 6,
    "MRDEF": 8,
    "MRHIER": 9,
    "MRSAB": 25,
    "MRRANK": 4,
    "MRDOC": 4,
}
LONGEST_NUMBER = 18
UNNAMED = "unnamed"
"""What a source is called whose rows leave its abbreviation blank."""
NEEDED = ("MRCONSO", "MRREL")
UNKNOWN_RESTRICTION = 4
"""Of a source that no file tells the restriction of: better held back than let out."""
LANGUAGES = {
    "ARA": "ar", "BAQ": "eu", "CHI": "zh", "CZE": "cs", "DAN": "da", "DUT": "nl", "ENG": "en",
    "EST": "et", "FIN": "fi", "FRE": "fr", "GER": "de", "GRE": "el", "HEB": "he", "HUN": "hu",
    "ITA": "it", "JPN": "ja", "KOR": "ko", "LAV": "lv", "NOR": "no", "POL": "pl", "POR": "pt",
    "RUS": "ru", "SCR": "hr", "SPA": "es", "SWE": "sv", "TUR": "tr", "UKR": "uk",
}  # fmt: skip


class MetaFolder(NamedTuple):
    """The files of a folder, each in one part or in several."""

    path: Path
    files: dict[str, tuple[Path, ...]]

    @classmethod
    def of(cls, path: Path) -> MetaFolder:
        """Look at a folder, or at the META folder in it."""
        if not path.exists():
            raise SourceError(f"There is no folder at {path}.", remedy="Check the path.")
        if not path.is_dir():
            raise SourceError(
                f"{path} is a file; a source of kind umls is a folder.",
                remedy="Name the META folder that holds MRCONSO.RRF and MRREL.RRF.",
            )
        files = _files(path)
        if not files and (path / "META").is_dir():
            path, files = path / "META", _files(path / "META")
        missing = [name for name in NEEDED if name not in files]
        if missing:
            held = listing(entry.name for entry in path.iterdir()) or "nothing"
            raise SourceError(
                f"{path} has no {' and no '.join(f'{name}.RRF' for name in missing)}. "
                f"It holds {held}.",
                remedy="Name the META folder of a UMLS installation or subset.",
            )
        return cls(path, files)

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        return name in self.files

    def fields(self, name: str) -> Iterable[list[str]]:
        """Yield the fields of a small file's rows; rows of another shape are passed over."""
        if not self.has(name):
            return
        for block in blocks(*self.files[name]):
            for line in block.data.decode("utf-8", "replace").splitlines():
                fields = line.removesuffix("|").split("|")
                if len(fields) == COLUMNS[name]:
                    yield fields


def _files(path: Path) -> dict[str, tuple[Path, ...]]:
    """Find each file: MRREL.RRF, MRREL.RRF.gz, or the parts MRREL.RRF.aa.gz, MRREL.RRF.ab.gz."""
    names = sorted(entry.name for entry in path.iterdir() if entry.is_file())
    found = {}
    for name in COLUMNS:
        whole = [n for n in (f"{name}.RRF", f"{name}.RRF.gz") if n in names]
        part = re.compile(rf"{name}\.RRF\.[a-z]{{2}}(\.gz)?")
        parts = whole[:1] or [n for n in names if part.fullmatch(n) and not n.endswith(".RRF.gz")]
        if parts:
            found[name] = tuple(path / n for n in parts)
    return found


# --- what the small files say ------------------------------------------------------------------


def read_sources(folder: MetaFolder, restrictions: dict[str, int]) -> dict[str, SourceInfo]:
    """Read MRSAB; ``restrictions`` are the levels that the rows of names bear."""
    infos = {
        sab: _info(sab, restriction=level, version="", released="")
        for sab, level in restrictions.items()
    }
    for fields in folder.fields("MRSAB"):
        sab, version, start, level = fields[3], fields[6], fields[7], fields[13]
        held = restrictions.get(sab, UNKNOWN_RESTRICTION)
        restriction = int(level) if re.fullmatch("[0-9]", level) else held
        infos[sab] = _info(sab, restriction, version, _date(start))
    return infos


def unlisted(sab: str) -> SourceInfo:
    """Describe a source that neither MRSAB nor a name tells of."""
    return _info(sab, UNKNOWN_RESTRICTION, "", "")


def _info(sab: str, restriction: int, version: str, released: str) -> SourceInfo:
    return SourceInfo(
        name=sab,
        version=version,
        released=released,
        licence=f"UMLS Metathesaurus License, restriction level {restriction}",
        restriction=restriction,
    )


def _date(text: str) -> str:
    found = re.fullmatch(r"(\d{4})[_-](\d{2})[_-](\d{2})", text)
    return "-".join(found.groups()) if found else ""


def read_ranks(folder: MetaFolder) -> dict[tuple[str, str], int]:
    """Read MRRANK: the higher, the rather a name of that source and term type is preferred."""
    said = {
        (fields[1], fields[2]): int(fields[0])
        for fields in folder.fields("MRRANK")
        if fields[0].isdecimal() and len(fields[0]) <= LONGEST_NUMBER
    }
    places = {rank: place for place, rank in enumerate(sorted(set(said.values())), start=1)}
    return {key: places[rank] for key, rank in said.items()}


def read_inverses(folder: MetaFolder) -> dict[str, str]:
    """Read MRDOC: which relation says the same the other way round."""
    return {
        fields[1]: fields[3]
        for fields in folder.fields("MRDOC")
        if fields[0] in ("REL", "RELA") and fields[2] in ("rel_inverse", "rela_inverse")
    }


def language_of(lat: str) -> str:
    """Return the usual code of a UMLS language.

    >>> language_of("ENG"), language_of("XYZ")
    ('en', 'xyz')
    """
    return LANGUAGES.get(lat, lat.lower())
