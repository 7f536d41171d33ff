"""The gate of a whole dataset: readers that take shortcuts are tried on it, and must not do well.

A set may be sound row by row and still give its answers away: because the key is most often the
best connected option, or the longest. Whoever trains on such a set learns the shortcut, and
whoever measures with it measures that.
"""

from kgsynth.curate.gate.bounds import ALPHA
from kgsynth.curate.gate.judging import MARGIN, NEEDED, ShortcutGate
from kgsynth.curate.gate.readers import CLOSED_BOOK, OPTIONS_ONLY, READERS, Asked, Reader
from kgsynth.curate.gate.sight import GraphSight

__all__ = [
    "ALPHA",
    "CLOSED_BOOK",
    "MARGIN",
    "NEEDED",
    "OPTIONS_ONLY",
    "READERS",
    "Asked",
    "GraphSight",
    "Reader",
    "ShortcutGate",
]
