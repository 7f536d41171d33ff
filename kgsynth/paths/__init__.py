"""Search between concepts, sampling, ranking, wrong options."""
