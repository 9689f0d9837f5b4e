// Somebody in front of a browser.

import { launch, visitor } from "../browser.mjs";
import { PASSWORD, World } from "../world.mjs";

/** A phone, as most receptionists hold it. */
export const PHONE = [390, 844];
export const DESK = [1366, 900];

/** The browser of a person of this role, signed in by the form; `options` are those of `visitor`. */
export async function signedIn(browser, world, role, options = {}) {
  const context = await visitor(browser, world, options);
  const page = await context.newPage();
  await page.goto("/sign-in?next=%2Fme");
  await page.fill("#email", `${role}@test.example`);
  await page.fill("#password", PASSWORD);
  if (options.remember) await page.check("[name=remember]");
  await page.click("form [name=action]");
  await page.waitForURL("**/me");
  return page;
}

/** Does what opens a page, and waits until that page is there; also when it has the address of the one before. */
export const opens = (page, act) => Promise.all([page.waitForEvent("domcontentloaded"), act()]);

/** A simulated badge that is connected and belongs to the person of this role. */
export async function badgeOf(world, role) {
  const { program, badges: [badge] } = await world.fleet(1);
  await world.give(badge.id, role);
  return { program, ...badge };
}

/** Words without the marks that keep names apart from the sentence around them. */
export const plain = (text) => text.replaceAll(/[\u2066-\u2069]/g, "").replaceAll(/\s+/g, " ").trim();

/**
 * A world with a receptionist's badge in it, and a browser to look at it: what most tests of pages begin with.
 * `says(text)` is a manager who gives the badge a line.
 */
export async function reception() {
  const world = await World.open();
  const chromium = await launch();
  const badge = await badgeOf(world, "receptionist");
  const manager = await world.as("manager");
  const display = `/api/v1/badges/${badge.id}/display`;
  return {
    world, chromium, badge, manager,
    says: async (text) => (await manager.put(display, { text })).is(200),
    display: async () => (await manager.get(display)).is(200).body,
    async close() {
      await chromium.close();
      await world.close();
    },
  };
}
