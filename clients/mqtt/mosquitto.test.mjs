// Mosquitto's command line clients, with the real tokens of a real server.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { Program } from "../process.mjs";
import { World } from "../world.mjs";

const worlds = { tcp: await World.open(), tls: await World.open({ tls: true }) };
after(() => Promise.all(Object.values(worlds).map((world) => world.close())));

for (const [entrance, world] of Object.entries(worlds)) {
  for (const version of ["mqttv311", "mqttv5"]) {
    describe(`${version} over ${entrance}`, () => {
      const trust = world.certificate ? ["--cafile", world.certificate.ca] : [];
      const run = (name, { id }, password, ...words) => {
        const { host, port } = world.mqtt;
        const who = ["-h", host, "-p", String(port), "-V", version, "-i", id, "-u", id, "-P", password];
        return new Program(name, [...who, ...trust, ...words], { log: `${world.folder}/mosquitto.log` });
      };

      test("mosquitto_sub is shown what its badge holds, mosquitto_pub says that it is lit", async () => {
        const badge = await world.badge();
        const token = await world.deviceToken(badge);
        const manager = await world.as("manager");
        const wish = { audience: { badges: [badge.id] }, text: "Lift out of order" };
        const { id } = (await manager.post("/api/v1/announcements", wish)).is(202).body;
        const shown = await run("mosquitto_sub", badge, token, "-t", "v1/me/show", "-q", "1", "-C", "1", "-W", "60").finishes();
        const layer = JSON.parse(shown);
        assert.equal(layer.id, id);
        const ack = JSON.stringify({ id, revision: layer.revision, outcome: "shown", crc: layer.crc });
        await run("mosquitto_pub", badge, token, "-t", "v1/me/ack", "-q", "1", "-m", ack).finishes();
        const { receipts } = (await manager.get(`/api/v1/announcements/${id}`)).is(200).body;
        assert.equal(receipts.shown, 1, JSON.stringify(receipts));
      });

      test("they are told that a token is not theirs", async () => {
        const [badge, other] = [await world.badge(), await world.badge()];
        const foreign = await world.deviceToken(other);
        const refused = run("mosquitto_pub", badge, foreign, "-t", "v1/me/hello", "-q", "1", "-m", "{}");
        // The client ends with the code it was told.
        await refused.finishes(version === "mqttv5" ? 0x87 : 5);
      });
    });
  }
}
