"""Authlib, the most used OAuth library for Python, through every grant. The test plays the person: it is told an address
on standard output as a JSON line, and answers on standard input with the address the browser was sent to."""

import json
import sys
import time

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

asked = json.loads(sys.argv[1])
server, trust = asked["server"], asked["ca"]


def person(**wish):
    """Asks the person; what they did."""
    print(json.dumps(wish), flush=True)
    return sys.stdin.readline().strip()


def trusting(session):
    session.verify, session.trust_env = trust, False
    return session


def client(id, secret=None, **more):
    return trusting(OAuth2Session(id, secret, **more))


def refused(error, attempt):
    try:
        attempt()
    except OAuthError as problem:
        assert problem.error == error, problem
    else:
        raise AssertionError(f"{error} was expected")


nobody = trusting(requests.Session())
about = nobody.get(f"{server}/.well-known/openid-configuration").json()
assert about["issuer"] == server
token_endpoint = about["token_endpoint"]
badges = f"{server}/api/v1/badges"


def opens(token):
    header = {"authorization": f"Bearer {token}"}
    return nobody.get(badges, headers=header).status_code == 200


def authorization_code():
    app = client(
        *asked["application"],
        scope="openid profile email offline_access badges:read",
        redirect_uri=asked["callback"],
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",
    )
    verifier = "a" * 22 + "-._~" + "0" * 22
    address, state = app.create_authorization_url(
        about["authorization_endpoint"], code_verifier=verifier, nonce="n-0S6_WzA2Mj"
    )
    back = person(allow=address)
    given = app.fetch_token(token_endpoint, authorization_response=back, state=state, code_verifier=verifier)
    keys = KeySet.import_key_set(nobody.get(about["jwks_uri"]).json())
    claims = jwt.decode(given["id_token"], keys, algorithms=["ES256"]).claims
    assert (claims["nonce"], claims["aud"], claims["iss"]) == ("n-0S6_WzA2Mj", app.client_id, server), claims
    who = app.get(about["userinfo_endpoint"]).json()
    assert (who["email"], who["sub"]) == ("manager@test.example", claims["sub"]), who
    assert app.get(badges).status_code == 200
    fresh = app.refresh_token(token_endpoint, given["refresh_token"])
    assert opens(fresh["access_token"])
    about_it = app.introspect_token(about["introspection_endpoint"], fresh["access_token"]).json()
    assert about_it["active"] and about_it["client_id"] == app.client_id, about_it
    app.revoke_token(about["revocation_endpoint"], fresh["refresh_token"], "refresh_token")
    assert not opens(fresh["access_token"])
    refused("invalid_grant", lambda: app.refresh_token(token_endpoint, fresh["refresh_token"]))


def client_credentials():
    integration = client(*asked["integration"], scope="badges:read")
    token = integration.fetch_token(token_endpoint, grant_type="client_credentials")["access_token"]
    assert integration.get(badges).status_code == 200
    about_it = integration.introspect_token(about["introspection_endpoint"], token).json()
    assert about_it["active"] and about_it["scope"] == "badges:read", about_it
    integration.revoke_token(about["revocation_endpoint"], token)
    assert not opens(token)
    liar = client(asked["integration"][0], "a guess")
    refused("invalid_client", lambda: liar.fetch_token(token_endpoint, grant_type="client_credentials"))


def private_key_jwt():
    id, key = asked["signing"]
    signer = client(id, ECKey.import_key(key), token_endpoint_auth_method="private_key_jwt")
    signer.register_client_auth_method(PrivateKeyJWT(token_endpoint, alg="ES256"))
    assert opens(signer.fetch_token(token_endpoint, grant_type="client_credentials")["access_token"])


def device_code():
    line = client("badgecast", token_endpoint_auth_method="none")
    wish = {"client_id": "badgecast", "scope": "badges:read"}
    waiting = nobody.post(about["device_authorization_endpoint"], data=wish).json()
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": waiting["device_code"]}
    refused("authorization_pending", lambda: line.fetch_token(token_endpoint, **grant))
    person(connect=waiting["verification_uri_complete"])
    time.sleep(waiting["interval"])  # RFC 8628 section 3.5: whoever asks sooner is told to slow down
    given = line.fetch_token(token_endpoint, **grant)
    assert opens(given["access_token"]) and given["scope"] == "badges:read", given


for grant in [authorization_code, client_credentials, private_key_jwt, device_code]:
    grant()
    print(json.dumps({"passed": grant.__name__}), flush=True)
