// `make screenshots`: every page, light and dark, on a desk and on a phone, into target/screenshots; those that the
// README shows into docs/screenshots.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { launch, visitor } from "../browser.mjs";
import { World } from "../world.mjs";
import { furnish } from "./furnished.mjs";
import { PAGES, address } from "./pages.mjs";
import { DESK, PHONE, signedIn } from "./person.mjs";

const here = import.meta.dirname;
const all = join(here, "../../target/screenshots");
const shown = join(here, "../../docs/screenshots");
/** What the README shows. */
const README = new Set([
  "wall-light-desk",
  "announcement-new-light-desk",
  "announcement-light-desk",
  "my-badge-light-phone",
  "my-badge-dark-phone",
]);

await mkdir(all, { recursive: true });
await mkdir(shown, { recursive: true });
const world = await World.open();
const chromium = await launch();
try {
  await furnish(world, 24);
  for (const theme of ["light", "dark"]) {
    for (const [place, size] of Object.entries({ desk: DESK, phone: PHONE })) {
      const people = {};
      for (const { name, path, role, write = {}, until } of PAGES) {
        const options = { size, scheme: theme };
        people[role] ??= role
          ? await signedIn(chromium, world, role, options)
          : await (await visitor(chromium, world, options)).newPage();
        const page = people[role];
        await page.goto(await address(world, path), { waitUntil: "load" });
        await page.locator("#live:not([hidden])").waitFor({ state: "attached", timeout: 2_000 }).catch(() => {});
        for (const [field, text] of Object.entries(write)) await page.fill(field, text);
        if (until) await page.locator(until).first().waitFor();
        const file = `${name}-${theme}-${place}`;
        await page.screenshot({ path: join(all, `${file}.png`), fullPage: true });
        // What fits the window is enough to show.
        if (README.has(file)) await page.screenshot({ path: join(shown, `${file}.png`) });
        console.log(file);
      }
      await Promise.all(Object.values(people).map((page) => page.context().close()));
    }
  }
} finally {
  await chromium.close();
  await world.close();
}
