"""Select rows and give each a split. Curation keeps or drops whole rows; it never alters one."""

from kgsynth.curate.split import Curated, assign_splits

__all__ = ["Curated", "assign_splits"]
