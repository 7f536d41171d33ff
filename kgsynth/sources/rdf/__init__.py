"""OWL and RDF in any syntax."""
