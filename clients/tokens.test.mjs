// Tokens from outside: every scope and every way of being wrong, forgeries by a JOSE library, keys that change while the
// server runs, and what lies on the disk.

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect } from "node:tls";

import * as jose from "jose";

import { certificate } from "./certificate.mjs";
import { World, until } from "./world.mjs";

const world = await World.open({ flags: ["--test-keys"] });
after(() => world.close());

const ADMIN = "admin@test.example";
const mint = (...words) => world.run("badgecast", ["token", "mint", ...words]).finishes();
const announcement = { audience: { all: true }, text: "Hello" };
/** Something each scope opens, and what is answered then. */
const DOORS = {
  "badges:read": [(who) => who.get("/api/v1/badges"), 200],
  "badges:write": [(who) => who.post("/api/v1/badges"), 201],
  "badges:own": [(who) => who.get("/api/v1/me/badge"), 404],
  "announcements:write": [(who) => who.post("/api/v1/announcements", announcement), 202],
  "users:admin": [(who) => who.get("/api/v1/users"), 200],
  "audit:read": [(who) => who.get("/api/v1/audit"), 200],
};

test("a token of each scope opens its doors and no other", async () => {
  for (const scope of Object.keys(DOORS)) {
    const bearer = world.bearer(await mint("--user", ADMIN, "--scope", scope));
    for (const [other, [open, status]] of Object.entries(DOORS)) {
      if (other === scope) (await open(bearer)).is(status);
      // Whoever may read all badges may read their own.
      else if (`${scope} ${other}` !== "badges:read badges:own") refused(await open(bearer), 403, "insufficient_scope");
    }
  }
  const badge = await world.badge();
  const device = world.bearer(await mint("--badge", badge.id));
  (await device.get("/api/v1/me/show")).is(200);
  for (const [open] of Object.values(DOORS)) assert.equal((await open(device)).status, 403);
});

test("a token that is wrong in any way opens nothing", async () => {
  const badge = await world.badge();
  for (const wrong of ["expired", "audience", "issuer", "kid", "signature", "type"]) {
    const person = world.bearer(await mint("--user", ADMIN, "--wrong", wrong));
    refused(await person.get("/api/v1/me"), 401, "invalid_token");
    const device = world.bearer(await mint("--badge", badge.id, "--wrong", wrong));
    refused(await device.get("/api/v1/me/show"), 401, "invalid_token");
  }
});

test("no forgery gets through", async () => {
  const { token } = await world.as("admin");
  const { kid } = jose.decodeProtectedHeader(token);
  const claims = jose.decodeJwt(token);
  const { keys } = (await world.nobody.get("/oauth/jwks.json")).is(200).body;
  const published = keys.find((key) => key.kid === kid);
  const pem = await jose.exportSPKI(await jose.importJWK(published, "ES256"));
  const { privateKey, publicKey } = await jose.generateKeyPair("ES256");
  const own = await jose.exportJWK(publicKey);
  const sign = (header, key) => new jose.SignJWT(claims).setProtectedHeader({ typ: "at+jwt", kid, ...header }).sign(key);
  const bytes = (text) => new TextEncoder().encode(text);
  const part = (value) => jose.base64url.encode(JSON.stringify(value));
  const none = `${part({ alg: "none", typ: "at+jwt", kid })}.${part(claims)}.`;
  const forgeries = {
    "alg none": none,
    "alg none, with a signature": none + token.split(".")[2],
    "HS256 under our public key, as PEM": await sign({ alg: "HS256" }, bytes(pem)),
    "HS256 under our public key, as JWK": await sign({ alg: "HS256" }, bytes(JSON.stringify(published))),
    "a key of their own under our name": await sign({ alg: "ES256" }, privateKey),
    "a key of their own in the header": await sign({ alg: "ES256", jwk: own }, privateKey),
    "a key of their own at an address": await sign({ alg: "ES256", jku: `${world.url}/oauth/jwks.json` }, privateKey),
    "other claims under our signature": [token.split(".")[0], part({ ...claims, scope: "users:admin" }), token.split(".")[2]].join("."),
  };
  for (const [what, forged] of Object.entries(forgeries)) {
    refused(await world.bearer(forged).get("/api/v1/me"), 401, "invalid_token", what);
  }
  (await world.bearer(token).get("/api/v1/me")).is(200);
});

