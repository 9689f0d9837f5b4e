"""paho-mqtt as a client that is steered: commands come as JSON lines on standard input, what happens is told as JSON
lines on standard output. See paho.mjs."""

import json
import sys
import threading

import paho.mqtt.client as mqtt

asked = json.loads(sys.argv[1])
speaking = threading.Lock()


def tell(what, **more):
    with speaking:
        print(json.dumps({"what": what, **more}), flush=True)


def on_connect(client, _user, _flags, code, _properties):
    tell("connack", code=code.value)
    if code.is_failure:
        client.disconnect()


def on_disconnect(_client, _user, flags, code, _properties):
    tell("ended", code=code.value if flags.is_disconnect_packet_from_server else None)


def on_message(_client, _user, message):
    more = {}
    properties = getattr(message, "properties", None)
    if properties is not None:
        more["responseTopic"] = getattr(properties, "ResponseTopic", None)
        more["correlation"] = getattr(properties, "CorrelationData", b"").hex()
    tell("message", topic=message.topic, payload=message.payload.decode(), retain=message.retain, **more)


client = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2,
    client_id=asked["id"],
    protocol=mqtt.MQTTv5 if asked["version"] == 5 else mqtt.MQTTv311,
    transport=asked["transport"],
    reconnect_on_failure=False,
)
client.username_pw_set(asked["username"], asked["password"])
if asked.get("ca"):
    client.tls_set(ca_certs=asked["ca"])
if asked["transport"] == "websockets":
    client.ws_set_options(path=asked["path"])
client.on_connect = on_connect
client.on_connect_fail = lambda _client, _user: tell("ended", code=None)
client.on_disconnect = on_disconnect
client.on_message = on_message
client.on_subscribe = lambda _client, _user, mid, codes, _properties: tell(
    "done", mid=mid, codes=[code.value for code in codes]
)
client.on_publish = lambda _client, _user, mid, code, _properties: tell("done", mid=mid, codes=[code.value])
try:
    client.connect(asked["host"], asked["port"], keepalive=30)
except (OSError, mqtt.WebsocketConnectionError) as error:
    tell("refused", why=str(error))
    sys.exit(0)
client.loop_start()
for line in sys.stdin:
    command = json.loads(line)
    if "subscribe" in command:
        _, mid = client.subscribe([(topic, 1) for topic in command["subscribe"]])
    else:
        mid = client.publish(command["publish"], command["payload"], qos=1).mid
    tell("begun", mid=mid)
client.disconnect()
client.loop_stop()
