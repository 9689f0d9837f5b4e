#!/usr/bin/env python3
"""Turns bitmap fonts into the `.glyphs` files beside this script. Standard library only; see README.md.

    convert.py GALMURI_DIST U8G2_FONTS

GALMURI_DIST is `dist/` of the npm package galmuri 2.40.3, U8G2_FONTS is `src/fonts/` of the crate u8g2-fonts 0.8.0.

A glyph here is (width, {row: bits}): rows count down from the top of the panel, the text's baseline lies under
row 8; the most significant of `width` bits is left. Everything is made to stand in rows 0 to 10.
"""

import pathlib
import struct
import sys

ROWS, BASELINE = 11, 9


def bdf(path):
    """A BDF font: {code: (width, {row: bits})}, in rows relative to the top of the panel (may be negative)."""
    glyphs, code, lines = {}, 0, iter(path.read_text(encoding="utf8", errors="replace").splitlines())
    for line in lines:
        word, *rest = line.split() or [""]
        if word == "ENCODING":
            code = int(rest[0])
        elif word == "DWIDTH":
            advance = int(rest[0])
        elif word == "BBX":
            w, h, x, y = map(int, rest)
        elif word == "BITMAP":
            rows = []
            for line in lines:
                if line.startswith("ENDCHAR"):
                    break
                rows.append(int(line, 16) >> (len(line.strip()) * 4 - w) if w else 0)
            glyphs[code] = place(advance, w, h, x, y, rows)
    return glyphs


def u8g2(path):
    """A font of u8g2's compressed format, for code points up to 0xffff."""
    data, glyphs = path.read_bytes(), {}
    zeros, ones, bits_w, bits_h, bits_x, bits_y, bits_a = data[2:9]
    u16 = lambda at: data[at] << 8 | data[at + 1]

    def glyph(data):
        at = 0

        def number(bits):
            nonlocal at
            value = sum((data[at + k >> 3] >> (at + k & 7) & 1) << k for k in range(bits))
            at += bits
            return value

        signed = lambda bits: number(bits) - (1 << bits - 1)
        w, h, x, y, advance = number(bits_w), number(bits_h), signed(bits_x), signed(bits_y), signed(bits_a)
        pixels = []
        while len(pixels) < w * h:
            run = [0] * number(zeros) + [1] * number(ones)
            pixels += run
            while number(1) and len(pixels) < w * h:
                pixels += run
        rows = [int("".join(map(str, pixels[r * w : r * w + w])) or "0", 2) for r in range(h)]
        return place(advance, w, h, x, y, rows)

    at = 23
    while data[at + 1]:
        glyphs[data[at]] = glyph(data[at + 2 :])
        at += data[at + 1]
    at = 23 + u16(21)
    at += u16(at)
    while u16(at):
        glyphs[u16(at)] = glyph(data[at + 3 :])
        at += data[at + 2]
    return glyphs


def place(advance, w, h, x, y, rows):
    """Puts a bitmap on the baseline; a glyph's own side bearings stay, its advance is the width."""
    x = max(x, 0)
    width = max(advance, x + w)
    placed = {BASELINE - y - h + i: bits << (width - x - w) for i, bits in enumerate(rows) if bits}
    return width, placed


def moved(glyph, rows):
    width, ink = glyph
    return width, {row + rows: bits for row, bits in ink.items()}


