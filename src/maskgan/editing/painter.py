"""One edit of a face, step by step: what can be moved is moved, what is left is drawn.

The photo is bent where outlines move (`bending`), the skin around features follows
(`surroundings`), features that could not be bent are carried (`carrying`), the generator draws the
rest (`rendering`), and what it drew of lips and between them, of hair, skin and ground is made of
the photo's (`lips`, `teeth`, `strands`, `matte`, `skin`, `ground`); what is worn is built
(`lenses`, `worn`). The manifest's rules say which of this a bundle does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from maskgan.bundle import Bundle
from maskgan.editing import regions, window
from maskgan.editing.bending import Bent, Patch, bend
from maskgan.editing.beyond import Surrounded
from maskgan.editing.carrying import Feature, carry, seamless
from maskgan.editing.commissures import closed
from maskgan.editing.dye import KEEPS, Dyed, chosen, dye
from maskgan.editing.eyewear import Eyewear, laid_over
from maskgan.editing.face import Face, Style, StyleChoice
from maskgan.editing.finish import faded_in, finished, sketched
from maskgan.editing.hair import Hair
from maskgan.editing.layers import PARTS, check_region, member
from maskgan.editing.lenses import looked_through
from maskgan.editing.lips import coloured
from maskgan.editing.mouth import MOUTH
from maskgan.editing.nasolabial import folded
from maskgan.editing.overflow import Edit, Overflow, overflow
from maskgan.editing.recent import Recent
from maskgan.editing.regions import Region
from maskgan.editing.rendering import renderer_of
from maskgan.editing.result import Result
from maskgan.editing.stray import combed
from maskgan.editing.surroundings import Surroundings, follow
from maskgan.editing.teeth import between_lips
from maskgan.editing.tone import Tone
from maskgan.editing.wish import Wish, check_colours, wish_for
from maskgan.editing.wisps import hanging
from maskgan.images import Pixels
from maskgan.labels import IDS, Labels

LIDS = (*PARTS["eyes"], *PARTS["brows"])
"""What takes the skin around along when it is bent."""

PLACES, FEATURES, HEADS = 8, 24, 4
"""Bent places, heads of hair, some megabytes each, and mouths, and carried features that a painter
remembers."""


class Painter:
    """Edits faces with the generator of one bundle. Arguments and errors are those of the methods
    of `Editor` that have the same names."""

    def __init__(self, bundle: Bundle, surrounded: Callable[[Face], Surrounded]) -> None:
        self._manifest, self._rules = bundle.manifest, bundle.manifest.edit
        self._renderer, self._surrounded = renderer_of(bundle), surrounded
        self._patches: Recent[Patch | None] = Recent(PLACES)
        self._features: Recent[Feature] = Recent(FEATURES)
        self._hair: Recent[Hair] = Recent(HEADS)
        self._lips: Recent[Pixels] = Recent(HEADS)
        self._dyes: Recent[Dyed] = Recent(HEADS)
        self._tones: Recent[Tone | None] = Recent(HEADS)
        self._eyewear: Recent[Eyewear | None] = Recent(HEADS)
        self._views: Recent[Surrounded] = Recent(HEADS)

    def render(
        self,
        face: Face,
        labels: Labels,
        style: StyleChoice,
        detail: bool,
        surroundings: bool | Surroundings,
        bending: bool,
        region: Region | None,
    ) -> Result:
        start = time.perf_counter()
        # Those that get another look are drawn anew.
        drawn_anew = isinstance(style, Mapping) and "eye_g" in style
        original, worn = face, None if drawn_anew else self._worn(face)
        bent = self._bent(face, labels, detail, worn) if bending else None
        if bent is not None:
            face = replace(face, crop=bent.crop, labels=bent.labels)
        check_colours(style, KEEPS if self._rules.carry else ())
        wish, dyed = wish_for(face, labels, style), None
        eyewear, clear = None if wish.edited.all() else worn, None
        if eyewear is not None:
            eyewear = eyewear if bent is None else eyewear.moved(bent)
            clear = eyewear.untinted(face.crop, face.labels, wish.labels)
            face = face if clear is None else replace(face, crop=clear.crop)
        # Under the brush a strand may hang for a moment: looking for them takes half as long again.
        closely = detail and self._rules.carry and not wish.edited.all()
        neat = combed(face.crop, face.labels, wish.labels) if closely else None
        face = face if neat is None else replace(face, crop=neat.crop)
        looks, known = self._looks(face, wish), face
        colours = chosen(face.style, wish.style, looks)
        if looks:
            dyed = self._dyed(face, wish, looks, detail, eyewear)
            face, wish = replace(face, crop=dyed.crop), wish.without(face.labels, looks)
        edited, front, margin = wish.edited, None, self._pixels(self._rules.dilate, face)
        if closely:
            edited = edited | hanging(face.crop, face.labels, wish.labels)
        if region is not None:
            edited = edited | check_region(region, wish.labels)
        if eyewear is not None:
            behind = eyewear.behind(face.labels, wish.labels, edited, margin)
            edited, front = behind.edited, behind.front
            if region is not None:
                edited, front = edited | region, front & ~region
        drawn = regions.dilate(edited, margin)
        crop, side, feather = face.crop.copy(), None, self._pixels(self._rules.feather, face)
        around = surroundings if isinstance(surroundings, Surroundings) else None
        if surroundings is True and (drawn.any() or bent is not None):
            around = self._around(face, _before(original.labels, bent), wish)
        if around is not None:
            crop = around.apply(crop)
        if drawn.any():
            where = drawn if front is None else drawn & ~front
            hidden = None if eyewear is None else eyewear.hidden
            render, side = self._drawn(crop, face, wish, where, detail, original.labels, hidden)
            crop = faded_in(crop, render, drawn, feather)
        if front is not None:
            changed = drawn if around is None else drawn | around.region
            crop = laid_over(crop, face.crop, front, changed)
        for also in (around, dyed, clear, neat):
            drawn = drawn if also is None else drawn | also.region
        if not looks and not wish.drawn and drawn.any():
            tone = self._tones.get("tone", (original.crop,), partial(Tone.of, original.crop))
            crop[drawn] = crop[drawn] if tone is None else tone.toned(crop[drawn])
        beyond = None
        if self._rules.carry and not edited.all():
            draw = partial(self._again, style)
            looked = face.crop, frozenset(looks), colours
            ways = None if bent is None else bent.displacement
            edit = Edit(known, wish.labels, drawn, *looked, draw, ways)
            beyond = partial(self._overflow, edit)
        seconds = time.perf_counter() - start
        return Result(original, crop, wish.labels, drawn, seconds, feather, side, bent, beyond)

    def _again(self, style: StyleChoice, face: Face, labels: Labels) -> tuple[Pixels, Region]:
        """Another crop of a face, which is bent already, with the same look and other labels."""
        result = self.render(face, labels, style, True, False, False, None)
        return result.crop, result.drawn

    def bend(self, face: Face, labels: Labels, detail: bool) -> Bent | None:
        return self._bent(face, labels, detail, self._worn(face))

    def _bent(self, face: Face, labels: Labels, detail: bool, worn: Eyewear | None) -> Bent | None:
        """A face that wears these spectacles, bent towards labels."""
        if not self._rules.carry:
            return None
        wanted = wish_for(face, labels, None).labels
        frame = None if worn is None else worn.staying(face.labels, wanted)
        return bend(face.crop, face.labels, wanted, detail, self._patches, frame)

    def surroundings(self, face: Face, labels: Labels, style: StyleChoice) -> Surroundings | None:
        before = _before(face.labels, self.bend(face, labels, True))
        return self._around(face, before, wish_for(face, labels, style))

    def _worn(self, face: Face) -> Eyewear | None:
        """The spectacles that a face wears; None without, and in bundles that carry nothing."""
        if not self._rules.carry or not (face.labels == IDS["eye_g"]).any():
            return None
        known = face.crop, face.labels
        return self._eyewear.get("eyewear", known, partial(Eyewear.of, *known))

    def _looks(self, face: Face, wish: Wish) -> set[int]:
        """The classes that get another look and show enough of the one they have to dye it."""
        if not self._rules.carry or wish.edited.all():
            return set()
        looks = {index for index in set(wish.drawn) & KEEPS if (face.labels == index).any()}
        known, hair = (face.crop, face.labels), IDS["hair"]
        # New hair on a bald head is drawn with its look; a few hairs that stay are dyed.
        grows = ((wish.labels == hair) & (face.labels != hair)).any()
        if hair in looks and grows and self._hair.get("hair", known, partial(Hair.of, *known)).bare:
            looks.remove(hair)
        return looks

    def _dyed(
        self,
        face: Face,
        wish: Wish,
        looks: Collection[int],
        detail: bool,
        eyewear: Eyewear | None,
    ) -> Dyed:
        """The crop of a face in which these classes have got their look, also what of them is seen
        through spectacles; their frame before brows keeps its own."""
        care = window.FULL if detail else window.QUICK

        def render(crop: Pixels, labels: Labels, style: Style, where: Region) -> Pixels:
            return self._renderer.render(crop, labels, style, where, self._finest, care)[0]

        own, wanted = face.style, wish.style
        labels = face.labels if eyewear is None else eyewear.seen_through(face.labels)
        make = partial(dye, render, face.crop, labels, own, wanted, looks)
        of = detail, frozenset(looks), own.contents, wanted.contents
        dyed = self._dyes.get(of, (face.crop, labels), make)
        if eyewear is None:
            return dyed
        before = eyewear.frame & member(face.labels, PARTS["brows"])
        return replace(dyed, crop=laid_over(dyed.crop, face.crop, before, dyed.region))

    def _overflow(self, edit: Edit, face: Face, crop: Pixels) -> Overflow | None:
        """An edit of a face, whose photo is whole, with what of it goes on beyond the crop."""
        make, known = partial(self._surrounded, face), (face.crop, face.transform)
        return overflow(edit, face, crop, partial(self._views.get, "crop", known, make))

    def _around(self, face: Face, before: Labels, wish: Wish) -> Surroundings | None:
        """What the skin of a face, which may be bent already, does when its labels `before` become
        those that are wished for."""
        if not self._rules.reach or wish.edited.all():
            return None
        render, size = self._renderer.render, self._manifest.generator_size
        around = follow(render, face.crop, before, wish.labels, wish.style, self._rules, size)
        lips = member(before, MOUTH) | member(wish.labels, MOUTH)
        if not (lips & (before != wish.labels)).any():
            return around
        for follows in (folded, partial(closed, shown=face.labels)):
            crop = face.crop if around is None else around.apply(face.crop)
            more = follows(crop, before, wish.labels)
            around = around if more is None else more.joined(around)
        return around

    def _drawn(
        self,
        crop: Pixels,
        face: Face,
        wish: Wish,
        where: Region,
        detail: bool,
        before: Labels,
        hidden: Region | None,
    ) -> tuple[Pixels, int | None]:
        """A crop uint8 (S, S, 3) in which a region is new, and the side at which it was rendered;
        None where all of it could be carried. `before` are the labels that the face had before it
        was bent; `hidden`: bool (S, S), where its crop shows spectacles in place of it."""
        crop, left = self._carried(crop, face, wish, where, hidden)
        carried, where = where & ~left & member(wish.labels, MOUTH), left
        if not where.any():
            return crop, None
        care = window.FULL if detail else window.PREVIEW
        render, side = self._renderer.render(
            crop, wish.labels, wish.style, where, self._finest, care
        )
        if not self._rules.carry or wish.edited.all():
            return render, side
        known = face.crop, face.labels, wish.labels, where
        if not {IDS["u_lip"], IDS["l_lip"]} & set(wish.drawn):
            render = coloured(render, *known, self._lips)
        if IDS["mouth"] not in wish.drawn:
            render = between_lips(render, *known, before)
        # Only of mouths: eyes and brows behind new spectacles stay as sharp as they are.
        render = seamless(render, carried, where)
        if IDS["eye_g"] not in wish.drawn:
            render = looked_through(render, *known)
        colours = {index: wish.style.colours[index] for index in wish.drawn}
        made = finished if detail else sketched
        textured = made(render, known, colours, self._hair)
        # What is made of the photo is as fine as the crop.
        finer = detail and textured is not render
        return textured, face.labels.shape[0] if finer else side

    def _carried(
        self, crop: Pixels, face: Face, wish: Wish, where: Region, hidden: Region | None
    ) -> tuple[Pixels, Region]:
        """A crop uint8 (S, S, 3) with the face's features carried in a region, and what is left of
        the region to draw."""
        crop, left = crop.copy(), where.copy()
        if not self._rules.carry:
            return crop, left
        labels, recent = (face.labels, wish.labels), self._features
        # As fine as it will be drawn in the end: a preview keeps what the picture keeps.
        for view, part in window.plan(where, self._manifest.generator_size, self._finest):
            carried = carry(face.crop, *labels, part, view.side, wish.drawn, recent, hidden)
            box = regions.bounding_box(carried.region)
            if box is not None:
                moved = carried.region[box]
                crop[box][moved] = carried.crop[box][moved]
                left[box] &= ~moved
        return crop, left

    @property
    def _finest(self) -> int:
        """Largest side at which the generator draws a crop."""
        return self._manifest.detail_size or self._manifest.generator_size

    def _pixels(self, length: float, face: Face) -> float:
        """A length in pixels at the generator's size -> the same in pixels of a face's crop."""
        scale: float = face.labels.shape[0] / self._manifest.generator_size
        return length * scale


def _before(labels: Labels, bent: Bent | None) -> Labels:
    """The labels that the skin around knows: lids and brows that were bent took theirs along."""
    if bent is None:
        return labels
    return np.where(member(labels, LIDS) | member(bent.labels, LIDS), bent.labels, labels)
