"""The signing key: made once, private, and every changed byte shows."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lms.proofs.keys import load_or_create, verify

CONTENT = "Constancia de María Ñáñez ꞌ".encode()


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    path = tmp_path / "keys" / "signing.pem"
    first = load_or_create(path)
    again = load_or_create(path)
    assert first.key_id == again.key_id
    assert len(first.key_id) == 16
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["signing.pem"]


def test_many_who_ask_at_once_get_one_key(tmp_path: Path):
    path = tmp_path / "keys" / "signing.pem"
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: load_or_create(path).key_id, range(64)))
    assert len(set(keys)) == 1
    assert [p.name for p in path.parent.iterdir()] == ["signing.pem"]


def test_a_signature_holds_only_for_its_content(tmp_path: Path):
    key = load_or_create(tmp_path / "signing.pem")
    signature = key.sign(CONTENT)
    assert verify(key.key_id, key.public_pem, signature, CONTENT)
    for at in range(len(CONTENT)):
        changed = bytearray(CONTENT)
        changed[at] ^= 1
        assert not verify(key.key_id, key.public_pem, signature, bytes(changed))
    for at in range(len(signature)):
        broken = bytearray(signature)
        broken[at] ^= 1
        assert not verify(key.key_id, key.public_pem, bytes(broken), CONTENT)


def test_another_key_under_the_same_name_proves_nothing(tmp_path: Path):
    real, forged = load_or_create(tmp_path / "a.pem"), load_or_create(tmp_path / "b.pem")
    signature = forged.sign(CONTENT)
    assert verify(forged.key_id, forged.public_pem, signature, CONTENT)
    assert not verify(real.key_id, forged.public_pem, signature, CONTENT)
    assert not verify(real.key_id, "no es una llave", signature, CONTENT)


def test_the_private_half_is_not_shown(tmp_path: Path):
    assert "rivate" not in repr(load_or_create(tmp_path / "signing.pem"))


def test_a_file_with_another_kind_of_key_is_refused(tmp_path: Path):
    path = tmp_path / "signing.pem"
    other = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(other)
    with pytest.raises(ValueError, match="P-256"):
        load_or_create(path)
