"""A provider of identities (OpenID Connect) with a few made-up people. It insists on PKCE, which its library leaves out."""

import base64
import hashlib
import json
import os

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import flask
import oidc_provider_mock
from oidc_provider_mock._storage import User
from werkzeug.serving import make_server


def person(sub, email, verified):
    return User(sub=sub, claims={"email": email, "email_verified": verified})


app = oidc_provider_mock.app(
    require_nonce=True,
    user_claims=[
        person("known", "VH-XH@a.example", True),
        person("unverified", "vh-xh@a.example", False),
        person("stranger", "nobody@a.example", True),
        person("closed", "ca@a.example", True),
    ],
)
challenges = []


@app.before_request
def insist_on_pkce():
    if flask.request.path == "/oauth2/authorize":
        if flask.request.args.get("code_challenge_method") != "S256":
            flask.abort(400)
        challenges.append(flask.request.args["code_challenge"])
    if flask.request.path == "/oauth2/token":
        digest = hashlib.sha256(flask.request.form["code_verifier"].encode("ascii")).digest()
        if base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=") not in challenges:
            flask.abort(400)


server = make_server("127.0.0.1", 0, app, threaded=True)
print(json.dumps({"port": server.server_port}), flush=True)
server.serve_forever()
