// What a client tells, in order, for a test that waits for it.

import { PATIENCE_MS } from "../until.mjs";

export class Queue {
  #items = [];
  #takers = [];

  put(item) {
    const taker = this.#takers.shift();
    if (taker) taker(item);
    else this.#items.push(item);
  }

  /** The next one; fails after a long while. */
  take(what = "anything", patience_ms = PATIENCE_MS) {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
    return new Promise((resolve, reject) => {
      const taker = (item) => {
        clearTimeout(timer);
        resolve(item);
      };
      const timer = setTimeout(() => {
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        reject(new Error(`nothing came: ${what}`));
      }, patience_ms);
      this.#takers.push(taker);
    });
  }
}
