// Badges built with MQTT libraries nobody here wrote: through every entrance, in both versions of the protocol.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { World } from "../world.mjs";
import { LIBRARIES, VERSIONS, refusal } from "./libraries.mjs";

const plain = await World.open({ flags: ["--test-keys"] });
const encrypted = await World.open({ tls: true });
after(() => Promise.all([plain.close(), encrypted.close()]));

/** WebSocket is spoken on the MQTT port and on the HTTP port. */
const web = (world, port) => `${world.certificate ? "wss" : "ws"}://${world.mqtt.host}:${port}/mqtt`;
const ENTRANCES = [
  { name: "tcp", world: plain, url: plain.mqtt.url },
  { name: "tls", world: encrypted, url: encrypted.mqtt.url },
  ...[plain, encrypted].flatMap((world) => {
    const [mqtt, http] = [web(world, world.mqtt.port), web(world, new URL(world.url).port)];
    const { protocol } = new URL(http);
    return [{ name: `${protocol} on the MQTT port`, world, url: mqtt }, { name: `${protocol} on the HTTP port`, world, url: http }];
  }),
];

test("a page of another site may not connect", async () => {
  const badge = await plain.badge();
  const password = await plain.deviceToken(badge);
  for (const port of [plain.mqtt.port, new URL(plain.url).port]) {
    const open = (origin) =>
      LIBRARIES["MQTT.js"].connect(plain, { url: web(plain, port), version: 5, id: badge.id, password, origin });
    assert.equal((await open("https://evil.example").admitted).admitted, false);
    const own = open(plain.url);
    assert.equal((await own.admitted).admitted, true);
    await own.close();
  }
});

/** Every library and version, once. */
function each(tests) {
  for (const [library, { connect }] of Object.entries(LIBRARIES)) {
    for (const [version, level] of Object.entries(VERSIONS)) {
      const open = (world, badge, password, url = world.mqtt.url) =>
        connect(world, { url, version: level, id: badge.id, password, ca: world.certificate?.ca });
      describe(`${library}, MQTT ${version}`, () => tests({ library, version, level, open }));
    }
  }
}

each(({ open }) => {
  for (const { name, world, url } of ENTRANCES) {
    test(`over ${name} an announcement is shown, and its receipt says so`, async () => {
      const badge = await world.badge();
      const line = open(world, badge, await world.deviceToken(badge), url);
      assert.deepEqual(await line.admitted, { admitted: true });
      await isShown(world, badge, line);
      await line.close();
    });
  }
});

each(({ library, version, level, open }) => {
  test("a badge is told why it is refused", async () => {
    const badge = await plain.badge();
    const other = await plain.badge();
    const revoked = await plain.deviceToken(other);
    await revoke(other);
    const person = (await plain.as("manager")).token;
    for (const [why, who, password, five, three] of [
      ["no token", badge, "a password", 0x86, 4],
      ["expired", badge, await mint("--badge", badge.id, "--wrong", "expired"), 0x87, 5],
      ["forged", badge, await mint("--badge", badge.id, "--wrong", "signature"), 0x87, 5],
      ["another audience", badge, await mint("--badge", badge.id, "--wrong", "audience"), 0x87, 5],
      ["another badge's", badge, await mint("--badge", other.id), 0x87, 5],
      ["a person's", badge, person, 0x87, 5],
      ["revoked", other, revoked, 0x8a, 5],
    ]) {
      const { admitted, code } = await open(plain, who, password).admitted;
      assert.deepEqual({ admitted, code }, { admitted: false, code: refusal(library, version, { five, three }) }, why);
    }
  });

  test("a topic that is not the badge's own is denied", async () => {
    const badge = await plain.badge();
    const line = open(plain, badge, await plain.deviceToken(badge));
    assert.deepEqual(await line.admitted, { admitted: true });
    const denied = level === 5 ? 0x87 : 0x80;
    assert.deepEqual(await line.subscribe(["v1/me/show", "v1/orgs/+/badges/#"]), [1, denied]);
    await line.close();
  });

  for (const [what, end] of [["badge", revoke], ["token", revokeToken]]) {
    test(`revoking its ${what} ends the connection`, async () => {
      const badge = await plain.badge();
      const token = await plain.deviceToken(badge);
      const line = open(plain, badge, token);
      assert.deepEqual(await line.admitted, { admitted: true });
      await end(badge, token);
      assert.equal(await line.ended, level === 5 ? 0x98 : null);
    });
  }
});

// These wait for a token to expire, so they wait together.
describe("expiry", { concurrency: true }, () => {
  each(({ level, open }) => {
    test("ends the connection, unless a fresh token was published", async () => {
      const badges = [await plain.badge(), await plain.badge()];
      const short = await Promise.all(badges.map(({ id }) => mint("--badge", id, "--ttl", "20s")));
      const [renewed, expired] = short.map((token, i) => open(plain, badges[i], token));
      assert.deepEqual(await renewed.admitted, { admitted: true });
      assert.deepEqual(await expired.admitted, { admitted: true });
      assert.equal(await renewed.publish("v1/me/token", await plain.deviceToken(badges[0])), 0);
      assert.equal(await expired.ended, level === 5 ? 0x87 : null);
      await isShown(plain, badges[0], renewed);
      await renewed.close();
    });
  });
});

const mint = (...words) => plain.run("badgecast", ["token", "mint", ...words]).finishes();

async function revoke({ id }) {
  (await (await plain.as("manager")).post(`/api/v1/badges/${id}/revoke`)).is(204);
}

async function revokeToken({ id, secret }, token) {
  (await plain.nobody.form("/oauth/revoke", { token }, { basic: [id, secret] })).is(200);
}

/** A badge subscribes, says hello, and is sent an announcement, a command and silence about others. */
async function isShown(world, badge, line) {
  const manager = await world.as("manager");
  assert.deepEqual(await line.subscribe(["v1/me/show", "v1/me/command"]), [1, 1]);
  assert.equal(await line.publish("v1/me/hello", JSON.stringify({ model: "test", panel: "11x44", holds: [] })), 0);
  const wish = { audience: { badges: [badge.id] }, text: "Lift out of order" };
  const { id } = (await manager.post("/api/v1/announcements", wish)).is(202).body;
  const told = await line.messages.take("a layer");
  const layer = JSON.parse(told.payload);
  assert.deepEqual([told.topic, layer.id, layer.layer], ["v1/me/show", id, "announcement"]);
  const ack = (outcome) => JSON.stringify({ id, revision: layer.revision, outcome, crc: layer.crc });
  for (const outcome of ["held", "shown"]) {
    assert.equal(await line.publish("v1/me/ack", ack(outcome)), 0, outcome);
    // PUBACK means stored: the receipt is there, without waiting.
    const { receipts } = (await manager.get(`/api/v1/announcements/${id}`)).is(200).body;
    assert.equal(receipts[outcome], 1, JSON.stringify(receipts));
  }
  assert.equal(await line.publish("v1/me/telemetry", JSON.stringify({ battery: 81 })), 0);
  const known = (await manager.get(`/api/v1/badges/${badge.id}`)).is(200).body;
  assert.deepEqual([known.online, known.telemetry.battery], [true, 81]);
  (await manager.post(`/api/v1/badges/${badge.id}/command`, { command: "identify" })).is(202);
  const command = await line.messages.take("a command");
  assert.equal(JSON.parse(command.payload).command, "identify");
}
