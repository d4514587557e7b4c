"""Photos through an edit: what every kind of file keeps, what is refused, what it costs."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, ImageFilter, PngImagePlugin
from PIL.JpegImagePlugin import get_sampling

from maskgan.errors import MissingExtraError, OutputError, PhotoError
from maskgan.photo import Photo, read_photo, save_photo
from maskgan.provenance import Provenance
from photo_files import ORIENTATION, camera_exif, encoded, png, scene

PROVENANCE = Provenance("maskgan", "1.2", "hair repainted")
STORE = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""EXIF orientation -> how a camera so held stores an upright picture."""
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta '
    b'xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/>'
    b'</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def text_chunks(packet: bytes) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode())
    info.add_text("Title", "A title")
    info.add_itxt("Description", "Snow \u2744")
    return info


def source_file(kind: str, orientation: int = 1) -> bytes:
    """A file with everything a photo of that kind can carry."""
    picture = Image.fromarray(scene())
    if kind in ("PNG", "WEBP"):
        picture.putalpha(Image.fromarray(scene()[..., 1]))
    if (method := STORE[orientation]) is not None:
        picture = picture.transpose(method)
    metadata: dict[str, Any] = {"exif": camera_exif(orientation), "icc_profile": SRGB}
    if kind == "PNG":
        return encoded(picture, kind, pnginfo=text_chunks(PACKET), dpi=(300, 300), **metadata)
    if kind == "WEBP":
        return encoded(picture, kind, lossless=True, exact=True, xmp=PACKET, **metadata)
    return encoded(picture, kind, quality=88, xmp=PACKET, dpi=(300, 300), **metadata)


def edited_facts(data: Any) -> dict[str, Any]:
    """What Pillow, not this package, finds in a file about its photo."""
    with Image.open(data) as picture:
        picture.load()
        block = picture.getexif()
        details, place = block.get_ifd(ExifTags.IFD.Exif), block.get_ifd(ExifTags.IFD.GPSInfo)
        return {
            "format": picture.format,
            "size": picture.size,
            "icc": picture.info.get("icc_profile"),
            "xmp": picture.info.get("xmp"),
            "dpi": tuple(map(round, picture.info.get("dpi", (0, 0)))),
            "camera": (block[ExifTags.Base.Make], block[ExifTags.Base.Model]),
            "date": details[ExifTags.Base.DateTimeOriginal],
            "aperture": Fraction(details[ExifTags.Base.FNumber]),
            "note": details[ExifTags.Base.MakerNote],
            "place": place[ExifTags.GPS.GPSLatitude],
            "orientation": block.get(ORIENTATION),
            "thumbnail": dict(block.get_ifd(ExifTags.IFD.IFD1)),
        }


@pytest.mark.parametrize("orientation", STORE)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_saved_without_an_edit_keeps_everything(
    tmp_path: Path, kind: str, orientation: int
) -> None:
    data = source_file(kind, orientation)
    photo = read_photo(data)
    path = tmp_path / f"photo{photo.suffix}"
    save_photo(photo, path, provenance=None)
    before, after = edited_facts(io.BytesIO(data)), edited_facts(path)
    assert before.pop("thumbnail")
    assert before.pop("orientation") == orientation
    before["size"] = (128, 96)
    assert after.pop("thumbnail") == {}
    assert after.pop("orientation") is None
    assert after == before
    again = read_photo(path)
    assert photo.pixels.shape == again.pixels.shape == (96, 128, 3)
    assert (again.icc, again.exif, again.xmp, again.text) == (
        (photo.icc, photo.exif, photo.xmp, photo.text)
    )
    if kind == "JPEG":
        # One more compression with the same tables changes next to nothing.
        difference = np.abs(again.pixels.astype(int) - photo.pixels)
        assert difference.mean() < 0.4
        assert np.abs(photo.pixels.astype(int) - scene()).mean() < 6
        assert photo.alpha is None
    else:
        np.testing.assert_array_equal(photo.pixels, scene())
        np.testing.assert_array_equal(photo.alpha, scene()[..., 1])
        np.testing.assert_array_equal(again.pixels, photo.pixels)
        np.testing.assert_array_equal(again.alpha, photo.alpha)
    if kind == "PNG":
        assert again.text == {"Title": "A title", "Description": "Snow \u2744"}


