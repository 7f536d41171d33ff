"""PrimeKG: one table of rows with both ends of each edge."""
