"""Results of the last calls, to be had again where nothing that they were made of has changed.

Under a brush most of an edit stays as it was from one picture to the next.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

V = TypeVar("V")


class Recent(Generic[V]):
    """The results that were asked for last, at most `most`; may be used by several threads. Nobody
    may write into a result."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Hashable, arrays: Iterable[NDArray[Any]], make: Callable[[], V]) -> V:
        """The result for a name and the contents of arrays; made where it is not known."""
        key = name, digest(*arrays)
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = make()
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._most:
                self._results.popitem(last=False)
        return result


def digest(*arrays: NDArray[Any]) -> bytes:
    """What stands for the contents of arrays."""
    contents = hashlib.blake2b(digest_size=16)
    for array in arrays:
        contents.update(f"{array.shape}{array.dtype}".encode())
        contents.update(np.ascontiguousarray(array).data)
    return contents.digest()
