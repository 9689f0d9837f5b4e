// openid-client and jose, two of the most used libraries for Node.js, over HTTPS, with a person at a real browser.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import * as jose from "jose";
import * as openid from "openid-client";

import { World } from "../world.mjs";
import { Application } from "./application.mjs";
import { Someone } from "./person.mjs";
import { asking, integration, signingKey } from "./registered.mjs";

const world = await World.open({ tls: true });
const manager = await Someone.of(world, "manager@test.example");
const application = await Application.listen();
after(async () => {
  application.close();
  await manager.leaves();
  await world.close();
});

const discovered = (id, metadata, proof) =>
  openid.discovery(new URL(world.url), id, metadata, proof, { [openid.customFetch]: world.fetch });

/** `invalid_client`, as this library tells it: 401 with a challenge (RFC 6749 section 5.2). */
const NOT_PROVEN = { code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE", status: 401 };

/** Whether a token still opens the API. */
const opens = async (token) => (await world.bearer(token).get("/api/v1/badges")).status === 200;

test("an application signs a person in, acts for them, and signs them out", async () => {
  const { id, secret } = await asking(world, "Lobby screen", application);
  const app = await discovered(id, undefined, openid.ClientSecretBasic(secret));
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const asked = openid.buildAuthorizationUrl(app, {
    redirect_uri: application.callback,
    scope: "openid profile email offline_access badges:read",
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  const back = await manager.allows(asked, application);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const given = await openid.authorizationCodeGrant(app, back, checks);
  const { sub } = given.claims();
  const who = await openid.fetchUserInfo(app, given.access_token, sub);
  assert.deepEqual([who.email, who.name], ["manager@test.example", "The manager"]);
  assert.ok(await opens(given.access_token));

  const refreshed = await openid.refreshTokenGrant(app, given.refresh_token);
  assert.ok(await opens(refreshed.access_token));
  const known = await openid.tokenIntrospection(app, refreshed.access_token);
  assert.deepEqual([known.active, known.sub, known.client_id], [true, sub, id]);

  const bye = openid.buildEndSessionUrl(app, { post_logout_redirect_uri: application.goodbye, id_token_hint: given.id_token, state });
  const gone = await manager.signsOut(bye, application);
  assert.equal(gone.searchParams.get("state"), state);
  assert.ok(!(await opens(refreshed.access_token)), "signing out ends what the application holds");
  await assert.rejects(openid.refreshTokenGrant(app, refreshed.refresh_token), { error: "invalid_grant" });
});

test("a code that was used twice ends what it gave", async () => {
  const { id, secret } = await asking(world, "Stolen from", application);
  const app = await discovered(id, undefined, openid.ClientSecretBasic(secret));
  const verifier = openid.randomPKCECodeVerifier();
  const asked = openid.buildAuthorizationUrl(app, {
    redirect_uri: application.callback,
    scope: "badges:read",
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const back = await manager.allows(asked, application);
  const given = await openid.authorizationCodeGrant(app, back, { pkceCodeVerifier: verifier });
  assert.ok(await opens(given.access_token));
  const again = openid.authorizationCodeGrant(app, back, { pkceCodeVerifier: verifier });
  await assert.rejects(again, { error: "invalid_grant" });
  assert.ok(!(await opens(given.access_token)));
});

test("an integration proves itself with a secret, looks at its token, and gives it back", async () => {
  const { id, secret } = await integration(world, "Door sign");
  const client = await discovered(id, undefined, openid.ClientSecretBasic(secret));
  const { access_token: token } = await openid.clientCredentialsGrant(client, { scope: "badges:read" });
  assert.ok(await opens(token));
  assert.equal((await openid.tokenIntrospection(client, token)).active, true);
  await openid.tokenRevocation(client, token);
  assert.equal((await openid.tokenIntrospection(client, token)).active, false);
  assert.ok(!(await opens(token)));
  await assert.rejects(openid.clientCredentialsGrant(client, { scope: "users:admin" }), { error: "invalid_scope" });
  const liar = await discovered(id, undefined, openid.ClientSecretBasic(`${secret}x`));
  await assert.rejects(openid.clientCredentialsGrant(liar), NOT_PROVEN);
  const shouting = await discovered(id, undefined, openid.ClientSecretPost(secret));
  await assert.rejects(openid.clientCredentialsGrant(shouting), { error: "invalid_request" });
});

test("an integration proves itself with a key, and anybody can check its token", async () => {
  const key = await signingKey();
  const { id } = await integration(world, "Night watch", { public_key: key.publicJwk });
  const client = await discovered(id, undefined, openid.PrivateKeyJwt(key.privateKey));
  const { access_token: token } = await openid.clientCredentialsGrant(client);
  assert.ok(await opens(token));
  const keys = jose.createRemoteJWKSet(new URL("/oauth/jwks.json", world.url), { [jose.customFetch]: world.fetch });
  const expected = { issuer: world.url, typ: "at+jwt", algorithms: ["ES256"] };
  const { payload } = await jose.jwtVerify(token, keys, expected);
  assert.deepEqual([payload.client_id, payload.sub, payload.scope], [id, id, "badges:read"]);
  const stranger = await discovered(id, undefined, openid.PrivateKeyJwt((await signingKey()).privateKey));
  await assert.rejects(openid.clientCredentialsGrant(stranger), NOT_PROVEN);
});

test("a command line waits for a person to type its code", async () => {
  const line = await discovered("badgecast", undefined, openid.None());
  const waiting = await openid.initiateDeviceAuthorization(line, { scope: "badges:read announcements:write" });
  const given = openid.pollDeviceAuthorizationGrant(line, waiting);
  await manager.connects(waiting.verification_uri, waiting.user_code);
  const tokens = await given;
  assert.ok(await opens(tokens.access_token));
  assert.equal(tokens.scope, "badges:read announcements:write");
  await openid.tokenRevocation(line, tokens.refresh_token);
  assert.ok(!(await opens(tokens.access_token)), "revoking a refresh token ends the whole login");
});
