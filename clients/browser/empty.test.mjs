// A fleet without a badge: the command a page offers is copied and typed, and the page fills by itself.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isAccessible, launch } from "../browser.mjs";
import { World, until } from "../world.mjs";
import { DESK, signedIn } from "./person.mjs";

let world, chromium;
before(async () => {
  world = await World.open();
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await world?.close();
});

test("who may only look is offered no command", async () => {
  const page = await signedIn(chromium, world, "auditor", { size: DESK });
  await page.goto("/wall");
  await page.getByText("No badge has joined yet.").waitFor();
  assert.equal(await page.locator("#simulator").count(), 0);
  await page.context().close();
});

test("the command that is copied starts twenty badges, and the wall shows them", async () => {
  const page = await signedIn(chromium, world, "manager", { size: DESK });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/badges");
  const offered = await page.locator("#simulator").innerText();
  await page.goto("/wall");
  await isAccessible(page);
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(command, offered);
  const [program, ...words] = command.split(" ");
  world.run(program, words.map((word) => (word === "password" ? world.passwordFile : word)));
  await until("all of them are on the wall", async () => (await page.locator(".tile").count()) === 20);
  await page.context().close();
});
