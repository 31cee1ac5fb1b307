"""Personal values: masked wherever they are printed, sealed at rest, found by index."""

import copy
import json
import pickle
from typing import Annotated, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from servicekit.personal import (
    REVEAL,
    BankAccountStr,
    IdNumberStr,
    MobileStr,
    Personal,
    PersonalCipher,
    PersonalKind,
    PersonalStr,
    SealBroken,
    Vault,
    mask,
    mask_name,
)

ID_NUMBER = "330203199003071232"
FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in ID_NUMBER)
KEYS = {"k1": bytes(range(32)), "k2": bytes(range(1, 33))}
INDEX_KEY = bytes(range(2, 34))


CIPHERS: tuple[PersonalCipher, ...] = get_args(PersonalCipher)


@pytest.fixture(params=CIPHERS)
def vault(request: pytest.FixtureRequest) -> Vault:
    return Vault(KEYS, active="k1", index_key=INDEX_KEY, cipher=request.param)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("id_number", ID_NUMBER, "330203********1232"),
        ("id_number", "33020319900307123X", "330203********123X"),
        ("id_number", "E12345678", "E1*****78"),
        ("id_number", "H12345", "H****5"),
        ("id_number", "A", "*"),
        ("mobile", "13812341234", "138****1234"),
        ("mobile", "12345", "***45"),
        ("bank_account", "6222020200112345678", "***************5678"),
        ("bank_account", "123456", "****56"),
        ("bank_account", "123", "***"),
        (None, "anything at all", "***"),
    ],
)
def test_masks(kind: PersonalKind | None, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


@given(st.sampled_from(["id_number", "mobile", "bank_account"]), st.text(min_size=1, max_size=40))
def test_no_mask_shows_much(kind: PersonalKind, value: str) -> None:
    shown = mask(kind, value)
    assert len(shown) == len(value)
    kept = sum(a == b and a != "*" for a, b in zip(shown, value, strict=True))
    assert kept <= min(10, len(value) * 2 / 3)


@pytest.mark.parametrize(("name", "shown"), [("王小明", "王**"), ("王", "王"), ("", ""), ("欧阳", "欧*")])
def test_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_prints_masked_everywhere() -> None:
    value = Personal(ID_NUMBER, "id_number")
    printed = [
        str(value),
        repr(value),
        f"{value}",
        f"{value!r:>40}",
        "%s" % value,  # noqa: UP031  the point of the test
        f"{value:.30}",
        json.dumps({"v": value}, default=str),
        str([value]),
        str({"v": value}),
        str(ValueError(value)),
    ]
    assert not any("19900307" in text for text in printed)
    with pytest.raises(TypeError):
        json.dumps(value)
    with pytest.raises(TypeError):
        pickle.dumps(value)
    assert not hasattr(value, "__dict__")


def test_equal_by_the_real_value() -> None:
    assert Personal("1" * 18) == Personal("1" * 18, "id_number")
    assert Personal("110101199001011234", "id_number") != Personal("110101199102021234", "id_number")
    assert Personal("x") != "x"
    assert {Personal("x"), Personal("x")} == {Personal("x")}
    assert copy.deepcopy(Personal("x")) == copy.copy(Personal("x")) == Personal("x")
    with pytest.raises(AttributeError):
        Personal("x")._value = "y"


class Form(BaseModel):
    number: IdNumberStr
    mobile: MobileStr | None = None
    account: BankAccountStr | None = None
    other: PersonalStr | None = None
    short: Annotated[PersonalStr, Field(max_length=5)] | None = None


class TestAsField:
    """In request models."""

    def test_reads_text_and_prints_masked(self) -> None:
        form = Form.model_validate({"number": f" {ID_NUMBER} ", "mobile": "13812341234", "other": "y"})
        assert form.number.reveal() == ID_NUMBER
        assert form.number.kind == "id_number"
        assert "19900307" not in repr(form)
        assert json.loads(form.model_dump_json()) == {
            "number": "330203********1232",
            "mobile": "138****1234",
            "account": None,
            "other": "***",
            "short": None,
        }
        assert json.loads(form.model_dump_json(context=dict(REVEAL)))["number"] == ID_NUMBER
        assert form.model_dump()["number"] == form.number

    @pytest.mark.parametrize(
        ("value", "kind"),
        [("", "string_too_short"), ("  ", "string_too_short"), ("x" * 65, "string_too_long"), (7, "string_type")],
    )
    def test_refuses(self, value: object, kind: str) -> None:
        with pytest.raises(ValidationError) as caught:
            Form.model_validate({"number": value})
        (error,) = caught.value.errors()
        assert (error["loc"], error["type"]) == (("number",), kind)

    def test_is_a_string_outside(self) -> None:
        for mode in ("validation", "serialization"):
            schema = Form.model_json_schema(mode=mode)
            assert schema["properties"]["number"]["type"] == "string"


class TestVault:
    """At rest."""

    @given(st.sampled_from(["id_number", "mobile", "bank_account"]), st.text(max_size=64), st.sampled_from(CIPHERS))
    def test_opens_what_it_sealed(self, kind: PersonalKind, value: str, cipher: PersonalCipher) -> None:
        vault = Vault(KEYS, active="k1", index_key=INDEX_KEY, cipher=cipher)
        sealed = vault.seal(kind, value)
        assert vault.open(kind, sealed.ciphertext).reveal() == value
        assert sealed.index == vault.index(kind, value)

    def test_the_same_value_never_looks_the_same(self, vault: Vault) -> None:
        assert vault.seal("mobile", "13812341234").ciphertext != vault.seal("mobile", "13812341234").ciphertext

    def test_the_masked_form_is_ready_for_lists(self, vault: Vault) -> None:
        assert vault.seal("id_number", Personal(ID_NUMBER)).masked == "330203********1232"

    @pytest.mark.parametrize(
        ("kind", "typed", "stored"),
        [
            ("id_number", "33020319900307123x", "33020319900307123X"),
            ("id_number", FULL_WIDTH, ID_NUMBER),
            ("id_number", "330203 19900307 1232", ID_NUMBER),
            ("mobile", "+86 138-1234-1234", "13812341234"),
            ("bank_account", "6222 0202 0011 2345 678", "6222020200112345678"),
        ],
    )
    def test_found_however_it_was_typed(self, vault: Vault, kind: PersonalKind, typed: str, stored: str) -> None:
        assert vault.index(kind, typed) == vault.index(kind, stored)

    def test_indexes_of_kinds_and_keys_differ(self, vault: Vault) -> None:
        other = Vault(KEYS, active="k1", index_key=bytes(32))
        assert len({vault.index("mobile", "1"), vault.index("id_number", "1"), other.index("mobile", "1")}) == 3

    def test_a_sealed_mobile_is_no_id_number(self, vault: Vault) -> None:
        with pytest.raises(SealBroken):
            vault.open("id_number", vault.seal("mobile", "13812341234").ciphertext)

    def test_every_changed_byte_is_noticed(self, vault: Vault) -> None:
        ciphertext = vault.seal("mobile", "13812341234").ciphertext
        for position in range(len(ciphertext)):
            changed = bytearray(ciphertext)
            changed[position] ^= 1
            with pytest.raises(SealBroken):
                vault.open("mobile", bytes(changed))
        for length in range(len(ciphertext)):
            with pytest.raises(SealBroken):
                vault.open("mobile", ciphertext[:length])

    def test_ciphers_rotate(self) -> None:
        aes, sm4 = (Vault(KEYS, active="k1", index_key=INDEX_KEY, cipher=cipher) for cipher in CIPHERS)
        old = aes.seal("mobile", "13812341234")
        assert sm4.open("mobile", old.ciphertext).reveal() == "13812341234"
        assert sm4.index("mobile", "13812341234") == old.index
        assert aes.is_current(old.ciphertext)
        assert not sm4.is_current(old.ciphertext)

    def test_keys_rotate(self, vault: Vault) -> None:
        old = vault.seal("mobile", "13812341234")
        later = Vault(KEYS, active="k2", index_key=INDEX_KEY, cipher="sm4-gcm")
        assert later.open("mobile", old.ciphertext).reveal() == "13812341234"
        assert not later.is_current(old.ciphertext)
        assert later.is_current(later.seal("mobile", "13812341234").ciphertext)
        without = Vault({"k2": KEYS["k2"]}, active="k2", index_key=INDEX_KEY)
        with pytest.raises(SealBroken, match="k1"):
            without.open("mobile", old.ciphertext)

    @pytest.mark.parametrize(
        ("keys", "active", "index_key"),
        [
            (KEYS, "k3", INDEX_KEY),
            ({"k1": b"short"}, "k1", INDEX_KEY),
            (KEYS, "k1", b"short"),
            (KEYS, "k1", KEYS["k1"]),
            ({"": KEYS["k1"]}, "", INDEX_KEY),
        ],
    )
    def test_wrong_keys_are_refused(self, keys: dict[str, bytes], active: str, index_key: bytes) -> None:
        with pytest.raises(ValueError, match="key"):
            Vault(keys, active=active, index_key=index_key)
