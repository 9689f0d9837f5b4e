// Pages that follow what happens: many at once, through a restart of the server, and not a second longer than the
// person is signed in.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { until } from "../until.mjs";
import { PHONE, reception, signedIn } from "./person.mjs";

let world, chromium, says, close;
before(async () => ({ world, chromium, says, close } = await reception()));
after(() => close?.());

const alt = (page) => page.locator("#panel img").getAttribute("alt");

test("nine tabs are open, and all are live", async () => {
  const first = await signedIn(chromium, world, "receptionist", { size: PHONE });
  const tabs = [first];
  while (tabs.length < 9) {
    const tab = await first.context().newPage();
    await tab.goto("/me");
    tabs.push(tab);
  }
  await says("Nine tabs");
  for (const tab of tabs) await until("the tab shows it", async () => (await alt(tab)) === "Nine tabs");
  // The one that holds the stream goes: another takes it up.
  for (const text of ["Eight", "Seven"]) {
    await tabs.shift().close();
    await says(text);
    for (const tab of tabs) await until("the tab shows it", async () => (await alt(tab)) === text);
  }
  await first.context().close();
});

test("a server that restarts is said to be away, and the page heals by itself", async () => {
  const page = await signedIn(chromium, world, "receptionist", { size: PHONE });
  await says("Before the restart");
  await until("it is shown", async () => (await alt(page)) === "Before the restart");
  await world.stop();
  await page.locator("#live.stale").waitFor({ timeout: 25_000 });
  assert.match(await page.locator("#live").innerText(), /^Not live since .*\d\d:\d\d.*, trying again$/);
  await world.start();
  await page.locator("#live:not(.stale)").waitFor({ state: "attached" });
  await says("After the restart");
  await until("it is shown", async () => (await alt(page)) === "After the restart");
  await page.context().close();
});

test("who is signed out elsewhere is told, and keeps what was typed", async () => {
  const page = await signedIn(chromium, world, "receptionist", { size: PHONE });
  await page.locator("#live:not([hidden])").waitFor({ state: "attached" });
  await page.fill("#text", "Not sent");
  const other = await signedIn(chromium, world, "receptionist", { size: PHONE });
  const ended = await other.evaluate(async () => {
    const { items } = await (await fetch("/api/v1/me/sessions")).json();
    const theirs = items.filter((session) => !session.current);
    for (const { id } of theirs) await fetch(`/api/v1/me/sessions/${id}`, { method: "DELETE", headers: { "x-badgecast": "1" } });
    return theirs.length;
  });
  assert.ok(ended >= 1);
  await page.getByRole("link", { name: "Signed out: sign in to go on" }).waitFor();
  assert.equal(await page.inputValue("#text"), "Not sent");
  await other.context().close();
  await page.context().close();
});
