"""What an ontology says of itself, in the same words whichever form it was written in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from kgsynth.sources.columns import SourceInfo

_ADDRESS = re.compile(r"https?://purl\.obolibrary\.org/obo/", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:owl|obo|json|ofn|omn|ttl)$", re.IGNORECASE)
_ISO_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_OBO_DATE = re.compile(r"(\d{2}):(\d{2}):(\d{4})\b")
_COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses/(by(?:-nc)?(?:-nd|-sa)?)/(\d\.\d)|publicdomain/zero/(\d\.\d))",
    re.IGNORECASE,
)


def describe_source(
    names: Iterable[str], versions: Iterable[str], dates: Iterable[str], licences: Iterable[str]
) -> SourceInfo:
    """Make a source of the texts of a header, the best of each kind first.

    A version that is a path or an address, such as ``doid/releases/2026-07-31/doid.obo``, is
    shortened to the date in it, so that the three forms of a release have one version.
    """
    version = next((text for text in versions if text), "")
    days = [day for text in (version, *dates) if (day := find_date(text))]
    dated = bool(days) and "/" in version and find_date(version) == days[0]
    return SourceInfo(
        name=next((short for text in names if (short := _short(text))), "ontology"),
        version=days[0] if dated else version,
        released=days[0] if days else "",
        licence=next((found for text in licences if (found := name_licence(text))), ""),
    )


def find_date(text: str) -> str:
    """Find the ISO date, or OBO's ``31:07:2026``, in a text.

    >>> find_date("releases/2016-09-01"), find_date("31:07:2026 21:27"), find_date("v2026-99-99")
    ('2016-09-01', '2026-07-31', '')
    """
    if iso := _ISO_DATE.search(text):
        year, month, day = iso.groups()
    elif obo := _OBO_DATE.match(text):
        day, month, year = obo.groups()
    else:
        return ""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def name_licence(text: str) -> str:
    """Name the Creative Commons licence that a text links to; other links stand for themselves.

    A remark in prose names no licence unless such a link is in it.

    >>> name_licence("Free under https://creativecommons.org/licenses/by/4.0/ since 2020.")
    'CC-BY-4.0'
    >>> name_licence("http://creativecommons.org/publicdomain/zero/1.0/")
    'CC0-1.0'
    >>> name_licence("Made with care."), name_licence("https://example.org/terms")
    ('', 'https://example.org/terms')
    """
    if found := _COMMONS.search(text):
        kind, version, zero = found.groups()
        return f"CC0-{zero}" if zero else f"CC-{kind.upper()}-{version}"
    single = text.strip()
    return single if re.fullmatch(r"https?://\S+", single) else ""


def _short(text: str) -> str:
    """Leave the address of all OBO ontologies and the file's ending out of a name."""
    return _ENDING.sub("", _ADDRESS.sub("", text.strip()))
