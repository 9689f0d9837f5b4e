// Integrations such as Home Assistant read what badges do, over MQTT, with a token of their own.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { integration } from "../oauth/registered.mjs";
import { World } from "../world.mjs";
import { LIBRARIES, VERSIONS } from "./libraries.mjs";
import { connect as badgeConnect } from "./mqttjs.mjs";

const world = await World.open();
after(() => world.close());

const { organization_id: organization } = (await (await world.as("admin")).get("/api/v1/me")).is(200).body;
const under = (badge, kind) => `v1/orgs/${organization}/badges/${badge}/${kind}`;

for (const [library, { connect }] of Object.entries(LIBRARIES)) {
  for (const [version, level] of Object.entries(VERSIONS)) {
    describe(`${library}, MQTT ${version}`, () => {
      const open = async () => {
        const { id, secret } = await integration(world, `${library} ${version}`);
        const granted = await world.nobody.form("/oauth/token", { grant_type: "client_credentials" }, { basic: [id, secret] });
        const { access_token: password } = granted.is(200).body;
        const line = connect(world, { url: world.mqtt.url, version: level, id: `reader-${level}`, username: id, password });
        assert.deepEqual(await line.admitted, { admitted: true });
        return { id, line };
      };

      test("it reads what a badge does, until the badge is retired", async () => {
        const manager = await world.as("manager");
        const { line } = await open();
        const badge = await world.badge();
        assert.deepEqual(await line.subscribe([under(badge.id, "+")]), [1]);
        const heard = reader(line, badge.id);

        const device = { url: world.mqtt.url, version: 5, id: badge.id, password: await world.deviceToken(badge) };
        const lit = badgeConnect(world, device);
        assert.deepEqual(await lit.admitted, { admitted: true });
        await heard("presence", (said) => said?.online === true);

        const wish = { audience: { badges: [badge.id] }, text: "Lift out of order" };
        const { id } = (await manager.post("/api/v1/announcements", wish)).is(202).body;
        const display = await heard("display", (said) => said?.layers.length === 1);
        assert.equal(display.layers[0].id, id);
        assert.equal(display.text, undefined, "what a badge says may be a name");
        await lit.publish("v1/me/ack", JSON.stringify({ id, revision: 1, outcome: "held" }));
        await heard("ack", (ack) => ack.id === id && ack.outcome === "held");
        await lit.publish("v1/me/telemetry", JSON.stringify({ battery: 12 }));
        await heard("telemetry", ({ battery }) => battery === 12);

        (await manager.delete(`/api/v1/badges/${badge.id}`)).is(204);
        await heard("display", (nothing) => nothing === null);
        await line.close();
      });

      test("it reads nothing of others, and says nothing", async () => {
        const { line } = await open();
        const denied = level === 5 ? 0x87 : 0x80;
        const foreign = "v1/orgs/018f0000-0000-7000-8000-000000000000/badges/+/presence";
        assert.deepEqual(await line.subscribe(["v1/me/show", foreign]), [denied, denied]);
        if (level === 5) assert.equal(await line.publish("v1/me/ack", "{}"), 0x87);
        await line.close();
      });

      test("it is over when an admin disables it", async () => {
        const { id, line } = await open();
        (await (await world.as("admin")).delete(`/api/v1/clients/${id}`)).is(204);
        assert.equal(await line.ended, level === 5 ? 0x98 : null);
      });
    });
  }
}

/** Waits for a message of this kind that is as it should be; the payload, null when it is empty. */
function reader(line, badge) {
  return async (kind, is) => {
    for (;;) {
      const { topic, payload } = await line.messages.take(kind);
      const said = payload === "" ? null : JSON.parse(payload);
      if (topic === under(badge, kind) && is(said)) return said;
    }
  };
}
