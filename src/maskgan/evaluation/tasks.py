"""The tasks an editor is measured on, as requests for pictures of held-out faces.

unedited         the labels as they are: what a system does to a photo when nothing is asked
reconstruction   the whole face anew, with its own labels and look: the photo is the truth
edit/PART        a part of another person, laid on the own one; what an editor is used for
transfer/NAME    the part in which an attribute shows, from the nearest face that has it (or, as
                 transfer/not-NAME, from the nearest that has it not); "attribute transfer" of the
                 paper, section 4
slider/smile     the labels moved by the slider of `maskgan.editing.attributes`
direction/NAME   the labels moved along the attribute's direction in the codes of a MaskVAE
style            the whole look of another face; "style copy" of the paper
style/REGION     the look of one region of another face
diversity        one label map with the looks of several faces
truth/KIND       a drawn person with another expression or hair: the right picture is known
robustness/...   rough, wrong and edited labels (`maskgan.evaluation.perturbations`)

Every choice is drawn with a seed or follows a rule, so all systems are asked for the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from maskgan.data.drawn import draw_face, random_expression, random_identity
from maskgan.editing import attributes, masks, parts
from maskgan.editing.layers import PARTS, member
from maskgan.evaluation import robustness
from maskgan.evaluation.faces import HeldOutFace
from maskgan.evaluation.pairing import Shape, nearest
from maskgan.evaluation.requests import EVERYTHING, Request, clean_labels
from maskgan.labels import IDS, Labels

EDITED = ("mouth", "eyes", "brows", "nose", "hair")
"""Parts of another person that are put into the labels."""
LOOKS: dict[str, tuple[str, ...]] = {
    "hair": ("hair",),
    "lips": ("u_lip", "l_lip"),
    "skin": ("skin", "nose"),
}
"""Regions whose look is copied alone."""
SHOWN_IN: dict[str, tuple[str, ...]] = {
    "Smiling": ("mouth",),
    "Mouth_Slightly_Open": ("mouth",),
    "Big_Lips": ("mouth",),
    "Narrow_Eyes": ("eyes",),
    "Arched_Eyebrows": ("brows",),
    "Bushy_Eyebrows": ("brows",),
    "Big_Nose": ("nose",),
    "Pointy_Nose": ("nose",),
    "Eyeglasses": ("glasses",),
    "Bangs": ("hair",),
    "Bald": ("hair",),
    "Receding_Hairline": ("hair",),
    "Wearing_Hat": ("hat",),
}
"""Attributes of CelebA that live in shape -> the parts that show them."""
LEAST_CHANGED = 6e-4
"""Share of the pixels that an edit changes at least; smaller ones say nothing."""
LEAST_DONORS = 5
"""Faces with and without an attribute that there must be to transfer it."""
SLIDER_STRENGTH = 0.8
NOT = "not-"
UNEDITED = "unedited"

Direction = Callable[[Labels], Labels]
"""Labels uint8 (S, S) -> labels moved along a learned direction."""


@dataclass(frozen=True)
class Plan:
    """How much is asked for; with the faces it decides every request."""

    seed: int = 0
    """Of all choices."""
    robustness_faces: int = 50
    """Faces whose labels are perturbed; each is drawn some forty times."""
    diversity_faces: int = 50
    """Faces that are drawn with several looks."""
    looks: int = 4
    """Looks each of them is drawn with."""
    drawn: int = 24
    """Drawn people of each kind."""
    directions: Mapping[str, Direction] = field(default_factory=dict, compare=False)
    """Attribute -> its learned direction."""

    @classmethod
    def of(
        cls,
        faces: int,
        seed: int = 0,
        robustness: int = 50,
        directions: Mapping[str, Direction] | None = None,
    ) -> Plan:
        """The plan for so many faces: no more is drawn or perturbed than there are of them."""
        return cls(
            seed=seed,
            robustness_faces=min(robustness, faces),
            diversity_faces=min(cls.diversity_faces, faces),
            drawn=min(cls.drawn, faces),
            directions=directions or {},
        )


def drawn_requests(plan: Plan, size: int) -> list[list[Request]]:
    """The requests whose truth is drawn, a list per person: another expression, other hair. Where
    eyes look is no matter of labels, which have no class for it."""
    requests = []
    for number in range(plan.drawn):
        rng = np.random.default_rng([plan.seed, 7_001, number])
        identity, expression = random_identity(rng), random_expression(rng)
        other, stranger = random_expression(rng), random_identity(rng)
        other = replace(other, gaze_x=expression.gaze_x, gaze_y=expression.gaze_y)
        new_hair = replace(
            identity, hair=stranger.hair, fringe=stranger.fringe, volume=stranger.volume
        )
        photo, labels = draw_face(identity, expression, size)
        face = HeldOutFace(f"drawn-{number}", photo, labels, source="drawn")
        found = []
        for kind, pair in (
            ("expression", (identity, other)),
            ("hair", (new_hair, expression)),
        ):
            truth, wanted = draw_face(*pair, size)
            if (wanted != labels).any():
                found.append(Request(f"truth/{kind}", face, wanted, truth=truth))
        if found:
            requests.append(found)
    return requests


class Tasks:
    """The requests of a set of faces of one size, face by face."""

    def __init__(self, faces: Sequence[HeldOutFace], plan: Plan) -> None:
        self.faces, self.plan = faces, plan
        self._shapes: dict[str, Shape] = {}
        self.attributes = self._transferable()

    def _transferable(self) -> dict[str, tuple[list[HeldOutFace], list[HeldOutFace]]]:
        """Attribute that lives in shape -> the faces without it and those with it."""
        found = {}
        for name in SHOWN_IN:
            sides = [
                [face for face in self.faces if face.attributes.get(name) == value]
                for value in (0, 1)
            ]
            if min(map(len, sides)) >= LEAST_DONORS:
                found[name] = (sides[0], sides[1])
        return found

    def of(self, index: int) -> list[Request]:
        """All requests of face number `index`; the names of pictures are unique."""
        face = self.faces[index]
        own = clean_labels(face)
        requests = [
            Request(UNEDITED, face, own),
            self._whole("reconstruction", face, own, face, truth=face.photo),
        ]
        requests += self._edits(index, own)
        requests += self._transfers(face, own)
        requests += self._moved(face, own)
        requests += self._styles(index, own)
        if index < self.plan.robustness_faces:
            found = robustness.cases(self.faces, index, self.plan.seed)
            requests += [case.request for case in found if case.name]
        return requests

    @staticmethod
    def _whole(
        task: str, face: HeldOutFace, own: Labels, donor: HeldOutFace, **more: object
    ) -> Request:
        return Request(task, face, own, donor, (EVERYTHING,), whole=True, **more)  # type: ignore[arg-type]

    def _edits(self, index: int, own: Labels) -> Iterator[Request]:
        """Each part of another person, the first in a seeded order with whom it changes enough."""
        for number, part in enumerate(EDITED):
            if not member(own, PARTS[part]).any():
                continue
            for donor in self._others(index, number):
                its = clean_labels(donor)
                if not member(its, PARTS[part]).any():
                    continue
                wanted = parts.take_part(own, its, part, align=True)
                if (wanted != own).mean() >= LEAST_CHANGED:
                    yield Request(f"edit/{part}", self.faces[index], wanted, donor)
                    break

    def _transfers(self, face: HeldOutFace, own: Labels) -> Iterator[Request]:
        for name, (without, having) in self.attributes.items():
            has = face.attributes.get(name)
            if has not in (0, 1):
                continue
            donors = without if has else having
            donor = donors[nearest(face, donors, self._shapes)]
            wanted = with_parts(own, clean_labels(donor), SHOWN_IN[name])
            if (wanted != own).any():
                task = f"transfer/{NOT if has else ''}{name}"
                said = {**face.attributes, name: 1 - has}
                yield Request(task, face, wanted, donor, attributes=said)

    def _moved(self, face: HeldOutFace, own: Labels) -> Iterator[Request]:
        """What moves labels without another face. A face that smiles already is left out."""
        said = {**face.attributes, "Smiling": 1} if "Smiling" in face.attributes else {}
        if not face.attributes.get("Smiling"):
            wanted = attributes.apply(own, "smile", SLIDER_STRENGTH)
            if (wanted != own).any():
                yield Request("slider/smile", face, wanted, attributes=said)
        for name, direction in self.plan.directions.items():
            if face.attributes.get(name) == 0:
                wanted = direction(own)
                if (wanted != own).any():
                    said = {**face.attributes, name: 1}
                    yield Request(f"direction/{name}", face, wanted, attributes=said)

    def _styles(self, index: int, own: Labels) -> Iterator[Request]:
        face = self.faces[index]
        yield self._whole("style", face, own, next(iter(self._others(index, 20))))
        for number, (name, regions) in enumerate(LOOKS.items()):
            ids = [IDS[region] for region in regions]
            if all((own == each).any() for each in ids):
                for donor in self._others(index, 30 + number):
                    its = clean_labels(donor)
                    if all((its == each).any() for each in ids):
                        yield Request(f"style/{name}", face, own, donor, regions)
                        break
        if index < self.plan.diversity_faces:
            for number, donor in zip(range(self.plan.looks), self._others(index, 40), strict=False):
                yield self._whole("diversity", face, own, donor, number=number + 1)

    def _others(self, index: int, stream: int) -> Iterator[HeldOutFace]:
        """The other faces in a seeded order."""
        rng = np.random.default_rng([self.plan.seed, index, 1_000 + stream])
        for other in rng.permutation(len(self.faces)).tolist():
            if other != index:
                yield self.faces[other]


def with_parts(own: Labels, its: Labels, names: Sequence[str]) -> Labels:
    """Labels with parts of another face laid on the own ones; a part that the other lacks is
    erased."""
    labels = own
    for part in names:
        if member(its, PARTS[part]).any():
            labels = parts.take_part(labels, its, part, align=True)
        elif member(labels, PARTS[part]).any():
            labels = masks.erase(labels, part)
    return labels
