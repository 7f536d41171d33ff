"""A Bolt server, and the folders its bulk import and export use."""
