"""What is sealed stays readable while its key is on the ring, and to nobody else."""

import os

import pytest
from flask import Flask

from guideapi.config import Config, ConfigError
from kit import sealing

OLD, NEW = os.urandom(32), os.urandom(32)


def with_keys(ring: dict[int, bytes]) -> Flask:
    app = Flask("ring")
    app.config["DATA_KEYS"] = ring
    return app


def test_a_new_key_seals_and_the_old_one_still_unseals() -> None:
    with with_keys({1: OLD}).app_context():
        sealed = sealing.seal(b"13800138000", purpose="phone", place="row")
    with with_keys({1: OLD, 2: NEW}).app_context():
        assert sealing.unseal(sealed, purpose="phone", place="row") == b"13800138000"
        again = sealing.seal(b"13800138000", purpose="phone", place="row")
    assert not again.startswith(sealed[:2])
    with with_keys({2: NEW}).app_context():
        assert sealing.unseal(again, purpose="phone", place="row") == b"13800138000"
        with pytest.raises(sealing.Unsealable):
            sealing.unseal(sealed, purpose="phone", place="row")


@pytest.mark.parametrize(("purpose", "place"), [("name", "row"), ("phone", "another row")])
def test_what_is_sealed_is_readable_only_for_its_purpose_and_place(purpose: str, place: str) -> None:
    with with_keys({1: OLD}).app_context():
        sealed = sealing.seal(b"13800138000", purpose="phone", place="row")
        with pytest.raises(sealing.Unsealable):
            sealing.unseal(sealed, purpose=purpose, place=place)


def test_one_changed_bit_is_noticed() -> None:
    with with_keys({1: OLD}).app_context():
        sealed = bytearray(sealing.seal(b"13800138000", purpose="phone"))
        sealed[-1] ^= 1
        with pytest.raises(sealing.Unsealable):
            sealing.unseal(bytes(sealed), purpose="phone")


def test_equal_values_have_equal_indexes_and_every_key_finds_its_own() -> None:
    with with_keys({1: OLD}).app_context():
        kept = sealing.blind_index("13800138000", purpose="phone")
        assert kept == sealing.blind_index("13800138000", purpose="phone")
        assert kept != sealing.blind_index("13800138001", purpose="phone")
        assert kept != sealing.blind_index("13800138000", purpose="mall")
    with with_keys({1: OLD, 2: NEW}).app_context():
        assert kept in sealing.blind_indexes("13800138000", purpose="phone")
        assert sealing.blind_index("13800138000", purpose="phone").startswith(sealing.newest_prefix())


def settings(**more: str) -> dict[str, str]:
    return {"DATABASE_URL": "postgresql://localhost/x", "REDIS_URL": "redis://localhost", "SECRET_KEY": "s" * 32} | more


def test_keys_come_from_the_environment_or_a_file(tmp_path) -> None:
    words = "1:" + "QUFB" * 10 + "QUE= 2:" + "QkJC" * 10 + "QkI="
    (tmp_path / "keys").write_text(words.replace(" ", "\n"))
    from_words = Config.from_env(settings(DATA_KEYS=words)).data_keys
    assert from_words == Config.from_env(settings(DATA_KEYS_FILE=str(tmp_path / "keys"))).data_keys
    assert {number: key[:1] for number, key in from_words.items() if number} == {1: b"A", 2: b"B"}
    assert set(from_words) == {0, 1, 2}


@pytest.mark.parametrize("words", ["1", "x:QUFB", "0:" + "QUFB" * 10 + "QUE=", "1:QUFB", "1:?"])
def test_keys_that_make_no_sense_are_refused_without_being_shown(words: str) -> None:
    with pytest.raises(ConfigError, match="DATA_KEYS is written like") as refused:
        Config.from_env(settings(DATA_KEYS=words))
    assert words.partition(":")[2][:4] not in str(refused.value) or not words.partition(":")[2]
