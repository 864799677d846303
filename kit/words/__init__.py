"""What is said to people: a word names a sentence, and facts fill it in.

The sentences stand in one table a language beside this file. What raises or stores something says which word it means;
only who answers (kit.web.io) spells it out, in the language that was asked for.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ENGLISH, CHINESE = "en", "zh"
LANGUAGES = (ENGLISH, CHINESE)
BETWEEN = {ENGLISH: ", ", CHINESE: "、"}


class Term(NamedTuple):
    """A name that each language writes its own way, such as a column's."""

    en: str
    zh: str


class Said(NamedTuple):
    """A word of the tables and the facts in its sentence; the word begins with the code that programs read."""

    word: str
    facts: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The stable code: `unreadable` of `unreadable.day`."""
        return self.word.partition(".")[0]

    def as_stored(self) -> dict[str, Any]:
        """For a JSON column; `read_said` reads it."""
        return {"word": self.word, **{name: _stored(fact) for name, fact in self.facts.items()}}

    def as_json(self) -> str:
        """The same as text, for statements that cast it."""
        return json.dumps(self.as_stored(), ensure_ascii=False)


Part = str | int | Term | Said
Fact = Part | Sequence[Part]


class Unfit(ValueError):
    """A text that is not what it should be: `said` tells why."""

    def __init__(self, said: Said) -> None:
        super().__init__(spell(said, ENGLISH))
        self.said = said
        self.code = said.code


def say(word: str, /, **facts: Fact) -> Said:
    """A word of the tables with its facts: texts, whole numbers, further words, and lists of these."""
    return Said(word, facts)


def title_of(code: str) -> Said:
    """The heading of the refusal `code`."""
    return Said(f"title:{code}", {})


def read_said(stored: Mapping[str, Any]) -> Said:
    """What `Said.as_stored` wrote."""
    return Said(stored["word"], {name: _read(fact) for name, fact in stored.items() if name != "word"})


def spell(said: Said, language: str) -> str:
    """The sentence in a language of LANGUAGES."""
    return TABLES[language][said.word].format_map({name: _spelled(fact, language) for name, fact in said.facts.items()})


def _spelled(fact: Fact, language: str) -> str | int:
    if isinstance(fact, Said):
        return spell(fact, language)
    if isinstance(fact, Term):
        return fact.zh if language == CHINESE else fact.en
    if isinstance(fact, str | int):
        return fact
    return BETWEEN[language].join(str(_spelled(one, language)) for one in fact)


def _stored(fact: Any) -> Any:
    if isinstance(fact, Said):
        return fact.as_stored()
    if isinstance(fact, str):
        return fact.replace("\x00", "\ufffd")
    return fact if isinstance(fact, int) else [_stored(one) for one in fact]


def _read(fact: Any) -> Any:
    if isinstance(fact, dict):
        return read_said(fact)
    if isinstance(fact, list):
        return [_read(one) for one in fact]
    return fact if isinstance(fact, int) else str(fact)


def _table(language: str) -> dict[str, str]:
    written = tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text("utf-8"))
    titles = {f"title:{code}": title for code, title in written["titles"].items()}
    return {**titles, **written["words"]}


TABLES = {language: _table(language) for language in LANGUAGES}
