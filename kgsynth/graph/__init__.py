"""Compile columns into the store, open it, cut its hubs, look at it."""
