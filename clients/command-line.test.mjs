// `badgecast login`: a person at a terminal logs in by typing a code in a real browser, announces, and logs out.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";

import { Someone } from "./oauth/person.mjs";
import { World, until } from "./world.mjs";

const world = await World.open();
const manager = await Someone.of(world, "manager@test.example");
after(async () => {
  await manager.leaves();
  await world.close();
});

const home = join(world.folder, "home");
const file = join(home, "badgecast/login.json");
/** A command of somebody who has this home and no settings of a server. */
const badgecast = (...words) => world.run("badgecast", words, { only: { XDG_CONFIG_HOME: home }, log: "terminal" });
const kept = async () => JSON.parse(await readFile(file, "utf8"));

test("a person logs in, announces, and logs out", async () => {
  const before = badgecast("status");
  assert.equal(await before.ended, 1);
  const login = badgecast("login", world.url);
  const [, address, code] = /^Open (\S+) and type (\S+)$/.exec(await login.says(/^Open /));
  await manager.connects(address, code);
  assert.match(await login.finishes(), new RegExp(`^Logged in as The manager \\(manager\\) at ${world.url}$`, "m"));
  assert.equal((await stat(file)).mode & 0o777, 0o600);

  const { program } = await world.fleet(3);
  assert.equal(await badgecast("announce", "Doors open at nine", "--level", "urgent").finishes(), "3 of 3 badges show it");
  const status = await badgecast("status").finishes();
  assert.match(status, /^3 of 3 badges are online$/m);
  assert.match(status, /^"Doors open at nine": 3 of 3 badges show it$/m);
  await program.stop("SIGINT");

  const { access_token: token } = await kept();
  (await world.bearer(token).get("/api/v1/me")).is(200);
  (await world.bearer(token).get("/api/v1/users")).is(403);
  assert.equal(await badgecast("logout").finishes(), "Logged out");
  assert.ok(!existsSync(file));
  (await world.bearer(token).get("/api/v1/me")).is(401);
});

test("a login is continued when its token ends, by one command at a time", async () => {
  const first = await logIn();
  await expire();
  // Each would use the same refresh token, and using it twice would end the login.
  const all = [badgecast("status"), badgecast("status"), badgecast("status")];
  for (const status of all) await status.finishes();
  const second = await kept();
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await stat(file)).mode & 0o777, 0o600);

  // Somebody ends it elsewhere.
  (await world.nobody.form("/oauth/revoke", { client_id: "badgecast", token: second.refresh_token })).is(200);
  await expire();
  assert.equal(await badgecast("status").ended, 1);
  assert.match(await readFile(join(world.folder, "terminal.log"), "utf8"), /the login is over/);
  assert.ok(!existsSync(file), "what is over is not kept");
});

test("whoever is refused is told so", async () => {
  const login = badgecast("login", world.url);
  const [, , code] = /^Open (\S+) and type (\S+)$/.exec(await login.says(/^Open /));
  await manager.refuses(`${world.url}/device`, code);
  assert.equal(await login.ended, 1);
  await until("the reason", async () => /refused/.test(await readFile(join(world.folder, "terminal.log"), "utf8")));
});

async function logIn() {
  const login = badgecast("login", world.url);
  const [, address, code] = /^Open (\S+) and type (\S+)$/.exec(await login.says(/^Open /));
  await manager.connects(address, code);
  await login.finishes();
  return kept();
}

/** Makes the kept access token look as if its time were over. */
async function expire() {
  await writeFile(file, JSON.stringify({ ...(await kept()), expires_at: "2026-01-01T00:00:00Z" }), { mode: 0o600 });
}
