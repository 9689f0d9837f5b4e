// What a screenshot shows, pixel by pixel.

import { inflateSync } from "node:zlib";

/** The pixels of a PNG of a screenshot, as `[red, green, blue]` by x and y. */
function pixels(png) {
  const width = png.readUInt32BE(16), height = png.readUInt32BE(20), channels = png[25] === 6 ? 4 : 3;
  const data = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") data.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(data)), stride = width * channels, rows = [];
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    const line = Buffer.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? line[x - channels] : 0, up = rows[y - 1]?.[x] ?? 0;
      const corner = x >= channels ? (rows[y - 1]?.[x - channels] ?? 0) : 0, guess = left + up - corner;
      const near = [left, up, corner].reduce((best, value) => Math.abs(guess - value) < Math.abs(guess - best) ? value : best);
      line[x] += [0, left, up, (left + up) >> 1, near][filter];
    }
    rows.push(line);
  }
  return { width, height, at: (x, y) => [...rows[y].subarray(x * channels, x * channels + 3)] };
}

/** How bright the brightest and how dark the darkest pixel of an element is, 0 to 255. */
export async function range(element) {
  const picture = pixels(await element.screenshot());
  let least = 255, most = 0;
  for (let y = 0; y < picture.height; y++) for (let x = 0; x < picture.width; x++) {
    const light = Math.max(...picture.at(x, y));
    least = Math.min(least, light);
    most = Math.max(most, light);
  }
  return { least, most };
}
