// A manager claims the badge that shows a code: read from the panel's pixels, typed, and lit with its owner's name; by
// pointer, by keyboard alone, and without script. Whatever else a code is, it says so in a sentence of its own.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { faults, launch, visitor } from "../browser.mjs";
import { PASSWORD, World, until } from "../world.mjs";
import { Unclaimed } from "./panel.mjs";
import { DESK, PHONE, opens, plain, signedIn } from "./person.mjs";

const PEOPLE = ["Amira", "Jonas", "Olena"];
let world, chromium, manager;
before(async () => {
  world = await World.open();
  chromium = await launch();
  for (const name of PEOPLE) {
    await world.addPerson("receptionist", { email: `${name.toLowerCase()}@test.example`, name });
  }
  manager = await world.as("manager");
  (await manager.post("/api/v1/groups", { name: "Front desk" })).is(201);
});
after(async () => {
  await chromium?.close();
  await world?.close();
});

const claiming = async (options) => {
  const page = await signedIn(chromium, world, "manager", { size: DESK, ...options });
  await page.goto("/claim");
  return page;
};
/** Waits until the page says this. */
const says = (page, pattern) => until(`the page says ${pattern}`, async () =>
  pattern.test(plain(await page.locator("main").innerText())));

/** Types a code and sends it; the page that comes back has the same address. */
async function type(page, code) {
  await page.fill("#code", code);
  await opens(page, () => page.keyboard.press("Enter"));
}

/** What no command does: another organization, and time that passes. */
function inDatabase(statement) {
  const run = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1], timeout=30); d.execute(sys.argv[2]); d.commit()";
  execFileSync("python3", ["-c", run, join(world.data, "badgecast.sqlite"), statement]);
}

/** The badge says that it is lit, and its pixels are those of the name. */
async function isLit(page, unclaimed, name) {
  await says(page, /Shown \d+\.\d s/);
  await until(`${name} is lit`, () => unclaimed.hasShown(name));
  const badge = (await manager.get(`/api/v1/badges/${await unclaimed.claimed()}`)).is(200).body;
  assert.equal(badge.name, name);
  return badge;
}