test("a key is public before it signs, and after", async () => {
  const set = async () => (await world.nobody.get("/oauth/jwks.json")).is(200);
  const login = async () => (await world.login("manager@test.example")).token;
  const kid = (token) => jose.decodeProtectedHeader(token).kid;
  // Without --test-keys, as a server in service has it.
  await world.stop();
  world.flags = [];
  await world.start();
  const before = await set();
  assert.match(before.headers.get("cache-control"), /^public, max-age=\d+$/);
  assert.equal(before.body.keys.length, 2);
  assert.ok(before.body.keys.every((key) => key.d === undefined && key.alg === "ES256" && key.use === "sig"));
  const first = await login();
  await world.run("badgecast", ["keys", "rotate"]).finishes();
  const second = await until("the next key signs", async () => {
    const token = await login();
    return kid(token) !== kid(first) && token;
  });
  assert.ok(before.body.keys.some((key) => key.kid === kid(second)), "whoever kept the set knows the key already");
  const keys = jose.createLocalJWKSet((await set()).body);
  for (const token of [first, second]) {
    await jose.jwtVerify(token, keys, { issuer: world.url, audience: "api", typ: "at+jwt" });
    (await world.bearer(token).get("/api/v1/me")).is(200);
  }
});

test("what is secret on the disk is the owner's alone", async () => {
  const mode = async (path) => ((await stat(path)).mode & 0o777).toString(8);
  assert.equal(await mode(world.data), "700");
  for (const file of ["badgecast.sqlite", "badgecast.sqlite-wal", "badgecast.sqlite-shm"]) {
    assert.equal(await mode(join(world.data, file)), "600", file);
  }
});

test("plaintext on an address for others is refused at the start", async () => {
  const elsewhere = { BADGECAST_HTTP: "0.0.0.0:0", BADGECAST_DATA: join(world.folder, "elsewhere") };
  const server = world.run("badgecast", ["serve"], { only: elsewhere, log: "elsewhere" });
  assert.equal(await server.ended, 1);
  const said = await until("the reason", () => readFile(join(world.folder, "elsewhere.log"), "utf8"));
  assert.match(said, /BADGECAST_HTTP: is not loopback: plaintext there needs --allow-plaintext/);
});

test("only a proxy that is listed may say where somebody comes from", async () => {
  const proxied = await World.open({ env: { BADGECAST_TRUSTED_PROXIES: "127.0.0.1" } });
  try {
    const guess = async ({ nobody }, number) => {
      const headers = { "x-forwarded-for": `198.51.${number}.1` };
      const login = { email: "receptionist@test.example", password: "a guess of somebody" };
      return (await nobody.post("/api/v1/login", login, { headers })).status;
    };
    // The fourth from one network has to wait.
    for (const number of [1, 2, 3]) assert.equal(await guess(world, number), 401);
    assert.equal(await guess(world, 4), 429);
    for (const number of [1, 2, 3, 4]) assert.equal(await guess(proxied, number), 401);
  } finally {
    await proxied.close();
  }
});

test("a certificate that was renewed is presented without a restart", async () => {
  const encrypted = await World.open({ tls: true });
  try {
    const answer = (await encrypted.nobody.get("/healthz")).is(200);
    assert.match(answer.headers.get("strict-transport-security"), /^max-age=\d+/);
    const ports = [Number(new URL(encrypted.url).port), encrypted.mqtt.port];
    const before = await Promise.all(ports.map(presented));
    assert.equal(before[0], before[1], "one certificate for both");
    certificate(encrypted.folder);
    for (const port of ports) await until("the new certificate", async () => (await presented(port)) !== before[0]);
  } finally {
    await encrypted.close();
  }
});

/** The fingerprint of the certificate that a port shows. */
function presented(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** Refused with this status and this error (RFC 6750 section 3). */
function refused(answer, status, error, what) {
  assert.equal(answer.status, status, what);
  const challenge = answer.headers.get("www-authenticate");
  assert.ok(challenge.startsWith("Bearer ") && challenge.includes(`error="${error}"`), `${what}: ${challenge}`);
}
