"""The command line: one file per command, none of them imported before it is called."""
