// What a badge may show instead of a JWT of ours, through libraries nobody here wrote: light tokens (RFC 8392), and
// statements its own key signed, made by jose.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, describe, test } from "node:test";

import { SignJWT } from "jose";

import { signingKey } from "../oauth/registered.mjs";
import { World } from "../world.mjs";
import { LIBRARIES } from "./libraries.mjs";

const world = await World.open();
after(() => world.close());

/** A badge's access token in another form than JWT. */
async function light({ id, secret }, form) {
  const fields = { grant_type: "client_credentials", token_format: form };
  return (await world.nobody.form("/oauth/token", fields, { basic: [id, secret] })).is(200).body.access_token;
}

/** A badge that brought its own key. */
async function keyed() {
  const key = await signingKey();
  return { ...(await world.badge({ public_key: key.publicJwk })), key };
}

/** What the badge says of itself, signed; `clock` is where its clock stands, in seconds since 1970. */
async function statement({ id, key }, { nonce, clock = Math.floor(Date.now() / 1000) } = {}) {
  const { issuer } = (await world.nobody.get("/.well-known/openid-configuration")).is(200).body;
  return new SignJWT(nonce ? { nonce } : {})
    .setProtectedHeader({ alg: "ES256", typ: "connect+jwt" })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(issuer)
    .setIssuedAt(clock)
    .setExpirationTime(clock + 300)
    .setJti(randomUUID())
    .sign(key.privateKey);
}

for (const [library, { connect }] of Object.entries(LIBRARIES)) {
  describe(library, () => {
    const open = (badge, password) => connect(world, { url: world.mqtt.url, version: 5, id: badge.id, password });
    const letIn = async (badge, password) => {
      const line = open(badge, password);
      const { admitted } = await line.admitted;
      await line.close();
      return admitted;
    };

    test("a light token opens the door", async () => {
      const badge = await world.badge();
      for (const form of ["cwt-mac0", "cwt-sign1"]) {
        const token = await light(badge, form);
        assert.ok(token.length <= { "cwt-mac0": 110, "cwt-sign1": 190 }[form], `${form} has ${token.length}`);
        const line = open(badge, token);
        assert.deepEqual(await line.admitted, { admitted: true });
        assert.deepEqual(await line.subscribe(["v1/me/show"]), [1]);
        await line.close();
        const last = token.endsWith("A") ? "Q" : "A";
        assert.equal(await letIn(badge, token.slice(0, -1) + last), false, "one character changed");
      }
    });

    test("a statement by the badge's own key opens the door, once", async () => {
      const badge = await keyed();
      const said = await statement(badge);
      assert.equal(await letIn(badge, said), true);
      assert.equal(await letIn(badge, said), false);
      assert.equal(await letIn(badge, await statement({ ...badge, key: await signingKey() })), false);
    });

    test("a badge that boots in 1970 asks for a nonce", async () => {
      const badge = await keyed();
      assert.equal(await letIn(badge, await statement(badge, { clock: 12 })), false);
      const { nonce } = (await world.nobody.post("/oauth/nonce")).is(200).body;
      assert.equal(await letIn(badge, await statement(badge, { clock: 12, nonce })), true);
    });
  });
}

test("python-cwt reads a signed light token with our public keys", async () => {
  const badge = await world.badge();
  const token = await light(badge, "cwt-sign1");
  const jwks = (await world.nobody.get("/oauth/jwks.json")).is(200).body;
  const read = JSON.parse(await world.python("mqtt/read_cwt.py", [JSON.stringify({ token, jwks })]).finishes());
  assert.deepEqual(read.all, [2, 4, 7]);
  assert.equal(read.sub, Buffer.from(badge.id.replaceAll("-", ""), "hex").toString("base64url"));
  const left = read.exp - Date.now() / 1000;
  assert.ok(left > 50 * 60 && left <= 60 * 60, `${left} s`);
  // The id is a UUIDv7: it tells when the token was issued.
  assert.ok(Math.abs(parseInt(read.cti.slice(0, 12), 16) - Date.now()) < 60_000);
});
