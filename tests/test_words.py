"""What is said to people is said in Chinese and in English, by one table a language."""

import ast
import re
import string
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from marshmallow import Schema, fields

from commissions.rules.language.prose import NAMED
from content_center.rules.touches import EXCLUSIONS
from content_center.wording import WORDS
from customers.rules.contacts import REASONS as CONTACT_REASONS
from customers.service.reveals import WINDOWS
from guideapi.app import GuideApp
from guideapi.reference import list_codes
from kit import words
from kit.complaints import read_complaint
from kit.versions import STALE_REASONS
from kit.web.errors import HTTP_CODES
from kit.web.io import In
from kit.web.language import choose_by_header
from kit.words import CHINESE, ENGLISH, TABLES, Said, say, spell
from models import Staff
from models.orders import DOUBTS
from models.tasks import ASSIGNMENT_STATES, PLAN_STATES
from orders.schemas import OUTCOMES, REASONS
from tests import make
from tests.client import Client
from tests.test_house import PRODUCT, calls, sources

HAN = re.compile(r"[\u4e00-\u9fff]")
TYPES = ("array", "bool", "date", "datetime", "float", "int", "null", "object", "other", "str", "uuid")
# Words that are put together from a set that the code knows.
BY_SET = {
    *(f"plan_matches.{field}" for field in ("customers", "roles", *NAMED)),
    *(f"claim.{reason}" for reason in {*OUTCOMES, *REASONS}),
    *DOUBTS,
    *(f"contact.{reason}" for reason in CONTACT_REASONS),
    *(f"http.{status}" for status in HTTP_CODES),
    *(f"task_not_open.{state}" for state in ASSIGNMENT_STATES),
    *(f"task_plan_state_forbids.{state}" for state in PLAN_STATES),
    *(f"too_many_reveals.{window}" for window in WINDOWS),
    *(f"too_{which}.{kind}" for which in ("long", "short") for kind in ("text", "list")),
    *(f"touch.{reason}" for reason in EXCLUSIONS),
    *(f"type.{name}" for name in TYPES),
    *("file_cut.feed", "not_a_feed"),
    *STALE_REASONS,
    # Migration 0066 puts it where a sentence was kept.
    "told_before",
}


def said() -> Iterator[tuple[str, str, dict[str, ast.expr] | None]]:
    """Every word that the code names, where, and the facts given with it (None: not all are named)."""
    for path, tree in sources(*PRODUCT):
        if not any(isinstance(n, ast.ImportFrom) and n.module == "kit.words" for n in ast.walk(tree)):
            continue
        for name, call in calls(tree):
            if name == "say" and isinstance(call.args[0], ast.Constant):
                facts = {given.arg: given.value for given in call.keywords if given.arg}
                yield call.args[0].value, path, None if len(facts) < len(call.keywords) else facts
        # Checks within msgspec tell their word by its name.
        for name, call in calls(tree):
            if name == "msgspec.ValidationError" and isinstance(call.args[0], ast.Constant):
                yield call.args[0].value, path, {}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_word_has_a_sentence_and_every_sentence_is_said() -> None:
    named = {word for word, _, _ in said()} | BY_SET
    titles = {f"title:{code.code}" for code in list_codes()} | {"title:error", "title:refused"}
    assert len(named) > 300
    for language in words.LANGUAGES:
        table = TABLES[language].keys()
        assert {word for word in table if not word.startswith("title:")} == named, language
        assert {word for word in table if word.startswith("title:")} == titles, language


def test_both_languages_hold_the_same_facts() -> None:
    assert TABLES[ENGLISH].keys() == TABLES[CHINESE].keys()
    for word, sentence in TABLES[ENGLISH].items():
        assert placeholders(sentence) == placeholders(TABLES[CHINESE][word]), word


def test_every_fact_that_a_sentence_holds_is_given() -> None:
    for word, path, facts in said():
        if facts is not None:
            assert placeholders(TABLES[ENGLISH][word]) <= facts.keys(), f"{path}: {word}"


def test_chinese_is_chinese_and_english_is_not() -> None:
    without = {word for word, sentence in TABLES[CHINESE].items() if not HAN.search(sentence)}
    # Nothing but facts, or a name that is the same everywhere.
    assert {word for word in without if not TABLES[CHINESE][word].strip("`").startswith("{")} == {
        "type.null",
        "type.uuid",
    }
    assert [word for word, sentence in TABLES[ENGLISH].items() if HAN.search(sentence)] == []


def test_what_is_said_is_stored_and_read_again() -> None:
    whole = say("with_reasons", what=say("title_free"), reasons=[say("a", n=3), "b\x00"])
    assert words.read_said(whole.as_stored()) == say(
        "with_reasons", what=say("title_free"), reasons=[say("a", n=3), "b�"]
    )


def below(kind: type[Schema]) -> Iterator[type[Schema]]:
    for schema in kind.__subclasses__():
        yield schema
        yield from below(schema)


def parts(field: "fields.Field[Any]") -> Iterator["fields.Field[Any]"]:
    yield field
    for name in ("inner", "key_field", "value_field"):
        if (within := getattr(field, name, None)) is not None:
            yield from parts(within)


