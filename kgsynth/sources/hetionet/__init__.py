"""Hetionet: its tables, its JSON document and its Neo4j import folder."""
