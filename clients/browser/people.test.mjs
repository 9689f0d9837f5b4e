// An admin adds somebody, who signs in, and ends it again; sessions and keys end where they are listed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, visitor } from "../browser.mjs";
import { World } from "../world.mjs";
import { DESK, PHONE, opens, plain, signedIn } from "./person.mjs";

let world, chromium;
before(async () => {
  world = await World.open();
  chromium = await launch();
});
after(async () => {
  await chromium?.close();
  await world?.close();
});

test("by keyboard, somebody is added, signs in, and is disabled", async () => {
  const page = await signedIn(chromium, world, "admin", { size: DESK });
  await page.goto("/people");
  await page.locator("#new-name").focus();
  await page.keyboard.type("Zoë Müller");
  await page.keyboard.press("Tab");
  await page.keyboard.type("zoe@test.example");
  await page.keyboard.press("Tab");
  for (let at = 0; !(await page.locator("[name=role][value=auditor]").isChecked()); at++) {
    assert.ok(at < 4, "the role can be chosen");
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Tab");
  await page.keyboard.type("a long enough password");
  await page.keyboard.press("Enter");
  await page.locator(".notice", { hasText: "was added" }).waitFor();
  const context = await visitor(chromium, world, { size: PHONE });
  const theirs = await context.newPage();
  await theirs.goto("/sign-in?next=%2Faudit");
  await theirs.fill("#email", "zoe@test.example");
  await theirs.fill("#password", "a long enough password");
  await theirs.click("form [name=action]");
  await theirs.getByRole("heading", { name: "Audit" }).waitFor();
  await opens(page, () => page.getByRole("link", { name: "Zoë Müller" }).click());
  await page.locator("summary", { hasText: "Disable" }).click();
  await opens(page, () => page.getByRole("button", { name: "Disable", exact: true }).click());
  await page.locator(".st.refused", { hasText: "Disabled" }).waitFor();
  await theirs.goto("/audit");
  assert.match(theirs.url(), /\/sign-in/, "signed out everywhere");
  await Promise.all([page.context().close(), context.close()]);
});

test("a session ends where it is listed; a key is shown once", async () => {
  const [page, other] = [await signedIn(chromium, world, "admin", { size: DESK }), await signedIn(chromium, world, "admin", { size: PHONE })];
  await page.goto("/access");
  await page.getByText("this one").waitFor();
  for (let ends = page.getByRole("button", { name: /^End: / }); await ends.count(); ) {
    await opens(page, () => ends.first().click());
  }
  await other.goto("/access");
  assert.match(other.url(), /\/sign-in/);
  await page.locator("summary", { hasText: "Make a key" }).click();
  await page.fill("#key-name", "Import");
  await page.locator(".chip", { hasText: "badges:read" }).first().click();
  await page.getByRole("button", { name: "Make it" }).click();
  const key = await page.locator("#made-key").innerText();
  assert.equal((await world.bearer(key).get("/api/v1/badges")).status, 200);
  await page.goto("/access");
  assert.equal(await page.locator("#made-key").count(), 0);
  await page.getByRole("button", { name: /^Revoke: / }).click();
  await page.locator(".notice", { hasText: "counts no more" }).waitFor();
  assert.equal((await world.bearer(key).get("/api/v1/badges")).status, 401);
  await Promise.all([page.context().close(), other.context().close()]);
});

test("the trail is whole, and is saved as a table", async () => {
  const page = await signedIn(chromium, world, "admin", { size: DESK });
  await page.goto("/audit");
  await opens(page, () => page.getByRole("link", { name: "Check that it is whole" }).click());
  assert.match(plain(await page.locator(".note.good").innerText()), /^All \d+ entries are as they were written/);
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save as a table" }).click();
  assert.match((await saved).suggestedFilename(), /^audit-.*\.csv$/);
  await page.context().close();
});
