"""How far anything goes in a graph: beyond a few hops nearly everything is joined to everything."""

MOST_SEARCHED = 12
"""Hops of a search between two concepts."""
MOST_DRAWN = 8
"""Hops of a walk, a unique path or a metapath."""