def test_no_trace_of_the_thumbnail_stays(tmp_path: Path) -> None:
    block = camera_exif()
    thumbnail = block[block.index(b"\xff\xd8") :]
    data = source_file("JPEG")
    assert thumbnail[100:] in data
    save_photo(read_photo(data), tmp_path / "photo.jpg", provenance=None)
    assert thumbnail[100:] not in (tmp_path / "photo.jpg").read_bytes()
    # A thumbnail in the middle is overwritten, so that offsets behind it stay right.
    exif = read_photo(encoded(Image.fromarray(scene()), "JPEG", exif=block + b"more")).exif
    assert exif is not None
    assert exif.endswith(bytes(len(thumbnail)) + b"more")


def test_makers_notes_stay_in_place() -> None:
    block = camera_exif(6)
    photo = read_photo(encoded(Image.fromarray(scene()), "JPEG", exif=block))
    assert photo.exif is not None
    assert photo.exif.index(b"Nikon") == block.index(b"Nikon")


def test_exif_of_nothing_but_orientation_and_damaged_exif_are_left_out() -> None:
    block = Image.Exif()
    block[ORIENTATION] = 6
    turned = read_photo(encoded(Image.fromarray(scene()), "JPEG", exif=block.tobytes()))
    assert turned.exif is None
    assert turned.pixels.shape == (128, 96, 3)
    whole = camera_exif()
    # The last length ends inside the first directory.
    for length in (8, 13, 14, 20, 40):
        photo = read_photo(encoded(Image.fromarray(scene()), "JPEG", exif=whole[:length]))
        assert photo.exif is None
    loop = bytearray(camera_exif(thumbnail=False))
    count = struct.unpack_from("<H" if loop[6:8] == b"II" else ">H", loop, 14)[0]
    loop[16 + 12 * count : 20 + 12 * count] = b"\xff\xff\xff\x7f"
    kept = read_photo(encoded(Image.fromarray(scene()), "JPEG", exif=bytes(loop)))
    assert kept.exif is not None
    assert b"Model 5" in kept.exif


def test_old_pngs_hold_exif_as_digits(tmp_path: Path) -> None:
    block = camera_exif(thumbnail=False)
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n")
    photo = read_photo(encoded(Image.fromarray(scene()), "PNG", pnginfo=info))
    save_photo(photo, tmp_path / "photo.png", provenance=None)
    assert edited_facts(tmp_path / "photo.png")["camera"] == ("Maker", "Model 5")
    assert photo.text == {}


@pytest.mark.parametrize("quality", [40, 75, 92, 98])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("orientation", [1, 6])
def test_jpegs_are_written_at_their_own_quality(
    tmp_path: Path, quality: int, subsampling: int, orientation: int
) -> None:
    block = Image.Exif()
    block[ORIENTATION] = orientation
    source = tmp_path / "source.jpg"
    Image.fromarray(scene()).save(source, quality=quality, subsampling=subsampling, exif=block)
    save_photo(read_photo(source), tmp_path / "out.jpg", provenance=PROVENANCE)
    with Image.open(source) as before, Image.open(tmp_path / "out.jpg") as after:
        brought, written = JpegFacts(before), JpegFacts(after)
    for name, table in brought.tables.items():
        expected = np.reshape(table, (8, 8))
        expected = expected.T if orientation == 6 else expected
        np.testing.assert_array_equal(np.reshape(written.tables[name], (8, 8)), expected)
    # Colours that are halved across only cannot be turned; they are kept whole instead.
    assert written.subsampling == (0 if (orientation, subsampling) == (6, 1) else subsampling)


