// MQTT.js as a client that is steered: see clients.mjs for what it answers.

import { readFileSync } from "node:fs";
import mqtt from "mqtt";

import { Queue } from "./queue.mjs";

/** Connects once; never again by itself. */
export function connect(_world, { url, version, id, username = id, password, ca, origin }) {
  const client = mqtt.connect(url, {
    protocolVersion: version,
    clientId: id,
    username,
    password,
    keepalive: 30,
    reconnectPeriod: 0,
    connectTimeout: 60_000,
    ca: ca && readFileSync(ca),
    wsOptions: { ca: ca && readFileSync(ca), origin },
  });
  const messages = new Queue();
  let said;
  const admitted = new Promise((resolve) => {
    client.once("connect", () => resolve({ admitted: true }));
    client.once("error", (error) => resolve({ admitted: false, code: error.code, why: error.message }));
    client.once("close", () => resolve({ admitted: false, why: "closed" }));
  });
  const ended = new Promise((resolve) => {
    client.on("disconnect", (packet) => (said = packet.reasonCode));
    client.once("close", () => resolve(said ?? null));
  });
  client.on("error", () => {}); // told by `admitted`, or by what does not come
  client.on("message", (topic, payload, { retain, properties }) => {
    messages.put({
      topic,
      payload: payload.toString(),
      retain,
      responseTopic: properties?.responseTopic,
      correlation: properties?.correlationData?.toString("hex"),
    });
  });
  return {
    admitted,
    ended,
    messages,
    /** The codes of SUBACK. */
    subscribe: (topics) =>
      new Promise((resolve) => {
        client.subscribe(topics, { qos: 1 }, (error, granted, packet) => resolve(packet?.granted ?? [error.code]));
      }),
    /** Resolves with the code of PUBACK, 0 in 3.1.1. */
    publish: (topic, payload) =>
      new Promise((resolve, reject) => {
        client.publish(topic, payload, { qos: 1 }, (error, packet) => {
          if (error && error.code === undefined) reject(error);
          else resolve(error?.code ?? packet?.reasonCode ?? 0);
        });
      }),
    close: () => client.endAsync(true),
  };
}
