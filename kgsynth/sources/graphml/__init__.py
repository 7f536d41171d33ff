"""GraphML."""