class JpegFacts:
    """Tables and subsampling of a JPEG as Pillow sees them."""

    def __init__(self, picture: Any) -> None:
        self.tables: dict[int, list[int]] = picture.quantization
        self.subsampling = get_sampling(picture)


def test_jpegs_of_other_channels_are_not_compressed_harder(tmp_path: Path) -> None:
    for mode in ("L", "CMYK"):
        data = encoded(Image.fromarray(scene()).convert(mode), "JPEG", quality=60)
        save_photo(read_photo(data), tmp_path / "out.jpg", provenance=None)
        with Image.open(io.BytesIO(data)) as before, Image.open(tmp_path / "out.jpg") as after:
            finest = np.min(list(JpegFacts(before).tables.values()), axis=0)
            assert after.mode == "RGB"
            assert JpegFacts(after).subsampling == 0
            for table in JpegFacts(after).tables.values():
                np.testing.assert_array_equal(table, finest)


def test_iptc_record_of_a_jpeg_stays(tmp_path: Path) -> None:
    record = b"\x1c\x02\x78\x00\x0bTwo at home"
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x0c\0\0" + struct.pack(">I", 4) + b"\xff\xd8\xff\xe0"
    block += b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record
    extra = struct.pack(">HH", 0xFFED, len(block) + 2) + block
    photo = read_photo(encoded(Image.fromarray(scene()), "JPEG", extra=extra))
    save_photo(photo, tmp_path / "photo.jpg", provenance=PROVENANCE)
    with Image.open(tmp_path / "photo.jpg") as picture:
        assert picture.info["photoshop"] == {0x0404: record}


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_become_8(channels: int) -> None:
    values = np.random.default_rng(1).integers(0, 65536, (40, 48, channels), dtype=np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    photo = read_photo(png(48, 40, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], rows))
    expected = values / 257
    colors = expected[..., :3] if channels >= 3 else expected[..., :1].repeat(3, axis=2)
    assert np.abs(photo.pixels - colors).max() <= 1
    if channels in (2, 4):
        assert photo.alpha is not None
        assert np.abs(photo.alpha - expected[..., -1]).max() <= 1
    else:
        assert photo.alpha is None


