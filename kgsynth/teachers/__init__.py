"""Writers of text behind one interface. Prompts live in the rooms that ask.

A new kind of teacher is one file and one line of ``TEACHERS``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kgsynth.teachers.request import Teacher

TEACHERS = {"scripted": "kgsynth.teachers.scripted:ScriptedTeacher"}


def open_teacher(config: Any) -> Teacher:
    """Open the teacher that a section of the build file names."""
    module, _, name = TEACHERS[config.kind].partition(":")
    teacher: Teacher = getattr(import_module(module), name)(config)
    return teacher
