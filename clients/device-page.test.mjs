// The page where somebody types the code of a badge, in a real browser.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { isAccessible, launch, visitor } from "./browser.mjs";
import { PASSWORD, World } from "./world.mjs";

const world = await World.open();
const chromium = await launch();
after(async () => {
  await chromium.close();
  await world.close();
});

for (const [how, options] of Object.entries({
  "on a desk": {},
  "on a phone, in the dark": { size: [320, 640], scheme: "dark" },
  "without scripts": { script: false },
})) {
  test(`a manager signs in to connect a device ${how}`, async () => {
    const context = await visitor(chromium, world, options);
    const page = await context.newPage();
    const answer = await page.goto("/device");
    assert.equal(answer.status(), 200);
    if (options.script !== false) await isAccessible(page);
    await page.getByLabel("Email").fill("manager@test.example");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Code").waitFor();
    const cookie = (await context.cookies()).find(({ name }) => name === "sid");
    assert.ok(cookie.httpOnly && cookie.sameSite === "Lax", "no script reads the session");
    if (options.script !== false) await isAccessible(page);
    await context.close();
  });
}

test("a fleet of simulated badges comes online", async () => {
  const { program, badges } = await world.fleet(2);
  assert.equal(badges.length, 2);
  await program.stop("SIGINT");
});
