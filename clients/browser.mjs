// A real browser: Debian's Chromium, driven through playwright-core.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";
/** It shall talk to nobody but us, and start anywhere. */
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** The rules of WCAG 2.2, levels A and AA. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** What axe leaves open and somebody has looked at: which rule, where, and why it is well. Whatever else it leaves open is a fault. */
const JUDGED = [
  { rule: "color-contrast", where: "svg.plot text", why: "axe does not see what lies behind text in an SVG: ink on paper, 7:1 in both themes" },
];
const met = new Set();

export function launch() {
  return chromium.launch({ executablePath: EXECUTABLE, args: SWITCHES, headless: true });
}

/**
 * Somebody's browser, with cookies of its own. `world` gives the address and the trust.
 *
 * `size`: `[width, height]` in CSS pixels; `scheme`: `light` or `dark`; `stillness`: prefers reduced motion;
 * `forced`: forced colours; `language`: such as `ar`; `script`: whether pages may run scripts.
 */
export async function visitor(browser, world, options = {}) {
  const { size = [1280, 800], scheme = "light", stillness = false, forced = false, language = "en", script = true } = options;
  const context = await browser.newContext({
    baseURL: world.url,
    viewport: { width: size[0], height: size[1] },
    colorScheme: scheme,
    reducedMotion: stillness ? "reduce" : "no-preference",
    forcedColors: forced ? "active" : "none",
    locale: language,
    javaScriptEnabled: script,
    ignoreHTTPSErrors: true,
  });
  context.setDefaultTimeout(60_000);
  return context;
}

/**
 * What axe finds wrong with a page, or cannot decide and nobody has judged, as `rule: where` lines. The page has to run
 * scripts.
 */
export async function faults(page, { within } = {}) {
  await page.evaluate(axeSource);
  const { violations, incomplete } = await page.evaluate(
    ([root, values]) => globalThis.axe.run(root ?? document, { runOnly: { type: "tag", values } }),
    [within, RULES],
  );
  const lines = (rules) => rules.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => ({ rule: id, target: target.join(" "), help })));
  const open = [];
  for (const one of lines(incomplete)) {
    const judged = JUDGED.filter(({ rule }) => rule === one.rule);
    const at = await page.locator(one.target).first().evaluate((element, all) => all.findIndex((where) => element.matches(where)),
      judged.map(({ where }) => where));
    if (at >= 0) met.add(judged[at]);
    else open.push({ ...one, help: `not decided: ${one.help}` });
  }
  return [...lines(violations), ...open].map(({ rule, target, help }) => `${rule}: ${target} (${help})`);
}

/** What was judged once and has not been met by this file's tests: it may go. */
export const outlived = () => JUDGED.filter((one) => !met.has(one)).map(({ rule, where }) => `${rule}: ${where}`);

/** Everybody can use this page, as far as a machine can tell. */
export async function isAccessible(page, options) {
  assert.deepEqual(await faults(page, options), [], page.url());
}
