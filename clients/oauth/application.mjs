// An application on somebody's own machine: it listens where the browser is sent back to.

import { once } from "node:events";
import { createServer } from "node:http";

export class Application {
  #visits = new Map();

  static async listen() {
    const application = new Application();
    application.server = createServer((request, response) => {
      const url = new URL(request.url, application.origin);
      application.#visit(url.pathname).arrive(url);
      response.end("Thank you");
    });
    application.server.listen(0, "127.0.0.1");
    await once(application.server, "listening");
    application.origin = `http://127.0.0.1:${application.server.address().port}`;
    return application;
  }

  get callback() {
    return `${this.origin}/callback`;
  }

  get goodbye() {
    return `${this.origin}/goodbye`;
  }

  /** The next visit of somebody's browser, with everything that came along. */
  async visited(address) {
    const { pathname } = new URL(address);
    const url = await this.#visit(pathname).arrived;
    this.#visits.delete(pathname);
    return url;
  }

  #visit(pathname) {
    if (!this.#visits.has(pathname)) {
      let arrive;
      const arrived = new Promise((resolve) => (arrive = resolve));
      this.#visits.set(pathname, { arrive, arrived });
    }
    return this.#visits.get(pathname);
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}
