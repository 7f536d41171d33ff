"""From items to rows: the prose of a question, of its trace, and the trace's corruptions."""
