"""Sessions and what is open in them, as the operations answer with it."""

from __future__ import annotations

import numpy as np

from maskgan.alignment.finder import FoundFace
from maskgan.editing.face import Face
from maskgan.web import schemas
from maskgan.web.session import OpenPhoto, OpenStyle, Session

PREFIX = "/api/v1"
"""Of every operation."""


def of_photo(photo: OpenPhoto) -> schemas.PhotoInfo:
    """A photo and where its faces are."""
    return schemas.PhotoInfo(
        name=photo.name,
        width=photo.width,
        height=photo.height,
        format=photo.format,
        faces=[_of_spot(number, face) for number, face in enumerate(photo.faces, 1)],
    )


def of_face(face: Face, numbered: bool) -> schemas.FaceInfo:
    """The face that is edited."""
    return schemas.FaceInfo(
        size=face.crop.shape[0],
        number=face.number if numbered else None,
        count=face.count,
        matrix=face.transform.tolist(),
        present=[int(index) for index in np.unique(face.labels)],
    )


def of_style(session: Session, style: OpenStyle, was: str | None = None) -> schemas.StyleInfo:
    """A style of a session."""
    return schemas.StyleInfo(
        id=style.id,
        name=style.name,
        present=style.present,
        shapes=style.labels is not None,
        thumbnail=f"{PREFIX}/sessions/{session.id}/styles/{style.id}/thumbnail",
        was=was,
    )


def of_session(session: Session) -> schemas.SessionInfo:
    """Everything that is open."""
    with session.lock:
        photo = None if session.photo is None else of_photo(session.photo)
        face, changed = None, 0
        if session.face is not None and session.labels is not None:
            face = of_face(session.face, session.numbered)
            changed = int(np.count_nonzero(session.labels != session.face.labels))
        return schemas.SessionInfo(
            photo=photo,
            faces=[] if photo is None else photo.faces,
            face=face,
            styles=[of_style(session, style) for style in session.styles.values()],
            mixture=schemas.uses(session.mixture),
            labels_changed=changed,
        )


def _of_spot(number: int, face: FoundFace) -> schemas.FaceSpot:
    left, top, right, bottom = (float(value) for value in face.box)
    return schemas.FaceSpot(
        number=number,
        box=[left, top, right - left, bottom - top],
        right_eye=[float(value) for value in face.right_eye],
        left_eye=[float(value) for value in face.left_eye],
        mouth=[float(value) for value in face.mouth],
    )