def test_every_field_of_every_request_speaks_in_words(app: GuideApp) -> None:
    schemas = list(below(In))
    assert len(schemas) > 80
    for schema in schemas:
        for field in (part for whole in schema().fields.values() for part in parts(whole)):
            for key, message in field.error_messages.items():
                assert isinstance(message, list), (schema, field, key)
                assert isinstance(message[0], Said), (schema, field, key)
            for check in field.validators:
                assert not type(check).__module__.startswith("marshmallow"), (schema, field, check)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hans", "zh"),
        ("zh-TW,zh;q=0.9", "zh"),
        ("ZH-hant-HK", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("en;q=0.4, zh-CN;q=0.6", "zh"),
        ("fr-FR, zh;q=0.3", "zh"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("*", "en"),
        ("zh_CN", "en"),
        (";;q=,", "en"),
    ],
)
def test_any_chinese_counts_as_chinese_by_its_weight(header: str, language: str) -> None:
    assert choose_by_header(header) == language


REFUSALS = [
    ("GET", "/v1/nothing-here", {}, 404),
    ("DELETE", "/v1/me", {}, 405),
    ("GET", "/v1/stores?regoin_id=1", {}, 422),
    ("GET", "/v1/stores?limit=0", {}, 422),
    ("GET", "/v1/stores?limit=x", {}, 422),
    ("GET", "/v1/stores?cursor=abc", {}, 400),
    ("GET", "/v1/touches?after=abc", {}, 410),
    ("GET", "/v1/content/01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17", {}, 404),
    ("POST", "/v1/content", {"json": {}}, 403),
    ("POST", "/v1/task-plans", {"data": "{", "content_type": "application/json"}, 400),
    ("POST", "/v1/task-plans", {"data": "x", "content_type": "text/plain"}, 415),
    ("POST", "/v1/task-plans", {"json": {"id": 1, "title": " ", "more": None}}, 422),
    ("POST", "/v1/forwards/batch", {"json": {"items": 1}}, 422),
    ("POST", "/v1/forwards/batch", {"data": b"{", "content_type": "application/json"}, 400),
]


def texts(value: Any) -> Iterator[str]:
    """What an answer says to people."""
    if isinstance(value, dict):
        yield from (value[name] for name in ("title", "detail", "message") if isinstance(value.get(name), str))
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


@pytest.mark.parametrize(("method", "path", "options", "status"), REFUSALS)
def test_a_refusal_is_told_in_the_readers_language(
    client: Client, guide: Staff, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    both = client.sign_in(make.staff(roles=["guide", "store_manager"], store_id=guide.store_id))
    for header, tag in (("zh-TW", "zh-CN"), ("en", "en"), (None, "en")):
        headers = {"Accept-Language": header} if header else {}
        answer = both.open(method, path, headers=headers, **options)
        assert answer.status_code == status, answer.text
        told = list(texts(answer.json))
        assert len(told) >= 2
        assert {bool(HAN.search(sentence)) for sentence in told} == {tag == "zh-CN"}, told
        assert answer.headers["Content-Language"] == tag
        assert "Accept-Language" in answer.headers["Vary"]


def test_outcomes_of_a_batch_and_reasons_are_told_in_the_readers_language(as_guide: Client, guide: Staff) -> None:
    content = make.content(products=[make.product(title="Serum", shelf_status="off_shelf").id])
    tap = {"id": "01930b6e-7d3c-7e2a-9c41-5f0c8a6d2b17", "content_id": str(content.id), "channel": "wechat"}
    for header, chinese in (("zh", True), ("en", False)):
        headers = {"Accept-Language": header}
        listed = as_guide.get("/v1/content", headers=headers)
        answer = as_guide.post("/v1/forwards/batch", json={"items": [tap, {"id": 3}]}, headers=headers)
        told = [*(one["detail"] for one in answer.json["items"]), listed.json["items"][0]["reasons"][0]["detail"]]
        assert {bool(HAN.search(sentence)) for sentence in told} == {chinese}, told
        assert listed.headers["Content-Language"] == answer.headers["Content-Language"]


def test_a_list_has_a_tag_of_its_own_in_each_language(as_guide: Client) -> None:
    tags = [
        as_guide.get("/v1/content", headers={"Accept-Language": one}).headers["ETag"] for one in ("zh", "zh-TW", "en")
    ]
    assert tags[0] == tags[1] != tags[2]


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    number: int
    words: list[str] = []


@pytest.mark.parametrize(
    ("content", "chinese"),
    [
        (b"[]", "应为对象，实为列表。"),
        (b"{}", "缺少字段 `number`。"),
        (b'{"number": "x"}', "`number`：应为整数，实为文本。"),
        (b'{"number": 1, "words": [2]}', "`words[0]`：应为文本，实为整数。"),
        (b'{"number": 1, "more": 2}', "没有字段 `more`。"),
        (b'{"number": 1', "文本不完整。"),
        (b'{"number": 1,}', "不是 JSON：见第 13 字节。"),
    ],
)
def test_what_is_wrong_with_an_item_is_read_from_what_msgspec_says(content: bytes, chinese: str) -> None:
    with pytest.raises(msgspec.MsgspecError) as refused:
        msgspec.json.decode(content, type=Shape)
    assert spell(read_complaint(refused.value), CHINESE) == chinese


def test_the_pages_for_customers_have_the_same_words_in_both_languages() -> None:
    assert WORDS[CHINESE].keys() == WORDS[ENGLISH].keys()
    for word, sentence in WORDS[ENGLISH].items():
        assert placeholders(sentence) == placeholders(WORDS[CHINESE][word]), word


def test_the_front_refuses_in_the_readers_language() -> None:
    from guideapi.front import refusals

    for refusal in (refusals.BODY_TOO_SLOW, refusals.TOO_MANY_LONG_BODIES, refusals.NO_ROOM):
        assert HAN.search(spell(refusal.said, CHINESE))
        assert not HAN.search(spell(refusal.said, ENGLISH))
