"""Whose words may leave a store: the licence rule, in one place.

A source whose restriction level is above 0 lets out ids only: which concepts there are, of
which types, and which statements join them. Names, definitions and evidence in its words stay
behind until somebody says, by naming the source, that they hold the licence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kgsynth.errors import UsageError, listing, nearest
from kgsynth.graph.manifest import StoreManifest


@dataclass(frozen=True, slots=True)
class Terms:
    """Which sources of a store may be quoted."""

    restriction: dict[str, int]
    """The restriction level of each source; of two with one name, the higher."""
    accepted: frozenset[str] = frozenset()

    @classmethod
    def none(cls) -> Terms:
        """Take no terms at all: nothing leaves the house."""
        return cls({})

    @classmethod
    def of(cls, manifest: StoreManifest, accepted: Iterable[str] = ()) -> Terms:
        """Take the terms of a store's sources, and the names of those that are accepted."""
        levels: dict[str, int] = {}
        for source in manifest.sources:
            levels[source.name] = max(levels.get(source.name, 0), source.restriction)
        named = list(accepted)
        for name in named:
            if name not in levels:
                raise UsageError(
                    f"The store has no source {name!r} to accept.{nearest(name, levels)}",
                    remedy=f"Its sources: {listing(levels)}.",
                )
        return cls(levels, frozenset(named))

    def may_name(self, source: str) -> bool:
        """Tell whether the words of a source may be written out.

        >>> terms = Terms({"MSH": 0, "SNOMEDCT_US": 9, "MDR": 3}, frozenset({"MDR"}))
        >>> [terms.may_name(source) for source in ("MSH", "SNOMEDCT_US", "MDR")]
        [True, False, True]
        """
        return self.restriction.get(source, 0) == 0 or source in self.accepted

    def withheld(self) -> list[str]:
        """Return the sources whose words stay behind.

        >>> Terms({"MSH": 0, "SNOMEDCT_US": 9, "MDR": 3}, frozenset({"MDR"})).withheld()
        ['SNOMEDCT_US']
        """
        return sorted(source for source in self.restriction if not self.may_name(source))
