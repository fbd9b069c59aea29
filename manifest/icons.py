"""The two icons that Teams asks for, drawn: a megaphone, in colour and as an outline.

`python -m manifest.icons` writes `color.png` and `outline.png` beside this file, from which the
package takes them; `python -m manifest --icons FOLDER` takes an organisation's own instead.

Shapes are signed distances (negative inside, in units of 1/192 of the picture's side), so that an
edge is smooth at every size and no drawing library is needed.
"""

import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent
COLOR_SIDE = 192
"""Pixels; the size of the colour icon that Teams asks for."""
OUTLINE_SIDE = 32
"""Pixels; the size of the outline icon, white on transparent."""

_UNITS = 192.0
_TILT = math.radians(-18)
_TOP, _BOTTOM = (98, 100, 220), (58, 60, 160)

_Pixel = tuple[int, int, int, int]
_Point = tuple[float, float]


def color_icon() -> bytes:
    """A PNG of 192 x 192 pixels: a white megaphone on a full square, which Teams rounds."""

    def pixel(x: float, y: float, unit: float) -> _Pixel:
        ink = _coverage(_megaphone(x, y, scale=0.62), unit)
        down = y / _UNITS
        red, green, blue = (
            round((top + (bottom - top) * down) * (1 - ink) + 255 * ink)
            for top, bottom in zip(_TOP, _BOTTOM, strict=True)
        )
        return red, green, blue, 255

    return _png(COLOR_SIDE, pixel)


def outline_icon() -> bytes:
    """A PNG of 32 x 32 pixels: the megaphone's contour in white on transparent."""

    def pixel(x: float, y: float, unit: float) -> _Pixel:
        half_stroke = 6.0
        distance = _megaphone(x, y, scale=0.86, waves_width=half_stroke, hollow=half_stroke)
        return 255, 255, 255, round(255 * _coverage(distance, unit))

    return _png(OUTLINE_SIDE, pixel)


def _megaphone(
    x: float, y: float, *, scale: float, waves_width: float = 6.5, hollow: float | None = None
) -> float:
    """Distance to the megaphone, centred and tilted; `hollow` draws its contour, this half wide."""
    dx, dy = (x - _UNITS / 2) / scale, (y - _UNITS / 2) / scale
    u = dx * math.cos(_TILT) + dy * math.sin(_TILT)
    v = dy * math.cos(_TILT) - dx * math.sin(_TILT)
    horn = _polygon(u, v, [(-58, -20), (28, -56), (28, 56), (-58, 20)]) - 8
    grip = _polygon(u, v, [(-40, 22), (-14, 33), (-8, 66), (-28, 66)]) - 7
    body = min(horn, grip)
    if hollow is not None:
        body = abs(body + hollow) - hollow
    near = _arc(u, v, centre=(22, 0), radius=42, half_angle=0.72, half_width=waves_width)
    far = _arc(u, v, centre=(22, 0), radius=66, half_angle=0.72, half_width=waves_width)
    waves = near if hollow is not None else min(near, far)
    return min(body, waves) * scale


def _polygon(x: float, y: float, corners: list[_Point]) -> float:
    nearest, inside = math.inf, False
    for (ax, ay), (bx, by) in zip(corners, corners[-1:] + corners[:-1], strict=True):
        ex, ey, px, py = bx - ax, by - ay, x - ax, y - ay
        along = min(1.0, max(0.0, (px * ex + py * ey) / (ex * ex + ey * ey)))
        nearest = min(nearest, math.hypot(px - along * ex, py - along * ey))
        if (ay > y) != (by > y) and x < ax + (y - ay) * ex / ey:
            inside = not inside
    return -nearest if inside else nearest


def _arc(
    x: float, y: float, *, centre: _Point, radius: float, half_angle: float, half_width: float
) -> float:
    """A round-ended stroke on a circle, opening to the right."""
    px, py = x - centre[0], abs(y - centre[1])
    if math.atan2(py, px) <= half_angle:
        return abs(math.hypot(px, py) - radius) - half_width
    end = radius * math.cos(half_angle), radius * math.sin(half_angle)
    return math.hypot(px - end[0], py - end[1]) - half_width


def _coverage(distance: float, unit: float) -> float:
    """How much of a pixel of this size lies inside, from 0 to 1."""
    return min(1.0, max(0.0, 0.5 - distance / unit))


def _png(side: int, pixel: Callable[[float, float, float], _Pixel]) -> bytes:
    unit = _UNITS / side
    rows = bytearray()
    for row in range(side):
        rows.append(0)  # filter type of the row: none
        for column in range(side):
            rows += bytes(pixel((column + 0.5) * unit, (row + 0.5) * unit, unit))
    # 8 bits a channel, colour type 6 (RGBA), default compression, filter and interlace.
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    (FOLDER / "color.png").write_bytes(color_icon())
    (FOLDER / "outline.png").write_bytes(outline_icon())
