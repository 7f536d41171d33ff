"""Write a dataset: canonical rows, the trainers' forms, evidence, card, Croissant, manifest."""

from kgsynth.export.dataset import no_rows, write_dataset
from kgsynth.export.facts import DatasetFacts

__all__ = ["DatasetFacts", "no_rows", "write_dataset"]
