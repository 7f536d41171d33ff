"""Plain JSONL: one question on each line, as anyone can write it.

``{"id", "stem", "options": {"A": "text"}, "key": "A", "concepts": [ids]}``, and where wanted
``"language"`` and ``"split"``. Only stem, options and key must be there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from kgsynth.errors import SourceError, nearest
from kgsynth.model import Language, Question, QuestionOption, Rejected
from kgsynth.questions.question_set import STAGE, QuestionSet, folded
from kgsynth.seeding import digest

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _number_as_text(value: object) -> object:
    return str(value) if type(value) is int else value


class _Line(BaseModel):
    """A line as it may be written. ``key`` may be missing: that has a code of its own.

    Fields of other tools, such as ``difficulty``, are no concern of ours and are passed over;
    one that looks like a misspelt field of ours is a mistake.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    id: Annotated[Text | None, BeforeValidator(_number_as_text)] = None
    stem: Text
    options: Annotated[dict[Text, Text], Field(min_length=2)]
    key: str | None = None
    concepts: list[Text] = []
    language: Language = "en"
    split: Literal["train", "dev", "test", "unknown"] = "unknown"


class _Unfit(Exception):
    """A line cannot serve: the code and the detail of its rejection."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read(path: Path) -> QuestionSet:
    """Read a file. A line that cannot serve is quarantined; the others are kept."""
    origin = path.stem
    questions: list[Question] = []
    quarantined: list[Rejected] = []
    stems: dict[str, int] = {}
    ids: dict[str, int] = {}
    for number, text in _lines(path):
        try:
            question = _question(text, origin)
            _check_new(question, stems, ids)
        except _Unfit as unfit:
            quarantined.append(_rejected(unfit, path, number, text))
            continue
        stems[folded(question.stem)] = ids[question.id] = number
        questions.append(question)
    if not questions and all(not _is_object(entry) for entry in quarantined):
        detail = quarantined[0].detail if quarantined else "it is empty."
        raise SourceError(
            f"{path} holds no questions: {detail}",
            remedy="A source of kind jsonl has one JSON object on each line.",
        )
    return QuestionSet(tuple(questions), tuple(quarantined))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line with its number; lines that hold nothing are no records."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(
            f"There is no question file at {path}.", remedy="Check questions.sources.path."
        ) from None
    except IsADirectoryError:
        raise SourceError(
            f"{path} is a folder, not a question file.", remedy="Name a .jsonl file in it."
        ) from None
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}.", remedy="Check its permissions."
        ) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{path}, line {number} is not UTF-8 text.", remedy="Save the file as UTF-8."
        ) from None
    # Not splitlines(): a line separator such as U+2028 may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.strip()


# --- one line ------------------------------------------------------------------------------


def _question(text: str, origin: str) -> Question:
    line = _validated(_parsed(text))
    options = tuple(QuestionOption(label=k, text=v) for k, v in line.options.items())
    _check_options(options)
    key = (line.key or "").strip()
    if not key:
        raise _Unfit("missing-key", "the field 'key' is missing or empty.")
    if key not in line.options:
        raise _Unfit(
            "answer-not-among-options",
            f"the key is {key!r}; the options are {', '.join(line.options)}.",
        )
    content = (line.language, line.stem, [(o.label, o.text) for o in options], key)
    return Question(
        id=line.id or "Q" + digest(*content, size=8),
        origin=origin,
        origin_split=line.split,
        language=line.language,
        stem=line.stem,
        options=options,
        key=key,
        concepts=tuple(dict.fromkeys(line.concepts)),
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        # Python's own wording changes between versions, and these bytes must not.
        detail = f"column {error.colno} is not valid JSON."
        raise _Unfit("malformed-question", detail) from None
    except (RecursionError, ValueError):
        # ValueError: an integer of more digits than Python converts.
        raise _Unfit("malformed-question", "it is not JSON that can be read.") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a field given twice: JSON keeps the last one and says nothing."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for name in fields if sum(name == other for other, _ in pairs) > 1)
        raise _Unfit("malformed-question", f"the field {twice!r} stands twice.")
    return fields


def _validated(tree: Any) -> _Line:
    if not isinstance(tree, dict):
        raise _Unfit("malformed-question", "it is not a JSON object.")
    for field in tree:
        hint = nearest(field, _Line.model_fields)
        if hint and field not in _Line.model_fields:
            raise _Unfit("malformed-question", f"unknown field {field!r}.{hint}")
    try:
        return _Line.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            detail = f"the field '{field}' is missing."
        else:
            detail = f"the field {field!r}: {first['msg'][:1].lower()}{first['msg'][1:]}."
        raise _Unfit("malformed-question", detail) from None


def _check_options(options: tuple[QuestionOption, ...]) -> None:
    seen: dict[str, str] = {}
    for option in options:
        twin = seen.setdefault(folded(option.text), option.label)
        if twin != option.label:
            raise _Unfit(
                "malformed-question",
                f"the options {twin} and {option.label} say the same: {option.text!r}.",
            )


def _check_new(question: Question, stems: dict[str, int], ids: dict[str, int]) -> None:
    stem = stems.get(folded(question.stem))
    if stem is not None:
        raise _Unfit("duplicate-stem", f"the same stem stands on line {stem}.")
    if question.id in ids:
        raise _Unfit(
            "malformed-question", f"the id {question.id!r} stands on line {ids[question.id]} too."
        )


# --- what is set aside -----------------------------------------------------------------------


def _rejected(unfit: _Unfit, path: Path, number: int, text: str) -> Rejected:
    """Set a line aside as it stood: its text, for it may not be JSON at all."""
    return Rejected(
        id="Q" + digest(path.stem, number, text, size=8),
        stage=STAGE,
        code=unfit.code,
        detail=f"{path.name}, line {number}: {unfit.detail}",
        content={"file": path.name, "line": number, "text": text},
    )


def _is_object(rejected: Rejected) -> bool:
    return str(rejected.content["text"]).startswith("{")
