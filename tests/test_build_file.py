"""The build file: what it takes, and the sentence that refuses all else."""

from __future__ import annotations

import contextlib
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from kgsynth.build_file import read_build_file
from kgsynth.config import BUILT, BuildConfig, refuse_unbuilt
from kgsynth.errors import ConfigError, NotBuiltError
from kgsynth.resources import locate

GRAPH = "graph:\n  sources: [{kind: tables, path: a}]\n"
SOURCES = "graph: {sources: [{kind: tables, path: mini}]}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "build.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def refused(path: Path, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_build_file(path, overrides)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.fixture
def smallest(tmp_path: Path) -> Path:
    return written(tmp_path, SOURCES)


# --- keys that do not exist ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "key", "nearest"),
    [
        ("gaph:\n  x: 1\n" + SOURCES, 1, "gaph", "graph"),
        (SOURCES + "sed: 3\n", 2, "sed", "seed"),
        (GRAPH + "  shater: {k: 3}\n", 3, "graph.shater", "shatter"),
        (GRAPH + "  shatter:\n    protect:\n      anwers: true\n", 5,
         "graph.shatter.protect.anwers", "answers"),
        (
            "graph:\n  sources:\n    - {kind: tables, path: a}\n    - kind: tables\n      pth: b\n",
            5,
            "graph.sources.1.pth",
            "path",
        ),
        (SOURCES + "questions:\n  sources:\n  - kind: jsonl\n    path: a\n    pat: b\n", 6,
         "questions.sources.0.pat", "path"),
        (SOURCES + "teacher:\n  writter: {}\n", 3, "teacher.writter", "writer"),
        (SOURCES + "teacher:\n  writer:\n    dely: 1\n", 4, "teacher.writer.dely", "delay"),
        (SOURCES + "teacher:\n  writer: {kind: vllm, model: m,\n    temprature: 1}\n", 4,
         "teacher.writer.temprature", "temperature"),
        (SOURCES + "teacher:\n  verifier:\n    kind: openai\n    base_url: [a]\n", 5,
         "teacher.verifier.base_url", "base_urls"),
        (SOURCES + "teacher: {budget: {token: 1}}\n", 2, "teacher.budget.token", "tokens"),
        (SOURCES + "verify: {rederive: {needs: 1, of: 2}}\n", 2, "verify.rederive.needs", "need"),
        (SOURCES + "curate: {split: {trian: [2]}}\n", 2, "curate.split.trian", "train"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(
    text: str, line: int, key: str, nearest: str, tmp_path: Path
) -> None:
    path = written(tmp_path, text)
    said = refused(path)
    assert said.startswith(f"{path}, line {line}: unknown key '{key}'. Did you mean '{nearest}'?")


def test_only_keys_of_the_chosen_teacher_are_offered(tmp_path: Path) -> None:
    said = refused(written(tmp_path, SOURCES + "teacher: {writer: {temperature: 1}}\n"))
    assert said.endswith("unknown key 'teacher.writer.temperature'. Keys here: delay, kind.")


def test_a_section_named_like_a_teacher_is_an_unknown_key(tmp_path: Path) -> None:
    said = refused(written(tmp_path, SOURCES + "teacher: {openai: {model: m}}\n"))
    assert "unknown key 'teacher.openai'. Keys here: budget, verifier, writer." in said


@pytest.mark.parametrize("key", ["1", "yes", "null", "2026-11-01", "<<", "="])
def test_a_key_is_the_text_that_stands_there(key: str, tmp_path: Path) -> None:
    said = refused(written(tmp_path, SOURCES + f"paths:\n  {key}: {{count: 3}}\n"))
    assert f"line 3: unknown key 'paths.{key}'" in said


def leaves(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Return the place of every key that a build file may hold, ``*`` standing for an item."""
    for name, field in model.model_fields.items():
        yield (name,)
        for inner, in_list in sections(field.annotation):
            for place in leaves(inner):
                yield (name, *(["*"] if in_list else []), *place)


def sections(annotation: Any, in_list: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, in_list
    elif get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from sections(inner, in_list or get_origin(annotation) is tuple)


KEYS = list(dict.fromkeys(leaves(BuildConfig)))
TEACHERS: list[dict[str, Any]] = [
    {"kind": "scripted"},
    {"kind": "openai", "base_urls": ["http://x"], "model": "m"},
    {"kind": "vllm", "model": "m"},
]
WHOLE: dict[str, Any] = {
    "graph": {
        "sources": [{"kind": "tables", "path": "a"}, {"kind": "tables", "path": "b"}],
        "shatter": {"protect": {}},
    },
    "questions": {"sources": [{"kind": "jsonl", "path": "a"}]},
    "qa": {},
    "paths": {},
    "synthesis": {"distractors": {}},
    "teacher": {"writer": TEACHERS[1], "verifier": TEACHERS[2], "budget": {}},
    "verify": {"rederive": {"need": 1, "of": 2}},
    "curate": {"split": {}},
    "export": {},
    "licence": {},
    "run": {},
}


def mappings(tree: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(tree, dict):
        yield at
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        if isinstance(value, dict | list):
            yield from mappings(value, (*at, key))


PLACES = list(mappings(WHOLE))


def test_every_section_is_in_the_property_below() -> None:
    """A section of BuildConfig that WHOLE does not hold would never be tried."""
    inside = {place[:-1] for place in KEYS if len(place) > 1}
    tried = {tuple("*" if isinstance(p, int) else p for p in place) for place in PLACES if place}
    assert {tuple(place) for place in inside if place[-1] != "*"} <= tried


@given(
    place=st.sampled_from(PLACES),
    key=st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12
    ),
)
def test_any_unknown_key_at_any_place_is_refused(
    place: tuple[Any, ...], key: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree = yaml.safe_load(yaml.safe_dump(WHOLE))
    target = tree
    for part in place:
        target = target[part]
    known = {k[-1] for k in KEYS}
    if key in known:
        key += "_"
    target[key] = 1
    path = tmp_path_factory.getbasetemp() / "unknown.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    dotted = ".".join(map(str, (*place, key)))
    assert f": unknown key '{dotted}'." in refused(path)


# --- wrong values -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("seed: x", 2, """'seed' is "x"; it must be a valid integer."""),
        ("seed: '7'", 2, """'seed' is "7"; it must be a valid integer."""),
        ("seed: true", 2, "'seed' is true; it must be a valid integer."),
        ("seed: 7.0", 2, "'seed' is 7.0; it must be a valid integer."),
        ("name: 7", 2, "'name' is 7; it must be a text, in quotes."),
        ("name: no", 2, "'name' is false; it must be a text, in quotes."),
        ("name:", 2, "'name' is null; it must be a text."),
        ("name: a/b", 2, """'name' is "a/b"; it must match pattern"""),
        ("name: ..", 2, """'name' is ".."; it must match pattern"""),
        ("limit: 0", 2, "'limit' is 0; it must be greater than or equal to 1."),
        ("questions:", 2,
         "'questions' is null; it must hold keys: allow_benchmark_training, sources."),
        ("questions: [a]", 2, """'questions' is ["a"]; it must hold keys:"""),
        ("questions: {allow_benchmark_training: 1}", 2,
         "'questions.allow_benchmark_training' is 1; it must be a valid boolean."),
        ("questions:\n  sources: a", 3,
         """'questions.sources' is "a"; it must be a list, as in ["a"]."""),
        ("questions:\n  sources: {a: b}", 3,
         """'questions.sources' is {"a": "b"}; it must be a list."""),
        ("questions:\n  sources: [{kind: jsonl, path: ''}]", 3,
         """'questions.sources.0.path' is ""; it must name a file or folder."""),
        ("questions:\n  sources: [{kind: jsonl}]", 3,
         "the key 'questions.sources.0.path' is missing."),
        ("questions:\n  sources:\n    - {kind: jsonnl, path: a}", 4,
         """'questions.sources.0.kind' is "jsonnl"; it must be 'medqa', 'medmcqa', 'pubmedqa', """
         "'mmlu', 'mirage' or 'jsonl'. Did you mean 'jsonl'?"),
        ("export:\n  forms: [sft, dpoo]", 3,
         """'export.forms.1' is "dpoo"; it must be 'sft', 'dpo', 'rl', 'kto' or 'prm'. """
         "Did you mean 'dpo'?"),
        ("export: {forms: []}", 2, "'export.forms' is []; it must have at least 1 item, not 0."),
        ("export: {forms: [sft, sft]}", 2,
         """'export.forms' is ["sft", "sft"]; one of them stands twice."""),
        ("synthesis: {forms: [open, open]}", 2, "one of them stands twice."),
        ("synthesis: {languages: [no]}", 2,
         "'synthesis.languages.0' is false; it must be a text, in quotes."),
        ("synthesis: {languages: [english]}", 2, "'synthesis.languages.0'"),
        ("teacher: {writer: gpt}", 2,
         """'teacher.writer' is "gpt"; it must hold keys: base_urls, delay, kind, model"""),
        ("teacher:\n  writer:\n    kind: opnai", 4,
         "'teacher.writer.kind' is 'opnai'; it must be one of 'scripted', 'openai', 'batch', "
         "'vllm'. Did you mean 'openai'?"),
        ("teacher: {writer: {kind: openai, base_urls: ['http://x']}}", 2,
         "the key 'teacher.writer.model' is missing."),
        ("teacher: {writer: {kind: openai, model: m, base_urls: [x]}}", 2,
         """'teacher.writer.base_urls.0' is "x"; 'x' is not an http(s) address."""),
        ("teacher: {writer: {delay: .inf}}", 2, "it must be a finite number."),
        ("teacher: {writer: {delay: -1}}", 2, "it must be greater than or equal to 0."),
        ("paths: {count: -1}", 2, "'paths.count' is -1; it must be greater than or equal to 0."),
        ("paths:\n  hops: [4, 2]", 2,
         """'paths' is {"hops": [4, 2]}; hops [4, 2] must be [fewest, most]."""),
        ("paths:\n  hops: [2, 6]", 3,
         "'paths.hops.1' is 6; it must be less than or equal to 5."),
        ("paths:\n  hops: [2]", 3, "'paths.hops' has too few items: [2]."),
        ("paths:\n  hops: [2, 3, 4]", 3,
         "'paths.hops' is [2, 3, 4]; it must have at most 2 items, not 3."),
        ("qa: {min_hops: 4, max_hops: 3}", 2, "min_hops 4 is more than max_hops 3."),
        ("verify: {rederive: {need: 3, of: 2}}", 2, "need 3 is more than of 2."),
        ("curate: {split: {train: [2, 3], test: [3]}}", 2,
         "hops [3] stand in train and in test."),
        ("curate: {split: {test: [1, 2]}}", 2, "hops [1, 2] stand in train and in test."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_line(
    text: str, line: int, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, SOURCES + text + "\n")
    message = refused(path)
    assert message.startswith(f"{path}, line {line}: ")
    assert said in message


@pytest.mark.parametrize("text", ["{}", "seed: 3", "graph: {}", "graph: {shatter: {k: 2}}"])
def test_graph_sources_is_the_one_key_that_must_be_there(text: str, tmp_path: Path) -> None:
    assert "the key 'graph.sources' is missing." in refused(written(tmp_path, text))


def test_an_empty_list_of_sources_is_refused(tmp_path: Path) -> None:
    said = refused(written(tmp_path, "graph: {sources: []}"))
    assert "'graph.sources' is []; it must have at least 1 item" in said


def test_further_mistakes_are_counted_and_an_unknown_key_is_told_first(tmp_path: Path) -> None:
    path = written(tmp_path, SOURCES + "seed: x\nlimit: 0\nname: []\npaths: {cuont: 3}\n")
    said = refused(path)
    assert "unknown key 'paths.cuont'" in said
    assert said.endswith("(and 3 more mistakes)")
    path = written(tmp_path, SOURCES + "seed: x\nlimit: 0\n")
    assert refused(path).endswith("(and 1 more mistake)")


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    said = refused(written(tmp_path, SOURCES + f"seed: {'x' * 5000}\n"))
    assert len(said) < 400


# --- not a build file at all --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", " is empty. A build file needs at least graph.sources."),
        ("# nothing but a comment\n", " is empty."),
        ("- a\n- b\n", " holds no keys."),
        ("just words\n", " holds no keys."),
        ("seed: 1\nseed: 2\n", ", line 2 is not valid YAML: the key 'seed' stands twice."),
        ("paths:\n  count: 1\n  hops: [2, 3]\n  count: 2\n",
         ", line 4 is not valid YAML: the key 'paths.count' stands twice."),
        ("graph:\n  sources:\n    - kind: tables\n      kind: umls\n",
         ", line 4 is not valid YAML: the key 'graph.sources.0.kind' stands twice."),
        ("a: [1\nb: 2\n", ", line 2 is not valid YAML:"),
        ("a: 1\n\tb: 2\n", ", line 2 is not valid YAML:"),
        ("a: 1\nb: 2\n c: 3\n", ", line 3 is not valid YAML:"),
        ("a: 1\n---\nb: 2\n", ", line 2 is not valid YAML:"),
        ("a: 1\nb: 'x\x00y'\n", ", line 2 is not valid YAML: the character U+0000 is not allowed"),
        ("a: 1\n? [b, c]\n: d\n", ", line 2 is not valid YAML: a key must be a word."),
        ("a: " + "[" * 5000, ", line 1 is not valid YAML: it is nested too deeply."),
        ("a: " + "{b: " * 5000, ", line 1 is not valid YAML: it is nested too deeply."),
        ("seed: 0x" + "f" * 5000, ", line 1 is not valid YAML: the number is too large."),
        ("seed: " + "9" * 5000, ", line 1 is not valid YAML: '9999"),
        ("seed: !!int abc", ", line 1 is not valid YAML: 'abc' is no value."),
    ],
)  # fmt: skip
def test_a_text_that_is_no_build_file_is_told_in_a_sentence(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "build.yaml"
    path.write_text(text, encoding="utf-8")
    assert refused(path).startswith(f"{path}{said}")


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [ls]", "!!binary aGk=", "!!set {a}", "!own x",
            "!!timestamp 2026-13-40", "!!omap [a: 1]", "!<tag:example.org,2000:list> [a]"]
)  # fmt: skip
def test_tags_are_refused(tag: str, tmp_path: Path) -> None:
    said = refused(written(tmp_path, SOURCES + f"name: {tag}\n"))
    assert re.search(r"line 2 is not valid YAML: the tag !\S+ is not taken|the tag \S+", said)


def test_aliases_are_refused_and_a_billion_laughs_do_not_hang(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 12):
        bomb += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    said = refused(written(tmp_path, bomb))
    assert "line 2 is not valid YAML: an alias (*name) is not taken" in said


def test_a_list_that_holds_itself_is_refused(smallest: Path, tmp_path: Path) -> None:
    assert "an alias" in refused(written(tmp_path, "a: &a [*a]\n"))
    assert "an alias" in refused(smallest, "paths=&a {count: *a}")


def test_an_anchor_alone_does_no_harm(tmp_path: Path) -> None:
    assert read_build_file(written(tmp_path, SOURCES + "seed: &s 3\n")).seed == 3


def test_a_date_is_a_text(tmp_path: Path) -> None:
    assert read_build_file(written(tmp_path, SOURCES + "name: 2026-11-01\n")).name == "2026-11-01"


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("name: café\n".encode("latin-1"))
    assert refused(path) == f"{path} is not UTF-8 text. Save the build file as UTF-8."


def test_a_picture_a_folder_and_a_missing_file_are_told(tmp_path: Path) -> None:
    picture = tmp_path / "x.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    assert "is not UTF-8 text" in refused(picture)
    assert refused(tmp_path) == f"{tmp_path} is a folder, not a build file. Name a YAML file."
    missing = tmp_path / "none.yaml"
    assert refused(missing).startswith(f"There is no build file at {missing}.")
    assert "cannot be read: Not a directory" in refused(picture / "below.yaml")


def test_a_file_that_may_not_be_read_is_told(
    smallest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", deny)
    assert refused(smallest).endswith("Permission denied. Check its permissions.")


def test_a_byte_order_mark_is_no_part_of_a_key(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SOURCES.encode())
    assert read_build_file(path).seed == 7


YAML = st.text(
    st.sampled_from("ab:{}[]-,?!&*#|>%@`'\"\\<=~.01 \n\t\u2028\ufeff\x7f")
    | st.characters(codec="utf-8")
)


@given(text=YAML)
def test_no_text_fails_in_another_way(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    refused(path)


# --- --set --------------------------------------------------------------------------------


def test_set_reaches_keys_sections_and_items(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "graph: {sources: [{kind: tables, path: a}, {kind: tables, path: b}]}\npaths: {count: 3}\n",
    )
    config = read_build_file(
        path,
        [
            "seed=11",
            "paths.count=9",
            "graph.sources.1.path=/c",
            "graph.shatter.protect.types=[drug, gene]",
            "synthesis={options: 5}",
            "teacher.writer.delay=0.5",
            "limit=null",
        ],
    )
    assert config.seed == 11
    assert config.paths.count == 9
    assert [source.path for source in config.graph.sources] == [str(tmp_path / "a"), "/c"]
    assert config.graph.shatter.protect.types == ("drug", "gene")
    assert config.synthesis.options == 5
    assert config.teacher.writer.model_dump()["delay"] == 0.5
    assert config.limit is None


def test_the_last_set_wins_and_earlier_ones_stand_beside_it(smallest: Path) -> None:
    config = read_build_file(
        smallest, ["paths={count: 1, hops: [2, 3]}", "paths.count=2", "seed=1", "seed=2"]
    )
    assert (config.paths.count, config.paths.hops, config.seed) == (2, (2, 3), 2)
    swapped = read_build_file(smallest, ["paths.count=2", "paths={count: 1, hops: [2, 3]}"])
    assert swapped.paths.count == 1


def test_a_value_may_hold_an_equals_sign(smallest: Path) -> None:
    config = read_build_file(smallest, ["graph.sources.0.path=/a=b"])
    assert config.graph.sources[0].path == "/a=b"


def test_a_value_may_be_a_space(smallest: Path) -> None:
    source = read_build_file(smallest, ["graph.sources.0.separator= "]).graph.sources[0]
    assert source.model_dump()["separator"] == " "


def test_a_section_left_empty_can_be_filled(tmp_path: Path) -> None:
    path = written(tmp_path, SOURCES + "paths:\n")
    assert read_build_file(path, ["paths.count=4"]).paths.count == 4


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("paths.count", "--set 'paths.count' is not key=value. For example: --set paths.count=50"),
        ("=3", "--set '=3' is not key=value."),
        ("paths..count=3", "--set 'paths..count=3' is not key=value."),
        (".=3", "is not key=value."),
        ("paths.cuont=3", "--set paths.cuont: unknown key 'paths.cuont'. Did you mean 'count'?"),
        ("paths.0=3", "--set paths.0: unknown key 'paths.0'."),
        ("paths.²=3", "--set paths.²: unknown key 'paths.²'."),
        ("sed=3", "--set sed: unknown key 'sed'. Did you mean 'seed'?"),
        ("seed=x", """--set seed: 'seed' is "x"; it must be a valid integer."""),
        ("seed=", "--set seed: 'seed' is null; it must be a valid integer."),
        ("seed=[1", "--set seed: the value '[1' is not valid YAML:"),
        ("paths={count: 1, count: 2}", "the key 'count' stands twice."),
        ("paths.hops=[5, 2]", "hops [5, 2] must be [fewest, most]."),
        ("graph.sources.1.path=x", "--set graph.sources.1.path: there is no such place"),
        ("graph.sources.-1.path=x", "--set graph.sources.-1.path: there is no such place"),
        ("graph.sources.1={kind: tables, path: a}", "there is no such place"),
        ("graph.sources.x=3", "there is no such place"),
        ("graph.sources.0.kind.x=3", "--set graph.sources.0.kind.x: there is no such place"),
        ("graph.sources.0.pth=3", "--set graph.sources.0.pth: unknown key 'graph.sources.0.pth'."),
        ("graph.sources.0.kind=tabels", "--set graph.sources.0.kind: 'graph.sources.0.kind' is"),
        ("name=!!binary aGk=", "the tag !!binary is not taken"),
    ],
)
def test_a_wrong_set_is_told_by_its_own_name(override: str, said: str, smallest: Path) -> None:
    assert said in refused(smallest, override)


@given(
    override=st.builds(
        "{}={}".format,
        st.sampled_from([".".join(place).replace("*", "0") for place in KEYS]) | st.text(),
        YAML,
    )
    | st.text()
)
def test_no_override_fails_in_another_way(
    override: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "small.yaml"
    path.write_text(SOURCES, encoding="utf-8")
    with contextlib.suppress(ConfigError):
        assert read_build_file(path, [override]).graph.sources


def test_a_mistake_of_the_file_is_not_blamed_on_set(tmp_path: Path) -> None:
    path = written(tmp_path, SOURCES + "paths: {count: x}\n")
    assert refused(path, "paths.hops=[2, 3]").startswith(f"{path}, line 2: 'paths.count'")


# --- paths --------------------------------------------------------------------------------


def test_paths_are_beside_the_file_absolute_or_packaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/data/somebody")
    folder = tmp_path / "somewhere"
    folder.mkdir()
    path = written(
        folder,
        """\
        graph:
          sources:
            - {kind: tables, path: here}
            - {kind: tables, path: ../there}
            - {kind: tables, path: /elsewhere}
            - {kind: tables, path: "kgsynth:ontologies/mini"}
            - {kind: tables, path: "~/mine"}
        questions: {sources: [{kind: jsonl, path: q.jsonl}]}
        """,
    )
    monkeypatch.chdir(folder)
    for named in (path, Path("build.yaml")):
        config = read_build_file(named)
        assert [source.path for source in config.graph.sources] == [
            str(folder / "here"),
            str(folder / "../there"),
            "/elsewhere",
            str(locate("ontologies/mini")),
            "/data/somebody/mine",
        ]
        assert config.questions.sources[0].path == str(folder / "q.jsonl")


@pytest.mark.parametrize(
    ("given_path", "said"),
    [
        ("kgsynth:ontologies/miny", "kgsynth holds no packaged data 'kgsynth:ontologies/miny'."),
        ("kgsynth:", "kgsynth holds no packaged data 'kgsynth:'."),
        ("~nobody-of-that-name/x", "begins with the home folder of nobody here."),
    ],
)
def test_a_path_that_means_nothing_is_told(given_path: str, said: str, smallest: Path) -> None:
    assert said in refused(smallest, f"graph.sources.0.path='{given_path}'")


# --- the checked-in build files -----------------------------------------------------------


@pytest.mark.parametrize("name", ["demo", "mini", "every_option"])
def test_a_checked_in_recipe_is_wholly_built(name: str) -> None:
    refuse_unbuilt(read_build_file(locate(f"recipes/{name}.yaml")))


def test_every_option_mentions_every_key() -> None:
    text = locate("recipes/every_option.yaml").read_text("utf-8")
    words = set(re.findall(r"\b([a-z_]+):", text))
    assert {place[-1] for place in KEYS} - words == set()


def test_every_option_mentions_every_choice() -> None:
    text = locate("recipes/every_option.yaml").read_text("utf-8")
    missing = {choice for choice in choices(BuildConfig) if not re.search(rf"\b{choice}\b", text)}
    assert missing == set()


def choices(model: type[BaseModel]) -> Iterator[str]:
    for field in model.model_fields.values():
        yield from literals(field.annotation)
        for inner, _ in sections(field.annotation):
            yield from choices(inner)


def literals(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for inner in get_args(annotation):
            yield from literals(inner)


def test_every_option_shows_the_defaults_it_says() -> None:
    """It names what it sets: the name, the sources and a k that fits its small graph."""
    shown = read_build_file(locate("recipes/every_option.yaml"))
    plain = BuildConfig.model_validate({"graph": {"sources": [{"kind": "tables", "path": "a"}]}})
    differs = {
        name for name in BuildConfig.model_fields if getattr(shown, name) != getattr(plain, name)
    }
    assert differs == {"name", "graph", "questions"}
    assert shown.graph.shatter == plain.graph.shatter.model_copy(update={"k": 2})


def test_the_umls_recipe_parses_and_is_refused_by_name() -> None:
    config = read_build_file(locate("recipes/umls_vllm.yaml"))
    assert config.paths.count == 100_000
    with pytest.raises(NotBuiltError) as caught:
        refuse_unbuilt(config)
    assert str(caught.value) == (
        "questions.sources.kind: 'medqa' is part of the plan but not built yet. Use jsonl."
    )


# --- what is not built --------------------------------------------------------------------

UNBUILT: dict[str, dict[str, Any]] = {
    "questions.sources.kind": {"questions": {"sources": [{"kind": "mmlu", "path": "a"}]}},
    "synthesis.languages": {"synthesis": {"languages": ["en", "zh"]}},
    "synthesis.trace": {"synthesis": {"trace": "dag"}},
    "teacher.writer.kind": {"teacher": {"writer": TEACHERS[1]}},
    "teacher.verifier.kind": {"teacher": {"verifier": TEACHERS[2]}},
    "teacher.budget": {"teacher": {"budget": {"money": 1.5}}},
    "export.forms": {"export": {"forms": ["sft", "kto"]}},
    "export.targets": {"export": {"targets": ["trl", "verl"]}},
    "run.runner": {"run": {"runner": "ray"}},
}


def configured(tree: dict[str, Any]) -> BuildConfig:
    graph = {"sources": [{"kind": "tables", "path": "a"}], **tree.get("graph", {})}
    return BuildConfig.model_validate({**tree, "graph": graph})


def test_every_unbuilt_choice_is_tried_below() -> None:
    assert set(UNBUILT) == set(BUILT)


@pytest.mark.parametrize("key", BUILT)
def test_what_is_not_built_is_refused_by_name_with_what_to_do(key: str) -> None:
    with pytest.raises(NotBuiltError) as caught:
        refuse_unbuilt(configured(UNBUILT[key]))
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith(f"{key}: '")
    assert "is part of the plan but not built yet." in str(caught.value)
    usable = sorted(BUILT[key])
    assert caught.value.remedy == (
        f"Use {' or '.join(usable)}." if usable else "Leave the key out for now."
    )


def test_what_is_said_to_be_built_can_be_asked_for() -> None:
    for key, usable in BUILT.items():
        *parents, last = key.split(".")
        models: list[type[BaseModel]] = [BuildConfig]
        for part in parents:
            models = [i for m in models for i, _ in sections(m.model_fields[part].annotation)]
        fields = [m.model_fields[last].annotation for m in models if last in m.model_fields]
        offered = {choice for annotation in fields for choice in literals(annotation)}
        assert usable <= offered or not offered


def test_the_plain_build_is_built() -> None:
    refuse_unbuilt(configured({}))


# --- what names a build -------------------------------------------------------------------


def test_the_hash_knows_no_folder_and_no_worker(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    one = read_build_file(written(here, SOURCES), ["run.workers=1"])
    other = read_build_file(written(there, SOURCES), ["run.workers=8"])
    assert one.graph != other.graph
    assert one.content_hash() == other.content_hash()
    assert str(tmp_path) not in one.portable().model_dump_json()


@pytest.mark.parametrize(
    "override",
    ["seed=8", "name=other", "limit=3", "paths.count=4", "graph.shatter.k=4", "qa.min_hops=1",
     "graph.sources.0.path=another", "synthesis.options=5", "export.shard_rows=9",
     "curate.split.test=[5]"],
)  # fmt: skip
def test_the_hash_knows_all_that_may_change_the_result(override: str, smallest: Path) -> None:
    plain = read_build_file(smallest)
    assert read_build_file(smallest, [override]).content_hash() != plain.content_hash()


def test_a_config_cannot_be_changed_in_place(smallest: Path) -> None:
    config = read_build_file(smallest)
    with pytest.raises(ValidationError):
        config.seed = 8  # type: ignore[misc]
