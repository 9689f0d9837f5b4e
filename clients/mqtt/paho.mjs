// paho-mqtt, in a process of its own: the same face as MQTT.js has in mqttjs.mjs.

import { Queue } from "./queue.mjs";

export function connect(world, { url, version, id, username = id, password, ca }) {
  const { protocol, hostname: host, port, pathname: path } = new URL(url);
  const transport = protocol.startsWith("ws") ? "websockets" : "tcp";
  const asked = { host, port: Number(port), path, transport, version, id, username, password, ca };
  const program = world.python("mqtt/paho_client.py", [JSON.stringify(asked)]);
  const messages = new Queue();
  const begun = new Queue();
  const done = new Map();
  const when = (mid) => {
    if (!done.has(mid)) done.set(mid, new Queue());
    return done.get(mid);
  };
  let admit, end;
  const admitted = new Promise((resolve) => (admit = resolve));
  const ended = new Promise((resolve) => (end = resolve));
  const hear = {
    connack: ({ code }) => admit(code === 0 ? { admitted: true } : { admitted: false, code }),
    refused: ({ why }) => admit({ admitted: false, why }),
    ended: ({ code }) => end(code),
    begun: ({ mid }) => begun.put(mid),
    done: ({ mid, codes }) => when(mid).put(codes),
    message: ({ what, ...message }) => messages.put(message),
  };
  program.onLine = (line) => {
    const told = JSON.parse(line);
    hear[told.what](told);
  };
  program.ended.then(() => {
    admit({ admitted: false, why: "ended" });
    end(null);
  });
  const order = async (command) => {
    program.child.stdin.write(`${JSON.stringify(command)}\n`);
    const mid = await begun.take("paho began");
    return when(mid).take("paho was answered");
  };
  return {
    admitted,
    ended,
    messages,
    subscribe: (topics) => order({ subscribe: topics }),
    publish: async (topic, payload) => (await order({ publish: topic, payload }))[0],
    close: async () => {
      program.child.stdin.end();
      await program.ended;
    },
  };
}
