"""Node and edge tables with a column map, and the table files that other kinds are made of."""
