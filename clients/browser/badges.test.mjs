// One badge and all of them: what it shows and why, changed by plain forms; who may only look has no dead buttons.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isAccessible, launch } from "../browser.mjs";
import { World, until } from "../world.mjs";
import { furnish } from "./furnished.mjs";
import { DESK, PHONE, opens, plain, signedIn } from "./person.mjs";

let world, chromium, manager, badge;
before(async () => {
  world = await World.open();
  chromium = await launch();
  const { badges } = await furnish(world, 4);
  manager = await world.as("manager");
  badge = (await manager.get(`/api/v1/badges/${badges[0].id}`)).is(200).body;
});
after(async () => {
  await chromium?.close();
  await world?.close();
});

const text = async (page, selector) => plain(await page.locator(selector).innerText());

test("the stack says the same as the API, and follows without a reload", async () => {
  const page = await signedIn(chromium, world, "manager", { size: DESK });
  await page.goto(`/badges/${badge.code}`);
  const { layers } = (await manager.get(`/api/v1/badges/${badge.id}/showing`)).is(200).body;
  const stack = await text(page, ".bdg-stack");
  for (const layer of layers) assert.ok(stack.includes(layer.text), `${layer.text} in ${stack}`);
  assert.equal(await page.locator(".bdg-stack li.on").count(), layers.filter(({ place }) => place === "shown").length);
  assert.match(await text(page, "#receipts"), /Fire drill 11:00 → gate B .* Shown \d+\.\d s/);
  (await manager.put(`/api/v1/badges/${badge.id}/display`, { text: "Back at 3" })).is(200);
  await until("the page follows", async () => (await text(page, ".bdg-stack")).includes("Back at 3"));
  await page.fill("#text", "Desk 4");
  await opens(page, () => page.getByRole("button", { name: "Show on this badge" }).click());
  assert.match(await text(page, "#line-wrong"), /^Somebody changed the line meanwhile/);
  assert.deepEqual(await page.locator("#line-wrong img").evaluateAll((all) => all.map(({ alt }) => alt)), ["Desk 4", "Back at 3"]);
  await isAccessible(page);
  assert.equal(await page.inputValue("#text"), "Desk 4", "what was typed stays");
  await page.getByRole("button", { name: "Keep mine" }).click();
  await until("it is put", async () =>
    (await manager.get(`/api/v1/badges/${badge.id}/display`)).body.display.messages[0].segments[0].text === "Desk 4");
  await page.context().close();
});

test("a line is seen while it is written, with its movement and what the gate says", async () => {
  const page = await signedIn(chromium, world, "manager", { size: DESK });
  await page.goto(`/badges/${badge.code}`);
  await page.locator("summary", { hasText: "Change name, owner, groups" }).click();
  await page.fill("#owner-name", "rece");
  await page.fill("#text", "Amira \u{10fffd}");
  await page.getByRole("button", { name: "Remove it" }).click();
  await page.locator("#looks img[alt=Amira]").waitFor();
  assert.equal(await page.inputValue("#owner-name"), "rece", "the other form is left alone");
  await page.reload();
  await page.locator("#looks img[alt=Amira]").waitFor();
  assert.equal(await page.inputValue("#text"), "Amira", "the draft is kept");
  await page.locator("summary", { hasText: "How it moves" }).click();
  await page.getByText("Scrolls", { exact: true }).click();
  await page.locator("#fits", { hasText: "it moves past" }).waitFor();
  assert.equal(await page.locator('#looks img[src^="data:image/gif"]').count(), 0, "nothing moves unasked");
  await page.locator("#line").getByText("Play", { exact: true }).click();
  await page.locator('#looks img[src^="data:image/gif"]').waitFor();
  await opens(page, () => page.click("#show"));
  await page.locator(".notice", { hasText: "On its way" }).waitFor();
  const { display } = (await manager.get(`/api/v1/badges/${badge.id}/display`)).is(200).body;
  assert.equal(display.messages[0].effect, "left");
  assert.equal(await page.locator('[name=moves][value=left]').isChecked(), true);
  await page.context().close();
});

test("a badge moves when asked to, and stands still again", async () => {
  const page = await signedIn(chromium, world, "manager", { size: PHONE });
  await page.goto(`/badges/${badge.code}`);
  await page.getByRole("link", { name: "Play" }).click();
  const picture = page.locator(".bdg-moving");
  await until("the moving picture is there", () => picture.evaluate((image) => image.complete && image.naturalWidth > 0));
  await page.getByRole("link", { name: "Stand still" }).click();
  await page.locator("#showing > .led").waitFor();
  await page.context().close();
});

test("badges are found and changed without script", async () => {
  const page = await signedIn(chromium, world, "manager", { size: DESK, script: false });
  await page.goto("/badges");
  await page.fill("#q", "receptionist");
  await opens(page, () => page.getByRole("button", { name: "Show" }).click());
  assert.equal(await page.locator(".bdg-list li").count(), 1, "found by the owner");
  await opens(page, () => page.locator(".bdg-row").click());
  await page.locator("summary", { hasText: "Change name, owner, groups" }).click();
  await page.fill("#name", "Front 1");
  await page.fill("#tags", "west, north");
  await opens(page, () => page.getByRole("button", { name: "Save" }).click());
  assert.equal(await text(page, "h1"), "Front 1");
  const { tags, name } = (await manager.get(`/api/v1/badges/${badge.id}`)).is(200).body;
  assert.deepEqual([name, tags], ["Front 1", ["north", "west"]]);
  await page.locator("summary", { hasText: "Revoke" }).click();
  await page.getByText("It comes back only with a new claim code.").waitFor();
  await opens(page, () => page.getByRole("button", { name: "Revoke it" }).click());
  await opens(page, () => page.getByRole("button", { name: "New claim code" }).click());
  assert.match(await page.locator("#claim-code").innerText(), /^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{6}$/);
  await page.context().close();
});

test("an auditor sees and cannot change; a receptionist reads why not", async () => {
  const page = await signedIn(chromium, world, "auditor", { size: DESK });
  for (const path of ["/badges", `/badges/${badge.code}`, "/groups", "/search?q=front"]) {
    await page.goto(path);
    assert.equal(await page.locator("main form[method=post]").count(), 0, `${path} has nothing to press`);
    await page.getByText("You can look, not change.").waitFor();
  }
  await page.context().close();
  const receptionist = await signedIn(chromium, world, "receptionist", { size: PHONE });
  assert.equal((await receptionist.goto("/badges")).status(), 403);
  await receptionist.getByText("Your role does not include this.").waitFor();
  await receptionist.context().close();
});
