"""What a written plan is known by, wherever it lies: the hash of its files."""

from collections.abc import Mapping
from hashlib import sha256


def hash_of(files: Mapping[str, bytes]) -> str:
    """Return the hash of files, name by name: what a written plan is known by, wherever it lies."""
    return hash_of_hashes({name: sha256(content).hexdigest() for name, content in files.items()})


def hash_of_hashes(hashes: Mapping[str, str]) -> str:
    """Return the same of their own hashes, by name."""
    told = "".join(f"{name}\0{key}\n" for name, key in sorted(hashes.items()))
    return sha256(told.encode()).hexdigest()