def test_palettes_with_transparency(tmp_path: Path) -> None:
    picture = Image.fromarray(scene()).quantize(16)
    expected = np.asarray(picture.convert("RGB"))
    indices = np.asarray(picture)
    for transparency, alpha in (
        (3, np.where(indices == 3, 0, 255)),
        (bytes([255, 128, 0]), np.select([indices == 1, indices == 2], [128, 0], 255)),
    ):
        photo = read_photo(encoded(picture, "PNG", transparency=transparency))
        np.testing.assert_array_equal(photo.pixels, expected)
        np.testing.assert_array_equal(photo.alpha, alpha)
        save_photo(photo, tmp_path / "photo.png", provenance=None)
        np.testing.assert_array_equal(read_photo(tmp_path / "photo.png").alpha, alpha)


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_grey_pictures(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(scene()).convert(mode)
    photo = read_photo(encoded(picture, "PNG"))
    np.testing.assert_array_equal(photo.pixels, np.asarray(picture.convert("RGB")))
    save_photo(photo, tmp_path / "photo.png", provenance=None)
    np.testing.assert_array_equal(read_photo(tmp_path / "photo.png").pixels, photo.pixels)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_animations_the_first_frame(tmp_path: Path, kind: str) -> None:
    first = Image.fromarray(scene()).quantize(64).convert("RGB")
    later = [first.filter(ImageFilter.GaussianBlur(radius)) for radius in (2, 4)]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(first, kind, save_all=True, append_images=later, duration=50, **options)
    photo = read_photo(data)
    np.testing.assert_array_equal(photo.pixels, np.asarray(first))
    assert photo.format == kind
    assert photo.suffix == {"GIF": ".png", "WEBP": ".webp", "PNG": ".png"}[kind]


def test_of_several_jpegs_in_one_the_first(tmp_path: Path) -> None:
    first = Image.fromarray(scene())
    data = encoded(first, "MPO", save_all=True, append_images=[first.rotate(180)], quality=90)
    photo = read_photo(data)
    assert photo.format == "JPEG"
    assert photo.encoding is not None
    assert np.abs(photo.pixels.astype(int) - scene()).mean() < 6
    save_photo(photo, tmp_path / "photo.jpg", provenance=None)
    with Image.open(tmp_path / "photo.jpg") as picture:
        assert picture.format == "JPEG"


def test_jpegs_hold_no_alpha_but_keep_the_colours(tmp_path: Path) -> None:
    photo = Photo(scene(), alpha=np.zeros((96, 128), np.uint8))
    save_photo(photo, tmp_path / "photo.jpg", provenance=None)
    again = read_photo(tmp_path / "photo.jpg")
    assert again.alpha is None
    assert np.abs(again.pixels.astype(int) - scene()).mean() < 3


@pytest.mark.parametrize("suffix", [".png", ".webp", ".PNG"])
def test_colours_under_transparent_pixels_stay(tmp_path: Path, suffix: str) -> None:
    photo = Photo(scene(), alpha=np.zeros((96, 128), np.uint8))
    save_photo(photo, tmp_path / f"photo{suffix}", provenance=PROVENANCE)
    again = read_photo(tmp_path / f"photo{suffix}")
    np.testing.assert_array_equal(again.pixels, photo.pixels)
    np.testing.assert_array_equal(again.alpha, photo.alpha)


def test_pil_images_and_arrays_are_read_and_left_alone() -> None:
    picture = Image.open(io.BytesIO(source_file("JPEG", 6)))
    photo = read_photo(picture)
    assert photo.format == "JPEG"
    assert photo.pixels.shape == (96, 128, 3)
    assert picture.size == (96, 128)
    assert picture.getexif()[ORIENTATION] == 6
    np.testing.assert_array_equal(read_photo(scene()).pixels, scene())
    assert read_photo(scene()).suffix == ".png"


def test_100_megapixels_is_the_limit_before_anything_is_decoded() -> None:
    # There are no pixels behind these heads, so decoding would fail with another sentence.
    with pytest.raises(PhotoError, match="10001x10000 pixels; the limit is 100 megapixels"):
        read_photo(png(10_001, 10_000, 8, 2, b""))
    with pytest.raises(PhotoError, match="larger than 100 megapixels, the limit"):
        read_photo(png(60_000, 60_000, 8, 2, b""))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_files_give_a_sentence_or_a_photo(kind: str) -> None:
    data = source_file(kind)
    random = np.random.default_rng(3)
    sentences = []
    for length in range(0, len(data) * 3 // 4, len(data) // 12):
        with pytest.raises(PhotoError):
            read_photo(data[:length])
    for _ in range(40):
        broken = bytearray(data)
        for place in random.integers(0, min(len(data), 6000), 8):
            broken[place] = random.integers(0, 256)
        try:
            assert read_photo(bytes(broken)).pixels.dtype == np.uint8
        except PhotoError as error:
            sentences.append(str(error))
    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)


@pytest.mark.parametrize(
    ("name", "photo", "sentence"),
    [
        ("photo.bmp", Photo(scene()), r"suffix \.bmp is not known; use one of \.jpg"),
        ("photo", Photo(scene()), r"suffix \(none\) is not known"),
        ("photo.webp", Photo(np.zeros((32, 16_384, 3), np.uint8)), "at most 16383 on a side"),
        ("photo.jpg", Photo(np.zeros((32, 65_501, 3), np.uint8)), "at most 65500 on a side"),
        ("photo.jpg", Photo(scene(), exif=bytes(70_000)), "70000 bytes of EXIF or XMP"),
        ("photo.jpg", Photo(scene(), xmp=bytes(65_501)), "65501 bytes of EXIF or XMP"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, name: str, photo: Photo, sentence: str) -> None:
    with pytest.raises(OutputError, match=sentence):
        save_photo(photo, tmp_path / name, provenance=None)
    assert list(tmp_path.iterdir()) == []


def test_long_metadata_at_the_limit_fits_a_jpeg(tmp_path: Path) -> None:
    packet = PACKET + b" " * (65_500 - len(PACKET))
    save_photo(Photo(scene(), xmp=packet), tmp_path / "photo.jpg", provenance=None)
    with Image.open(tmp_path / "photo.jpg") as picture:
        assert picture.info["xmp"] == packet


@pytest.mark.parametrize("alpha", [False, True])
def test_heic(tmp_path: Path, alpha: bool) -> None:
    pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    photo = Photo(
        scene(),
        alpha=scene()[..., 1] if alpha else None,
        icc=SRGB,
        exif=camera_exif(thumbnail=False),
        xmp=PACKET,
    )
    path = tmp_path / "photo.heic"
    save_photo(photo, path, provenance=None)
    for source in (path, path.read_bytes()):
        again = read_photo(source)
        assert np.abs(again.pixels.astype(int) - scene()).mean() < 6
        assert (again.alpha is None) == (not alpha)
        assert again.format == "HEIF"
        assert again.suffix == ".heic"
        assert again.icc == SRGB
        assert again.xmp == PACKET
        assert again.exif is not None
        assert b"Model 5" in again.exif
    with pytest.raises(PhotoError):
        read_photo(path.read_bytes()[:300])


def test_heic_of_a_turned_camera(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    stored = Image.fromarray(scene()).transpose(Image.Transpose.ROTATE_90)
    path = tmp_path / "photo.heic"
    heif.from_pillow(stored).save(path, quality=95, exif=camera_exif(6, thumbnail=False))
    photo = read_photo(path)
    assert photo.pixels.shape == (96, 128, 3)
    assert np.abs(photo.pixels.astype(int) - scene()).mean() < 6


def test_heic_without_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    head = struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic"
    with pytest.raises(MissingExtraError, match=r"pip install 'maskgan\[heic\]'"):
        read_photo(head + bytes(64))
    with pytest.raises(MissingExtraError, match=r"pip install 'maskgan\[heic\]'"):
        save_photo(Photo(scene()), tmp_path / "photo.heic", provenance=None)
    assert list(tmp_path.iterdir()) == []


MEMORY = """
import sys
from pathlib import Path
import numpy as np
from PIL import Image
from maskgan.photo import Photo, read_photo, save_photo
def peak():
    [line] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
action, path = sys.argv[1:]
if action == "read":
    read_photo("{small}")
    before = peak()
    photo = read_photo(path)
    size = photo.pixels.nbytes
    print((peak() - before) / size - 1)
else:
    small = Photo(np.zeros((64, 64, 3), np.uint8))
    save_photo(small, path, provenance=None)
    pixels = np.full((4000, 4000, 3), 90, np.uint8)
    before = peak()
    save_photo(Photo(pixels), path, provenance=None)
    print((peak() - before) / pixels.nbytes)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's memory figures")
@pytest.mark.parametrize("action", ["read", "save"])
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_memory_stays_near_two_copies(tmp_path: Path, action: str, suffix: str) -> None:
    path, small = tmp_path / f"photo{suffix}", tmp_path / f"small{suffix}"
    if action == "read":
        block = Image.Exif()
        block[ORIENTATION] = 6
        Image.new("RGB", (4000, 4000), (90, 120, 30)).save(path, exif=block)
        Image.new("RGB", (64, 64)).save(small, exif=block)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY.replace("{small}", str(small)), action, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0.5 < float(done.stdout) < 2


def test_replaced_pixels_are_what_is_written(tmp_path: Path) -> None:
    photo = read_photo(source_file("PNG"))
    edited = photo.pixels.copy()
    edited[10:20, 10:20] = 255
    save_photo(replace(photo, pixels=edited), tmp_path / "photo.png", provenance=PROVENANCE)
    np.testing.assert_array_equal(read_photo(tmp_path / "photo.png").pixels, edited)
