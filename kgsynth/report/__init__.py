"""One HTML file that tells what a dataset holds and what was dropped; it needs no network."""

from kgsynth.report.html import render_report

__all__ = ["render_report"]
