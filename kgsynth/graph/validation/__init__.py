"""What is wrong with a graph, said before anything is built on it."""
