// The MQTT libraries a badge may be built with. Each `connect(world, {url, version, id, username, password, ca})` gives a
// connection: `admitted` (`{admitted, code}`), `messages`, `subscribe(topics)`, `publish(topic, payload)`, `close()`, and
// `ended`, the code of the server's DISCONNECT or null when there was none.

import * as mqttjs from "./mqttjs.mjs";
import * as paho from "./paho.mjs";

export const LIBRARIES = { "MQTT.js": mqttjs, "paho-mqtt": paho };

/** The protocol levels, as CONNECT has them. */
export const VERSIONS = { "3.1.1": 4, "5.0": 5 };

/**
 * The code a library tells for a refused CONNECT: that of 5.0 or of 3.1.1. paho-mqtt translates the latter, see
 * MQTT 5.0 section 3.2.2.2 and MQTT 3.1.1 section 3.2.2.3.
 */
export function refusal(library, version, { five, three }) {
  const translated = { 4: 0x86, 5: 0x87 }[three];
  if (version === "5.0") return five;
  return library === "paho-mqtt" ? translated : three;
}
