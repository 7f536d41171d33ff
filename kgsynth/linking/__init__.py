"""Names and synonyms to the concepts that running text means by them."""
