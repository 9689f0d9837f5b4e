// Programs we start: each writes its log into a file and is ended by its own pid, also when a test fails.

import { spawn } from "node:child_process";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process, { env, exit } from "node:process";

const here = import.meta.dirname;
/** Where the programs under test are; a debug build is chosen with `BADGECAST_BIN_DIR=target/debug`. */
const binaries = resolve(env.BADGECAST_BIN_DIR ?? join(here, "../target/release"));
/** The Python that has the packages of requirements.txt. */
const python = join(here, "../target/clients-venv/bin/python");
/** How long a program may take to end by itself, in milliseconds. */
const GOODBYE_MS = 20_000;

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => exit(1));

/** The path of one of our binaries, such as `badgecast`. */
export function binary(name) {
  const path = join(binaries, name);
  if (!existsSync(path)) throw new Error(`${path} is missing: build it, or say BADGECAST_BIN_DIR`);
  return path;
}

/** A program that runs. `lines` are those it has written to standard output; `onLine` is told each. */
export class Program {
  lines = [];
  onLine = () => {};
  #listeners = new Set();

  /** `log` is the file for what it writes to standard error. */
  constructor(path, words, { env = cleanEnvironment(), log, cwd } = {}) {
    this.name = [path, ...words].join(" ");
    this.log = log;
    this.child = spawn(path, words, { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
    running.add(this.child);
    this.child.stderr.pipe(createWriteStream(log, { flags: "a" }));
    this.child.stdin.on("error", () => {}); // it may have ended already
    this.ended = new Promise((resolve) => {
      this.child.on("error", (error) => resolve(error.message));
      this.child.on("close", (code, signal) => resolve(code ?? signal));
    }).then((code) => {
      running.delete(this.child);
      this.code = code;
      this.#tell();
      return code;
    });
    let rest = "";
    this.child.stdout.setEncoding("utf8").on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      this.lines.push(...lines);
      lines.forEach((line) => this.onLine(line));
      this.#tell();
    });
  }

  #tell() {
    this.#listeners.forEach((listener) => listener());
  }

  /** The first line that matches; fails when the program ends, or never says it. */
  async says(pattern, patience_ms = 90_000) {
    const find = () => this.lines.find((line) => pattern.test(line));
    let listener, timer;
    try {
      return await new Promise((answer, reject) => {
        listener = () => {
          const line = find();
          if (line !== undefined) answer(line);
          else if (this.code !== undefined) reject(this.#failed(`ended with ${this.code}`));
        };
        this.#listeners.add(listener);
        timer = setTimeout(() => reject(this.#failed(`never said ${pattern}`)), patience_ms);
        listener();
      });
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
    }
  }

  /** Waits until it is over; everything it wrote to standard output. Fails unless it ends with this code. */
  async finishes(code = 0) {
    const ended = await this.ended;
    if (ended !== code) throw this.#failed(`ended with ${ended}`);
    return this.lines.join("\n");
  }

  /** Asks it to end, and waits; insists after a while. */
  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    const insist = setTimeout(() => this.child.kill("SIGKILL"), GOODBYE_MS);
    await this.ended;
    clearTimeout(insist);
  }

  #failed(what) {
    const log = existsSync(this.log) ? readFileSync(this.log, "utf8").slice(-4_000) : "";
    return new Error(`${this.name}: ${what}\n${this.lines.slice(-20).join("\n")}\n${log}`);
  }
}

/** A Python program of this folder. */
export function pythonProgram(file, words, options) {
  if (!existsSync(python)) throw new Error(`${python} is missing: run \`make setup\``);
  return new Program(python, [join(here, file), ...words], options);
}

/** Our environment without settings of a server: a server refuses those it does not know. */
export function cleanEnvironment(settings = {}) {
  const others = Object.entries(env).filter(([name]) => !name.startsWith("BADGECAST_"));
  return { ...Object.fromEntries(others), ...settings };
}
