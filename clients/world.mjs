// The world of a test: a server process of its own with a fresh data folder, people of each role, and badges.
//
//     const world = await World.open();
//     after(() => world.close());
//
// Everything is reached from outside, over real sockets and the command line.

import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, fetch } from "undici";

import { certificate } from "./certificate.mjs";
import { Person } from "./person.mjs";
import { Program, binary, cleanEnvironment, pythonProgram } from "./process.mjs";
import { PATIENCE_MS, until } from "./until.mjs";

export { until } from "./until.mjs";

export const ROLES = ["admin", "manager", "receptionist", "auditor"];
/** Everyone's password. */
export const PASSWORD = randomBytes(12).toString("base64url");

/** A port nobody listens on now. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class World {
  #programs = new Set();
  #people = new Map();

  /**
   * Starts a server. `tls`: with a certificate of its own; `env`: more settings; `flags`: more words for `serve`.
   */
  static async open({ tls = false, env = {}, flags = [] } = {}) {
    const world = new World();
    world.folder = await mkdtemp(join(tmpdir(), "badgecast-clients-"));
    try {
      await world.#begin({ tls, env, flags });
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  async #begin({ tls, env, flags }) {
    this.data = join(this.folder, "data");
    this.passwordFile = join(this.folder, "password");
    await writeFile(this.passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const [http, mqtt] = [await freePort(), await freePort()];
    const host = tls ? "localhost" : "127.0.0.1";
    this.url = `${tls ? "https" : "http"}://${host}:${http}`;
    this.mqtt = { url: `${tls ? "mqtts" : "mqtt"}://${host}:${mqtt}`, host, port: mqtt };
    this.settings = {
      BADGECAST_HTTP: `127.0.0.1:${http}`,
      BADGECAST_MQTT: `127.0.0.1:${mqtt}`,
      BADGECAST_DATA: this.data,
      ...env,
    };
    if (tls) {
      this.certificate = certificate(this.folder);
      this.settings.BADGECAST_TLS_CERT = this.certificate.chain;
      this.settings.BADGECAST_TLS_KEY = this.certificate.key;
      this.settings.BADGECAST_PUBLIC_URL ??= this.url;
    }
    this.flags = flags;
    this.agent = new Agent({ connect: tls ? { ca: await readFile(this.certificate.ca) } : {} });
    await this.start();
    for (const role of ROLES) await this.addPerson(role);
  }

  /** Starts the server, also again after {@link stop}. */
  async start() {
    this.server = this.run("badgecast", ["serve", ...this.flags], { log: "server" });
    await this.server.says(/^badgecast ready /);
  }

  /** Stops the server and keeps its data. */
  async stop(signal) {
    await this.server.stop(signal);
  }

  /** Ends every process that was started, and removes the data. */
  async close() {
    // The server last: badges that lose it would only try again.
    const others = [...this.#programs].filter((program) => program !== this.server);
    await Promise.all(others.map((program) => program.stop()));
    await this.server?.stop();
    await this.agent?.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #keep(program) {
    this.#programs.add(program);
    program.ended.then(() => this.#programs.delete(program));
    return program;
  }

  #options({ log = "programs", env = {}, only }) {
    return { env: cleanEnvironment(only ?? { ...this.settings, ...env }), log: join(this.folder, `${log}.log`), cwd: this.folder };
  }

  /** Runs one of our binaries with this world's settings, or with what `only` says. */
  run(name, words, options = {}) {
    return this.#keep(new Program(binary(name), words, this.#options(options)));
  }

  /** Runs a Python program of this folder. */
  python(file, words = [], options = {}) {
    return this.#keep(pythonProgram(file, words, this.#options(options)));
  }

  /** What the server has logged. */
  async logged() {
    return readFile(join(this.folder, "server.log"), "utf8");
  }

  /** `fetch` that trusts this world's certificate. */
  fetch = (path, options = {}) => fetch(new URL(path, this.url), { dispatcher: this.agent, ...options });

  // People.

  async addPerson(role, { email = `${role}@test.example`, name = `The ${role}` } = {}) {
    const who = ["--email", email, "--role", role, "--name", name, "--password-file", this.passwordFile];
    await this.run("badgecast", ["user", "add", ...who]).finishes();
    return email;
  }

  nobody = new Person(this);

  /** Somebody with this token. */
  bearer(token) {
    return new Person(this, { token });
  }

  /** Logs in. */
  async login(email, password = PASSWORD) {
    const { body } = (await this.nobody.post("/api/v1/login", { email, password })).is(200);
    const who = { token: body.access_token, refresh: body.refresh_token, id: body.user.id };
    return new Person(this, { ...who, email, password, role: body.user.role });
  }

  /** The person of this role, logged in once and remembered. */
  async as(role) {
    if (!this.#people.has(role)) this.#people.set(role, this.login(`${role}@test.example`));
    return this.#people.get(role);
  }

  // Badges.

  /** A claimed badge that nobody has switched on: `{id, code, secret, mqtt}`. */
  async badge({ name, owner, ...claim } = {}) {
    const manager = await this.as("manager");
    const registered = (await manager.post("/api/v1/badges", name ? { name } : {})).is(201).body;
    const device = { model: "test", panel: "11x44", firmware: "1", ...claim };
    const claimed = await this.nobody.post("/api/v1/claims", { claim_code: registered.claim_code, ...device });
    const { badge_id: id, client_secret: secret, mqtt } = claimed.is(201).body;
    if (owner) await this.give(id, owner);
    return { id, code: registered.code, secret, mqtt };
  }

  /** A badge's own access token, fetched as a badge does. */
  async deviceToken({ id, secret }) {
    const answer = await this.nobody.form("/oauth/token", { grant_type: "client_credentials" }, { basic: [id, secret] });
    return answer.is(200).body.access_token;
  }

  /** Gives a badge to the person of this role. */
  async give(badge, role) {
    const { id } = await this.as(role);
    (await (await this.as("manager")).patch(`/api/v1/badges/${badge}`, { owner_id: id })).is(200);
  }

  /** Every badge there is. */
  async badges() {
    const manager = await this.as("manager");
    const found = [];
    for (let after = ""; after !== null; ) {
      const page = (await manager.get(`/api/v1/badges?limit=200${after && `&after=${encodeURIComponent(after)}`}`)).is(200);
      found.push(...page.body.items);
      after = page.body.next;
    }
    return found;
  }

  /** Simulated badges, once all are online: the program and the badges. `words` are more of its arguments. */
  async fleet(count = 1, words = []) {
    const before = new Set((await this.badges()).map((badge) => badge.id));
    const who = ["--email", "manager@test.example", "--password-file", this.passwordFile];
    const all = ["--server", this.url, ...who, "--badges", String(count), "--json", ...words];
    const program = this.run("badgecast-simulator", all);
    const badges = await until(`${count} simulated badges online`, async () => {
      if (program.code !== undefined) await program.finishes();
      const online = (await this.badges()).filter((badge) => badge.online && !before.has(badge.id));
      return online.length >= count && online;
    }, PATIENCE_MS + count * 100);
    return { program, badges };
  }
}
