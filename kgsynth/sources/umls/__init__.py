"""The UMLS in rich release format: a META folder."""
