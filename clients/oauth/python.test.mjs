// Authlib, over HTTPS, with a person at a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { World } from "../world.mjs";
import { Application } from "./application.mjs";
import { Someone } from "./person.mjs";
import { asking, integration, signingKey } from "./registered.mjs";

test("authlib goes through every grant", async () => {
  const world = await World.open({ tls: true });
  const manager = await Someone.of(world, "manager@test.example");
  const application = await Application.listen();
  try {
    const credentials = ({ id, secret }) => [id, secret];
    const key = await signingKey();
    const asked = {
      server: world.url,
      ca: world.certificate.ca,
      callback: application.callback,
      application: credentials(await asking(world, "Python application", application)),
      integration: credentials(await integration(world, "Python integration")),
      signing: [(await integration(world, "Python signer", { public_key: key.publicJwk })).id, key.privateJwk],
    };
    const python = world.python("oauth/authlib_client.py", [JSON.stringify(asked)]);
    const passed = [];
    python.onLine = async (line) => {
      const told = JSON.parse(line);
      if (told.passed) passed.push(told.passed);
      const done = told.allow ? manager.allows(told.allow, application) : told.connect && manager.connects(told.connect);
      if (done) python.child.stdin.write(`${(await done) ?? "done"}\n`);
    };
    await python.finishes();
    assert.deepEqual(passed, ["authorization_code", "client_credentials", "private_key_jwt", "device_code"]);
  } finally {
    application.close();
    await manager.leaves();
    await world.close();
  }
});
