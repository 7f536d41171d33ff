"""Checked-in build files, one per kind of dataset."""
