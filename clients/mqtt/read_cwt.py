"""python-cwt reads a light token that is signed, with nothing but the public keys: the claims as JSON."""

import base64
import json
import sys

import cwt

asked = json.loads(sys.argv[1])
token = asked["token"]
data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
keys = [cwt.COSEKey.from_jwk(jwk) for jwk in asked["jwks"]["keys"]]
claims = cwt.decode(data, keys)
print(json.dumps({"sub": claims[2], "exp": claims[4], "cti": claims[7].hex(), "all": sorted(claims)}))
