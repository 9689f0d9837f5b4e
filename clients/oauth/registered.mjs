// Clients an admin has registered, and keys of those that sign.

/**
 * An application that asks people. It is registered without its port: on loopback any will do (RFC 8252 section 7.3).
 * Where people are sent after signing out has to be the registered address to the letter.
 */
export async function asking(world, name, application) {
  return register(world, {
    name,
    redirect_uris: ["http://127.0.0.1/callback", application.goodbye],
    scopes: "badges:read announcements:write",
    grants: ["authorization_code", "refresh_token"],
  });
}

/** An integration that acts for itself, with a secret or a public key. */
export async function integration(world, name, more = {}) {
  return register(world, { name, scopes: "badges:read", grants: ["client_credentials"], ...more });
}

/** A pair of keys, and both as JWKs. */
export async function signingKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const jwk = async (key) => {
    const { kty, crv, x, y, d } = await crypto.subtle.exportKey("jwk", key);
    return { kty, crv, x, y, ...(d && { d }) };
  };
  return { ...pair, publicJwk: await jwk(pair.publicKey), privateJwk: await jwk(pair.privateKey) };
}

async function register(world, client) {
  const admin = await world.as("admin");
  const { id, client_secret: secret } = (await admin.post("/api/v1/clients", client)).is(201).body;
  return { id, secret };
}
