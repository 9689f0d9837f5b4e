// What stands on a simulated panel, read from its pixels as a person reads it.

/** The letters codes are made of. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** The columns of rows of LEDs, as texts from top to bottom; without the dark ones around. */
function columns(rows) {
  const all = [...rows[0]].map((_, x) => rows.map((row) => row[x]).join(""));
  const lit = (column) => column.includes("#");
  const from = all.findIndex(lit);
  return from < 0 ? [] : all.slice(from, all.findLastIndex(lit) + 1);
}

/** What the server's own renderer makes of a text: the columns of its strip. */
export async function rendered(world, text) {
  const strip = await world.run("badgecast", ["render", "--text", text, "--out", "strip"]).finishes();
  const bytes = [...strip.trim().matchAll(/../g)].map(([hex]) => Number.parseInt(hex, 16).toString(2).padStart(8, "0"));
  // A byte for each of 11 rows, then the next eight columns.
  const rows = Array.from({ length: 11 }, (_, row) =>
    bytes.filter((_, at) => at % 11 === row).join("").replaceAll("1", "#").replaceAll("0", "."));
  return columns(rows);
}

const alike = (some, others) => some.length === others.length && some.every((column, at) => column === others[at]);

/** The letters of a text: what stands between dark columns, without the dark rows above and below. */
function letters(text) {
  const groups = [[]];
  for (const column of text) column.includes("#") ? groups.at(-1).push(column) : groups.at(-1).length && groups.push([]);
  return groups.filter((group) => group.length).map((group) => {
    // A letter that hangs below the line moves the whole line up.
    const rows = [...group[0]].map((_, row) => group.some((column) => column[row] === "#"));
    return group.map((column) => column.slice(rows.indexOf(true), rows.lastIndexOf(true) + 1));
  });
}

/** Reads a code off a panel: each letter is looked for among those a code can have. */
export async function read(world, { rows }) {
  const known = await Promise.all([...LETTERS].map(async (letter) => [letter, letters(await rendered(world, letter))[0]]));
  return letters(columns(rows)).map((seen) => {
    const [found] = known.find(([, glyph]) => alike(seen, glyph)) ?? [];
    if (!found) throw new Error(`no letter looks like this:\n${rows.join("\n")}`);
    return found;
  }).join("");
}

/** A badge nobody owns, switched on: its program, and what its panel shows. */
export class Unclaimed {
  constructor(world) {
    this.world = world;
    this.program = world.run("badgecast-simulator", ["claim", "--server", world.url, "--json"]);
  }

  /** The code on its panel. */
  async code() {
    return read(this.world, JSON.parse(await this.program.says(/"rows"/)));
  }

  /** Its id, once somebody has claimed it. */
  async claimed() {
    return JSON.parse(await this.program.says(/"claimed"/)).claimed;
  }

  /** Whether its panel has ever shown this, to the pixel. */
  async hasShown(text) {
    const wanted = await rendered(this.world, text);
    const frames = this.program.lines.filter((line) => line.includes('"rows"')).map((line) => JSON.parse(line));
    return frames.some(({ rows }) => alike(columns(rows), wanted));
  }
}
