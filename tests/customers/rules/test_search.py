"""What people remember of somebody finds them, and nobody else."""

import pytest

from customers.rules.search import Known, is_meant, is_telephone, read_typed

WANG = Known(name="王小明", member_no="M-0099", phones=["+8613800138000"], tags=["VIP 金卡"])


@pytest.mark.parametrize(
    "typed",
    [
        *("王", "小明", "王小明", "wxm", "WXM", "xm", "wang", "wangx", "wangxiaom", "wxiaoming", "wang xiao ming"),
        *("8000", "0138000", "01 38-000", "m-0099", "M-0099", "ｍ－００９９", "0099", "vip", "金卡"),
    ],
)
def test_he_is_found_by(typed: str) -> None:
    assert is_meant(read_typed(typed), WANG)


@pytest.mark.parametrize(
    "typed", ["李", "小王", "wmx", "wangm", "m", "wangxiaomingg", "800", "1380", "银卡", "---", "%"]
)
def test_he_is_not_found_by(typed: str) -> None:
    others = WANG._replace(member_no="K1") if typed == "m" else WANG
    assert is_meant(read_typed(typed), others) is (typed == "m")


def test_every_reading_of_a_name_counts() -> None:
    zeng = Known(name="曾单", member_no="", phones=[], tags=[])
    for typed in ("zd", "zs", "cd", "zengshan", "cengdan"):
        assert is_meant(read_typed(typed), zeng), typed
    assert is_meant(read_typed("lv"), zeng._replace(name="吕布"))
    assert is_meant(read_typed("ann"), zeng._replace(name="Anna Li"))


def test_a_long_name_of_like_characters_takes_no_time() -> None:
    name = Known(name="阿" * 100, member_no="", phones=[], tags=[])
    assert not is_meant(read_typed("a" * 39 + "b"), name)


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        *(("13800138000", True), ("138 0013-8000", True), ("+8613800138000", True), ("１３８００１３８０００", True)),
        *(("8000", False), ("00138000", False), ("M13800138000", False), ("王", False)),
    ],
)
def test_a_whole_telephone_is_told_from_its_end(typed: str, whole: bool) -> None:
    assert is_telephone(typed) is whole
