// Tokens bound to a key (RFC 9449), as openid-client and dpop use them.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import * as DPoP from "dpop";
import * as openid from "openid-client";

import { World } from "../world.mjs";
import { integration } from "./registered.mjs";

const world = await World.open({ tls: true });
after(() => world.close());

test("openid-client gets and uses a bound token, and finds its way to the nonce by itself", async () => {
  const { id, secret } = await integration(world, "Bound", { dpop_bound_access_tokens: true });
  const proof = openid.ClientSecretBasic(secret);
  const app = await openid.discovery(new URL(world.url), id, undefined, proof, { [openid.customFetch]: world.fetch });
  assert.deepEqual(app.serverMetadata().dpop_signing_alg_values_supported, ["ES256"]);
  await assert.rejects(openid.clientCredentialsGrant(app), { error: "invalid_dpop_proof" });

  const DPoP = openid.getDPoPHandle(app, await openid.randomDPoPKeyPair("ES256"));
  const given = await openid.clientCredentialsGrant(app, {}, { DPoP });
  assert.equal(given.token_type, "dpop");
  const badges = new URL("/api/v1/badges?limit=1", world.url);
  const read = (handle) =>
    openid.fetchProtectedResource(app, given.access_token, badges, "GET", undefined, undefined, { DPoP: handle });
  for (const _ of ["first", "second"]) assert.equal((await read(DPoP)).status, 200);

  const thief = openid.getDPoPHandle(app, await openid.randomDPoPKeyPair("ES256"));
  await assert.rejects(read(thief), { status: 401 });
  (await world.bearer(given.access_token).get("/api/v1/badges")).is(401);
});

test("dpop makes proofs that count, once", async () => {
  const { id, secret } = await integration(world, "By hand");
  const key = await DPoP.generateKeyPair("ES256");
  const { nonce } = (await world.nobody.post("/oauth/nonce")).is(200).body;
  const ask = async () => {
    const dpop = await DPoP.generateProof(key, `${world.url}/oauth/token`, "POST", nonce);
    const fields = { grant_type: "client_credentials" };
    return world.nobody.form("/oauth/token", fields, { basic: [id, secret], headers: { dpop } });
  };
  const { access_token: token, token_type: type } = (await ask()).is(200).body;
  assert.equal(type, "DPoP");
  const path = "/api/v1/badges";
  const dpop = await DPoP.generateProof(key, `${world.url}${path}`, "GET", nonce, token);
  const read = () => world.nobody.get(path, { headers: { authorization: `DPoP ${token}`, dpop } });
  (await read()).is(200);
  const again = (await read()).is(401);
  assert.match(again.headers.get("www-authenticate"), /^DPoP error="invalid_dpop_proof"/);
  assert.ok(again.headers.get("dpop-nonce"));
});
