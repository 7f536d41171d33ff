"""KGX tables and JSON Lines."""