def proportional(glyph):
    """The ink and one dark column after it, whatever the font's cell was."""
    width, ink = glyph
    every = 0
    for bits in ink.values():
        every |= bits
    if not every:
        return max(3, width // 2), {}
    right = (every & -every).bit_length() - 1
    left = every.bit_length()
    return left - right + 1, {row: bits >> right << 1 for row, bits in ink.items()}


def squeezed(glyph):
    """Takes rows away until the glyph stands in the panel: repeated rows of the letter first, then gaps."""
    width, ink = glyph
    if not ink:
        return glyph
    top, bottom = min(ink), max(ink)
    above = [ink.get(row, 0) for row in range(min(top, BASELINE), BASELINE)]
    below = [ink.get(row, 0) for row in range(BASELINE, max(bottom + 1, BASELINE))]
    while len(above) > BASELINE:
        above.pop(spare(above))
    while len(below) > ROWS - BASELINE:
        below.pop(spare(below))
    rows = {BASELINE - len(above) + i: bits for i, bits in enumerate(above)}
    rows |= {BASELINE + i: bits for i, bits in enumerate(below)}
    return width, {row: bits for row, bits in rows.items() if bits}


def spare(rows):
    """The row that is missed least: the one most like a neighbour, and of those the middle one."""

    def cost(i):
        if rows[i] == 0:
            return 2.5  # a gap parts an accent from its letter
        near = [rows[j] for j in (i - 1, i + 1) if 0 <= j < len(rows)]
        same = min((bin(rows[i] ^ other).count("1") for other in near), default=9)
        return same + (0.5 if same and i == 0 else 0)

    costs = [cost(i) for i in range(len(rows))]
    best = [i for i, value in enumerate(costs) if value == min(costs)]
    return best[len(best) // 2]


def with_tonos(glyph):
    """A Greek capital carries its accent before it."""
    width, ink = glyph
    return width + 2, {row: ink.get(row, 0) | {0: 1, 1: 1}.get(row, 0) << width + 1 for row in set(ink) | {0, 1}}


# Signs of currencies that no source has: rows from the top of the panel.
SIGNS = {
    "₺": [".#...", ".#.#.", ".##..", "##.#.", ".##..", "##..#", ".#..#", ".#.#.", ".##.."],
    "₴": [".###.", "#...#", "....#", "#####", "..#..", "#####", "#....", "#...#", ".###."],
    "₫": ["...#.", "..###", "...#.", ".###.", "#..#.", "#..#.", ".###.", ".....", "####."],
    "₪": ["###..#.", "#..#.#.", "#..#.#.", "#.##.#.", "#.##.#.", "#.##.#.", "#.#..#.", "#.#..#.", "#..##.."],
}


def drawn(rows):
    return len(rows[0]) + 1, {row: int(dots.replace(".", "0").replace("#", "1"), 2) << 1 for row, dots in enumerate(rows)}


def over(glyph):
    return -min(glyph[1], default=0)


def write(path, glyphs):
    """The format read by `domain/src/display/font.rs`; see there."""
    codes = sorted(glyphs)
    head, body, offsets = [], bytearray(), []
    for i, code in enumerate(codes):
        if i % 16 == 0:
            offsets.append(len(body))
        width, ink = glyphs[code]
        assert 0 < width < 32 and all(0 <= row < ROWS for row in ink), hex(code)
        top, height = (min(ink), max(ink) - min(ink) + 1) if ink else (0, 0)
        body += bytes([width, top << 4 | height])
        bits = "".join(format(ink.get(top + r, 0), f"0{width}b") for r in range(height))
        bits += "0" * (-len(bits) % 8)
        body += bytes(int(bits[k : k + 8], 2) for k in range(0, len(bits), 8))
    head = struct.pack(f"<I{len(codes)}H{len(offsets)}I", len(codes), *codes, *offsets)
    path.write_bytes(head + body)
    print(f"{path.name}: {len(codes)} glyphs, {len(head) + len(body)} bytes")


def nine(galmuri, fonts):
    """Galmuri9; small letters of Galmuri7 under stacked accents; Han from Boutique 9x9; Hebrew from 6x13."""
    large, small = bdf(galmuri / "Galmuri9.bdf"), bdf(galmuri / "Galmuri7.bdf")
    han = u8g2(fonts / "u8g2_font_boutique_bitmap_9x9_t_all.u8g2font")
    hebrew = u8g2(fonts / "u8g2_font_6x13_t_hebrew.u8g2font")
    glyphs = {code: moved(glyph, -2) for code, glyph in han.items() if code >= 0x3000}
    glyphs |= large
    for code, glyph in large.items():
        if over(glyph) > 3 and code in small:
            glyphs[code] = small[code]
    glyphs |= {code: proportional(glyph) for code, glyph in hebrew.items() if 0x5D0 <= code <= 0x5EA}
    glyphs |= {0x5BE: glyphs[0x2D], 0x5F3: glyphs[0x27], 0x5F4: glyphs[0x22]}
    for capital, letter in zip("ΆΈΉΊΌΎΏ", "ΑΕΗΙΟΥΩ"):
        glyphs[ord(capital)] = with_tonos(glyphs[ord(letter)])
    glyphs |= {ord(sign): drawn(rows) for sign, rows in SIGNS.items()}
    return {code: squeezed(glyph) for code, glyph in glyphs.items() if 0x20 <= code <= 0xFFFF and glyph[0]}


def narrow(galmuri, fonts):
    """Galmuri7 for Latin letters; for the rest the X11 font 6x12 with proportional widths."""
    glyphs = u8g2(fonts / "u8g2_font_6x12_t_cyrillic.u8g2font") | u8g2(fonts / "u8g2_font_6x12_te.u8g2font")
    glyphs = {code: proportional(glyph) for code, glyph in glyphs.items() if code >= 0x20}
    small = bdf(galmuri / "Galmuri7.bdf")
    glyphs |= {code: glyph for code, glyph in small.items() if 0x20 <= code < 0x2050 and glyph[0]}
    return {code: squeezed(glyph) for code, glyph in glyphs.items()}


def main():
    galmuri, fonts = map(pathlib.Path, sys.argv[1:])
    here = pathlib.Path(__file__).parent
    write(here / "nine.glyphs", nine(galmuri, fonts))
    write(here / "narrow.glyphs", narrow(galmuri, fonts))


main()
