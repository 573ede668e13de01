"""Small secrets that have to be read again, encrypted with a key that is not in the database."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


@lru_cache(maxsize=4)
def cipher(pepper: str, purpose: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=f"botv2 {purpose}".encode()).derive(pepper.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def seal(secret: bytes, purpose: str) -> str:
    return cipher(settings.KEY_PEPPER, purpose).encrypt(secret).decode()


def unseal(text: str, purpose: str) -> bytes | None:
    """None if it was sealed with another KEY_PEPPER or for another purpose."""
    try:
        return cipher(settings.KEY_PEPPER, purpose).decrypt(text.encode())
    except InvalidToken:
        return None
