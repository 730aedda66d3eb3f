"""The key that signs constancias, ECDSA over P-256: the private half is a file, the public one a row."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_ALGORITHM = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True)
class SigningKey:
    """A private key with its name: the first 16 hexadecimal digits of the SHA-256 of the public half as DER."""

    key_id: str
    public_pem: str
    _private: ec.EllipticCurvePrivateKey = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        """Return the signature of `content` as DER."""
        return self._private.sign(content, _ALGORITHM)


def load_or_create(path: Path) -> SigningKey:
    """Return the key in the file `path`; the first who asks makes it, readable by its owner alone.

    Any number of processes may ask at once: all get the same key. Raises ValueError when the file holds no P-256 key.
    """
    if not path.exists():
        _create(path)
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise ValueError("the signing key is not a P-256 key")
    public = private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(_key_id(public), pem.decode(), private)


def verify(key_id: str, public_pem: str, signature: bytes, content: bytes) -> bool:
    """Tell whether `signature` is that of `content` by the key named `key_id`, whose public half is given.

    A public half that does not bear that name proves nothing: whoever swaps it in its table gains no signature.
    """
    try:
        public = serialization.load_pem_public_key(public_pem.encode())
        if not isinstance(public, ec.EllipticCurvePublicKey) or _key_id(public) != key_id:
            return False
        public.verify(signature, content, _ALGORITHM)
    except (InvalidSignature, ValueError):
        return False
    return True


def _key_id(public: ec.EllipticCurvePublicKey) -> str:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()[:16]


def _create(path: Path) -> None:
    """Write a new key beside its place and link it there whole: nobody ever reads half a key, and only one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle, name = tempfile.mkstemp(prefix=".signing-", dir=path.parent)  # made with O_EXCL and mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass  # another process was first: its key is the key
    finally:
        os.unlink(name)
