"""OBO text and OBO Graph JSON."""