test("from the pixels of a code to the pixels of a name, and the next one", async () => {
  const unclaimed = new Unclaimed(world);
  const code = await unclaimed.code();
  assert.match(code, /^[BCDFGHJKLMNPQRSTVWXZ]{6}$/);
  const page = await claiming();
  await page.locator("#code").pressSequentially("A");
  assert.match(await page.evaluate(() => document.querySelector("#code").validationMessage), /never occur/);
  await page.fill("#code", `${code.slice(0, 3).toLowerCase()}-${code.slice(3)}`);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("heading", { name: "Is this the badge in your hand?" }).waitFor();
  assert.equal(await page.locator(".clm .led img").first().getAttribute("alt"), code);
  assert.match(plain(await page.locator(".facts").innerText()), /simulated 11x44.*127\.0\.0\.0\/24 the same as yours/);
  assert.deepEqual(await faults(page), []);
  await page.locator("#owner-name").pressSequentially("Ami");
  await page.getByRole("radio", { name: "Amira" }).waitFor();
  await page.selectOption("#group", { label: "Front desk" });
  await page.getByRole("button", { name: "Claim badge" }).click();
  const badge = await isLit(page, unclaimed, "Amira");
  assert.equal(badge.groups.length, 1);
  assert.deepEqual(await faults(page), []);
  await page.getByRole("heading", { name: "Claim the next one" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "code", "the field is ready");

  await page.getByRole("button", { name: "Let it blink" }).click();
  await page.locator(".notice", { hasText: "blinks now" }).waitFor();

  await type(page, code);
  assert.equal(plain(await page.locator("#wrong span").innerText()), "This badge is yours already: it is Amira.");
  await page.getByRole("link", { name: "See the badge" }).click();
  await page.waitForURL(`**/badges/${badge.code}`);

  await page.goto(`/claim?claimed=${badge.id}`);
  await page.getByRole("button", { name: /^Release/ }).click();
  await page.locator(".notice", { hasText: "was released" }).waitFor();
  assert.equal((await manager.get(`/api/v1/badges/${badge.id}`)).status, 404);
  await page.context().close();
  await unclaimed.program.stop("SIGINT");
});

test("by keyboard alone", async () => {
  const unclaimed = new Unclaimed(world);
  const page = await claiming();
  await page.keyboard.type(await unclaimed.code());
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Is this the badge in your hand?" }).waitFor();
  for (let at = 0; (await page.evaluate(() => document.activeElement.id)) !== "owner-name"; at++) {
    assert.ok(at < 30, "the field can be reached");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type("Jonas");
  await page.getByRole("radio", { name: "Jonas" }).waitFor();
  await page.keyboard.press("Enter");
  await isLit(page, unclaimed, "Jonas");
  await page.context().close();
  await unclaimed.program.stop("SIGINT");
});

test("without script", async () => {
  const unclaimed = new Unclaimed(world);
  const page = await claiming({ script: false, size: PHONE });
  await page.fill("#code", await unclaimed.code());
  await page.getByRole("button", { name: "Go on" }).click();
  await page.fill("#owner-name", "o"); // many: one is chosen on the page that comes back
  await opens(page, () => page.getByRole("button", { name: "Claim badge" }).click());
  await page.getByText("More than one person is called that.").waitFor();
  await page.getByRole("radio", { name: "Olena" }).check();
  await page.getByRole("button", { name: "Claim badge" }).click();
  await unclaimed.claimed();
  await until("the page, loaded again, says it is lit", async () => {
    await page.reload();
    return /Shown \d+\.\d s/.test(plain(await page.locator("main").innerText()));
  });
  await isLit(page, unclaimed, "Olena");
  await page.context().close();
  await unclaimed.program.stop("SIGINT");
});

test("a badge that was refused, a code that ran out, one of another organization", async () => {
  const [refused, late, foreign] = [new Unclaimed(world), new Unclaimed(world), new Unclaimed(world)];
  const page = await claiming();
  const code = await refused.code();
  await type(page, code);
  await opens(page, () => page.getByRole("button", { name: "This is not mine" }).click());
  await page.getByText("The badge was told that it does not belong here.").waitFor();
  await type(page, code);
  await says(page, /Somebody refused this badge\./);

  const ran = await late.code();
  const others = await foreign.code();
  inDatabase("INSERT INTO organizations (id, name, created_at) VALUES (randomblob(16), 'Elsewhere', 1)");
  const other = await visitor(chromium, world, { size: DESK });
  await world.run("badgecast", ["user", "add", "--email", "else@test.example", "--role", "manager", "--name", "Else",
    "--organization", "Elsewhere", "--password-file", world.passwordFile]).finishes();
  const theirs = await other.newPage();
  await theirs.goto("/sign-in?next=%2Fclaim");
  await theirs.fill("#email", "else@test.example");
  await theirs.fill("#password", PASSWORD);
  await opens(theirs, () => theirs.click("form [name=action]"));
  await type(theirs, others);
  await theirs.getByRole("button", { name: "Claim badge" }).click();
  await foreign.claimed();
  await type(page, others);
  await says(page, /This badge belongs to another organization\. Only they can release it\./);

  // Its five minutes pass.
  inDatabase("UPDATE device_codes SET expires_at = created_at + 1 WHERE approved_at IS NULL AND denied_at IS NULL");
  await type(page, ran);
  await says(page, /This code ran out\. The badge shows a new one now\./);
  assert.deepEqual(await faults(page), []);
  await until("the badge shows another code", () =>
    late.program.lines.filter((line) => line.includes('"rows"')).length > 1);
  await Promise.all([page.context().close(), other.close()]);
  await Promise.all([late, foreign].map(({ program }) => program.stop("SIGINT")));
});

test("who is wrong too often waits; others are not kept from it", async () => {
  const page = await claiming();
  for (const left of [/ 4 tries left\./, / 3 tries left\./, / 2 tries left\./, /One try left\./, /the last try for five minutes/]) {
    await type(page, "BBBBBB");
    await says(page, left);
  }
  await type(page, "BBBBBB");
  await says(page, /Too many wrong codes/);
  const admin = await signedIn(chromium, world, "admin", { size: DESK });
  await admin.goto("/claim");
  await type(admin, "BBBBBB");
  await says(admin, / 4 tries left\./);
  await Promise.all([page.context().close(), admin.context().close()]);
});

test("who may not claim reads why", async () => {
  for (const role of ["receptionist", "auditor"]) {
    const page = await signedIn(chromium, world, role, { size: PHONE });
    const answer = await page.goto("/claim");
    assert.equal(answer.status(), 403);
    await page.getByText("Your role does not include this.").waitFor();
    await page.context().close();
  }
});
