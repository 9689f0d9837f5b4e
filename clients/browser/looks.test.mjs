// Everybody can use every page: WCAG 2.2 AA as far as a machine can tell, in each language, in light and dark, on a
// phone and on a desk; narrow pages, forced colours, still pictures, small pages.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { faults, launch, outlived, visitor } from "../browser.mjs";
import { World } from "../world.mjs";
import { furnish } from "./furnished.mjs";
import { PAGES, address } from "./pages.mjs";
import { DESK, PHONE, signedIn } from "./person.mjs";
import { range } from "./pixels.mjs";

let world, chromium;
before(async () => {
  world = await World.open();
  chromium = await launch();
  await furnish(world);
});
after(async () => {
  await chromium?.close();
  await world?.close();
});

/** One browser for each role, with these options; `look` is the cookie of language and theme. */
async function people(options, { language = "en", theme = "light" } = {}) {
  const pages = {};
  for (const role of new Set(PAGES.map((page) => page.role))) {
    pages[role] = role
      ? await signedIn(chromium, world, role, options)
      : await (await visitor(chromium, world, options)).newPage();
    await pages[role].context().addCookies([
      { name: "look", value: `language=${language}&theme=${theme}`, url: world.url },
    ]);
  }
  return pages;
}

const close = (pages) => Promise.all(Object.values(pages).map((page) => page.context().close()));

/** Opens a page and waits until its scripts have settled. */
async function open(pages, { path, role }) {
  const page = pages[role];
  await page.goto(await address(world, path), { waitUntil: "load" });
  return page;
}

for (const language of ["en", "ar", "en-XA"]) {
  for (const theme of ["light", "dark"]) {
    test(`no rule of WCAG 2.2 AA is broken in ${language}, ${theme}`, async () => {
      const found = [];
      for (const size of [PHONE, DESK]) {
        const pages = await people({ size, scheme: theme }, { language, theme });
        for (const each of PAGES) {
          const page = await open(pages, each);
          assert.equal(await page.getAttribute("html", "lang"), language);
          for (const fault of await faults(page)) found.push(`${each.name} at ${size[0]}: ${fault}`);
        }
        await close(pages);
      }
      assert.deepEqual(found, []);
    });
  }
}

test("what axe leaves open is what somebody has looked at, and no more", () => {
  assert.deepEqual(outlived(), []);
});

test("no page is wider than a phone of 320 pixels, in the longest words", async () => {
  const wide = [];
  for (const language of ["en-XA", "ar"]) {
    const pages = await people({ size: [320, 640] }, { language });
    for (const each of PAGES) {
      const page = await open(pages, each);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 320) wide.push(`${each.name} in ${language}: ${width}`);
    }
    await close(pages);
  }
  assert.deepEqual(wide, []);
});

test("who spaces text out loses nothing to the side (WCAG 1.4.12)", async () => {
  const wide = [];
  const pages = await people({ size: [320, 640] });
  for (const each of PAGES) {
    const page = await open(pages, each);
    const width = await page.evaluate(() => {
      const spaced = new CSSStyleSheet();
      spaced.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
        p { margin-block-end: 2em !important }`);
      document.adoptedStyleSheets = [spaced];
      return document.documentElement.scrollWidth;
    });
    if (width > 320) wide.push(`${each.name}: ${width}`);
  }
  await close(pages);
  assert.deepEqual(wide, []);
});

test("what people touch is large enough for a finger on phone pages", async () => {
  const small = [];
  const pages = await people({ size: PHONE });
  for (const each of PAGES.filter((page) => page.phone)) {
    const page = await open(pages, each);
    const found = await page.evaluate(() =>
      [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
        .filter((element) => element.checkVisibility() && !element.closest(".skip"))
        .map((element) => [element.closest("label") ?? element, element])
        .filter(([target]) => target.getBoundingClientRect().height > 1 && target.getBoundingClientRect().height < 43.5)
        .map(([, element]) => element.outerHTML.slice(0, 80)));
    small.push(...found.map((element) => `${each.name}: ${element}`));
  }
  await close(pages);
  assert.deepEqual(small, []);
});

test("panels are lit in forced colours, too", async () => {
  const page = await signedIn(chromium, world, "receptionist", { size: PHONE, forced: true });
  const panel = page.locator("#panel .led");
  await panel.waitFor();
  const { least, most } = await range(panel);
  assert.ok(least < 40 && most > 180, `from ${least} to ${most}`);
  await page.context().close();
});

test("nothing moves for people who want it still", async () => {
  const pages = await people({ size: DESK, stillness: true });
  const moving = [];
  for (const page of Object.values(pages)) {
    page.on("request", (request) => request.url().includes(".gif") && moving.push(request.url()));
  }
  for (const each of PAGES) {
    const page = await open(pages, each);
    const animated = await page.evaluate(() => document.getAnimations().length +
      [...document.images].filter((image) => image.currentSrc.startsWith("data:image/gif")).length);
    if (animated) moving.push(each.name);
  }
  await close(pages);
  assert.deepEqual(moving, []);
});

test("pages are small, ask seldom, and nobody else", async () => {
  const pages = {};
  for (const { role } of PAGES) {
    pages[role] ??= role ? await signedIn(chromium, world, role, { size: PHONE }) : await (await visitor(chromium, world)).newPage();
  }
  for (const each of PAGES) {
    const { path, name, phone, role } = each;
    const context = pages[role].context();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    const asked = new Map();
    let bytes = 0, script = 0;
    session.on("Network.requestWillBeSent", ({ requestId, request }) => {
      // Pictures that are part of the page, and the stream that stays open, are no loads.
      if (!request.url.startsWith("data:") && !request.url.endsWith("/events")) asked.set(requestId, request.url);
    });
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (!asked.has(requestId)) return;
      bytes += encodedDataLength;
      if (asked.get(requestId).endsWith(".js")) script += encodedDataLength;
    });
    const refused = [];
    page.on("console", (message) => /Content Security Policy/.test(message.text()) && refused.push(message.text()));
    await page.goto(await address(world, path), { waitUntil: "load" });
    const urls = [...asked.values()];
    assert.deepEqual(urls.filter((url) => !url.startsWith(world.url)), [], "nobody else is asked");
    assert.deepEqual(refused, [], "nothing offends the page's own policy");
    // The page may look once more when its stream opens.
    const distinct = new Set(urls).size;
    assert.ok(distinct <= 6, `${name} asks for ${distinct}: ${urls.join(" ")}`);
    assert.ok(bytes <= (phone ? 30 : 60) * 1024, `${name} takes ${bytes} bytes`);
    assert.ok(script <= 15 * 1024, `${name} takes ${script} bytes of script`);
    await page.close();
  }
  await close(pages);
});
