// Somebody who asks the API, and what came back.

import assert from "node:assert/strict";

export class Person {
  #world;

  /** `token` is an access token or an API key; without one it is nobody. */
  constructor(world, { token, refresh, id, email, password, role } = {}) {
    this.#world = world;
    Object.assign(this, { token, refresh, id, email, password, role });
  }

  /** Sends JSON, or what `options` of fetch say. */
  async ask(method, path, body, { headers = {}, ...options } = {}) {
    const sent = { ...headers };
    if (this.token) sent.authorization ??= `Bearer ${this.token}`;
    if (body !== undefined) sent["content-type"] ??= "application/json";
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    return Answer.of(await this.#world.fetch(path, { method, headers: sent, redirect: "manual", ...json, ...options }));
  }

  get = (path, options) => this.ask("GET", path, undefined, options);
  post = (path, body = {}, options) => this.ask("POST", path, body, options);
  put = (path, body, options) => this.ask("PUT", path, body, options);
  patch = (path, body, options) => this.ask("PATCH", path, body, options);
  delete = (path, options) => this.ask("DELETE", path, undefined, options);

  /** Sends a form, as OAuth wants it; `basic` is `[id, secret]`. */
  form(path, fields, { basic, headers = {} } = {}) {
    const sent = { "content-type": "application/x-www-form-urlencoded", ...headers };
    if (basic) sent.authorization = `Basic ${btoa(basic.join(":"))}`;
    return this.ask("POST", path, undefined, { headers: sent, body: new URLSearchParams(fields).toString() });
  }
}

export class Answer {
  static async of(response) {
    const text = await response.text();
    const json = /[/+]json/.test(response.headers.get("content-type") ?? "");
    return Object.assign(new Answer(), {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(text) : text,
    });
  }

  /** The status it has to have; itself. */
  is(status) {
    assert.equal(this.status, status, JSON.stringify(this.body));
    return this;
  }
}
