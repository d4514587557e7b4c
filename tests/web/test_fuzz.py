"""Requests and messages that nobody would send on purpose: no answer is a fault of the server's,
none is missing, and the session edits on."""

from __future__ import annotations

import json
import random
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from running_server import running
from schemathesis import Case, GenerationMode

from maskgan import samples
from maskgan.errors import ServerError
from maskgan.images import read_labels
from maskgan.labels import IDS
from maskgan.web.client import Client
from maskgan.web.live_client import Live, pack

MESSAGES = 2000
BATCH = 100
"""Damaged messages between two checks that the server is there."""
EXAMPLES = 12
"""Requests to each operation."""
PATIENCE = 60.0
"""Seconds; only a server that hangs takes so long."""
ENDING = "DELETE /api/v1/sessions/{id}"
ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    2**31,
    -(2**63),
    2**64,
    10**400,
    1.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "full",
    "\u0000",
    "x" * 5000,
    [],
    [[]],
    {},
    {"type": "labels"},
]
"""Values where others are expected."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
def editing(url: str) -> Iterator[Client]:
    """A client with the sample face open."""
    with Client(url, timeout=PATIENCE) as client:
        client.photo(samples.FACE, aligned=True)
        client.face(aligned=True, labels=read_labels(samples.LABELS))
        yield client


def edits(client: Client) -> bool:
    """Whether a stroke still arrives and is still rendered."""
    stroke = np.full((12, 60), IDS["u_lip"], np.uint8)
    with client.live() as live:
        found = live.result(live.paint(226, 380, stroke, "full"))
    return found.quality == "full" and bool((client.labels()[380:392, 226:286] == stroke).all())


# Operations


@pytest.mark.slow
def test_no_request_is_a_fault_of_the_server_s(editing: Client, url: str) -> None:
    known = {"id": editing.session, "style": editing.random_style(1).id, "name": "face"}
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    statuses: Counter[int] = Counter()
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        shared = {} if operation.label == ENDING else known
        ask(operation, url, shared, statuses)
    assert len(operations) >= 15
    assert statuses[200] > 2 * EXAMPLES, "most requests got no further than the door"
    assert edits(fresh(url))


def ask(operation: Any, url: str, shared: dict[str, str], statuses: Counter[int]) -> None:
    """Sends what fits the description of an operation, and what does not; in its path, what is
    there."""

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(operation.as_strategy(mode) for mode in GenerationMode))
    def check(case: Case) -> None:
        for name in shared.keys() & case.path_parameters.keys():
            case.path_parameters[name] = shared[name]
        answer = case.call(base_url=url, timeout=PATIENCE)
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.content!r}"
        if answer.status_code >= 400:
            problem = answer.json()
            assert problem["detail"].endswith("."), problem
            assert (problem["status"], problem["slug"] != "") == (answer.status_code, True)

    check()


def fresh(url: str) -> Client:
    """Another client with the sample face open."""
    client = Client(url, timeout=PATIENCE)
    client.photo(samples.FACE, aligned=True)
    client.face(aligned=True)
    return client


# Messages


def valid(rng: random.Random) -> tuple[dict[str, Any], bytes]:
    """A message that is right, as header and payload."""
    width, height = rng.randint(1, 40), rng.randint(1, 40)
    rect = [rng.randint(0, 512 - width), rng.randint(0, 512 - height), width, height]
    labels: dict[str, Any] = {"type": "labels", "seq": rng.randint(0, 10**6), "rect": rect}
    payload = bytes(rng.randint(0, 18) for _ in range(width * height))
    kind = rng.randrange(4)
    if kind == 0:
        return labels, payload
    if kind == 1:
        return labels | {"render": "preview", "styles": {}}, payload
    if kind == 2:
        styles = {"hair": {"style": "none", "strength": 0.5}}
        quality = rng.choice(["preview", "full"])
        return {"type": "render", "seq": 3, "quality": quality, "styles": styles}, b""
    return {"type": "reset"}, b""


def damaged(rng: random.Random) -> bytes | str:
    """A right message with one thing wrong."""
    header, payload = valid(rng)
    kind = rng.randrange(12)
    if kind == 0:  # another value, somewhere
        header[rng.choice(list(header))] = rng.choice(ODD)
    elif kind == 1 and "rect" in header:
        header["rect"][rng.randrange(4)] = rng.choice([*ODD, -5, 513, 10**9, 0.5, "7"])
    elif kind == 2 and "rect" in header:
        header["rect"] = header["rect"][: rng.randrange(4)] + rng.choice([[], [1, 2, 3]])
    elif kind == 3:  # something missing
        del header[rng.choice(list(header))]
    elif kind == 4:  # more or fewer bytes than the rectangle has
        payload = payload[: rng.randint(0, len(payload))] + rng.randbytes(rng.randrange(9))
    elif kind == 5:  # values that are no classes
        payload = bytes(rng.randrange(256) for _ in payload)
    elif kind == 6:
        header["render"] = "preview"
        portion = {"style": rng.choice(["none", *ODD]), "strength": rng.choice(ODD)}
        whole = rng.choice(["all", "hair", "no class"])
        header["styles"] = rng.choice([*ODD, {whole: rng.choice(ODD)}, {whole: portion}])
    frame = pack(header, payload)
    if kind == 7:
        return frame[: rng.randint(0, len(frame) - 1)]
    if kind == 8:  # bits flipped, in the header for the most part
        flipped = bytearray(frame)
        for _ in range(rng.randint(1, 8)):
            flipped[rng.randrange(min(len(frame), 120))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if kind == 9:  # a length that is wrong
        length = rng.choice([0, 1, len(frame), 2**31, 2**32 - 1, rng.randrange(300)])
        return struct.pack("<I", length) + frame[4:]
    if kind == 10:  # JSON that is none, or none of ours
        text = rng.choice(
            [b"[" * 100000, b"1" * 5000, b"{", b"null", b'"labels"', b"\xff\xfe", b"", b"{}{}"]
        )
        return struct.pack("<I", len(text)) + text + payload
    if kind == 11:
        return rng.choice([b"", "", json.dumps(header), rng.randbytes(rng.randrange(60))])
    return frame


def answers(live: Live, seq: int) -> None:
    """Reads until the picture asked for with number `seq` is there; before it come problems, each
    with a sentence, and pictures of what was right after all."""
    while True:
        try:
            found = live.receive(PATIENCE)
        except ServerError as error:
            assert error.slug not in ("", "silence"), error  # noqa: PT017
            assert str(error).endswith("."), error  # noqa: PT017
        else:
            if found.seq == seq:
                return


@pytest.mark.slow
def test_no_message_harms_a_session(editing: Client) -> None:
    rng = random.Random(20)
    face, sent = editing.labels(), 0
    while sent < MESSAGES:
        # Noise that adds up is what takes longest to draw, and tells nothing.
        editing.set_labels(face)
        with editing.live() as live:
            for _ in range(BATCH):
                live.send(damaged(rng))
                sent += 1
            live.send(
                pack({"type": "render", "seq": 10**7 + sent, "quality": "preview", "styles": {}})
            )
            answers(live, 10**7 + sent)
    assert edits(editing)


def test_damage_is_damage() -> None:
    """Most of the messages are wrong, or this file would test nothing."""
    rng = random.Random(20)
    right = 0
    for _ in range(MESSAGES):
        frame = damaged(rng)
        if isinstance(frame, bytes) and len(frame) > 4:
            end = 4 + struct.unpack_from("<I", frame)[0]
            try:
                header = json.loads(frame[4:end])
                rect = header.get("rect", [0, 0, 0, 0])
                right += header["type"] == "reset" or len(frame) - end == rect[2] * rect[3]
            except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
                continue
    assert right < MESSAGES / 2
