"""WeCom's sign-in page and the two endpoints behind it, on loopback, as we know its interface."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.serving import make_server

CORP_ID, AGENT_ID, SECRET = "ww1a2b3c", "1000002", "of the application"


@dataclass
class WeCom:
    """A corporation whose member `user_id` agrees to sign in; without one, somebody from outside does."""

    url: str = ""
    user_id: str | None = None
    codes: dict[str, str | None] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    tokens_given: int = 0

    def page(self) -> Any:
        """The person agrees; the browser goes back with a code that works once."""
        asked = request.args
        if (asked["login_type"], asked["appid"], asked["agentid"]) != ("CorpApp", CORP_ID, AGENT_ID):
            return Response("参数错误", 400)
        if not (asked["state"].isascii() and asked["state"].isalnum() and len(asked["state"]) <= 128):
            return Response("state 参数错误", 400)
        code = secrets.token_urlsafe(32)
        self.codes[code] = self.user_id
        return redirect(f"{asked['redirect_uri']}?code={code}&state={asked['state']}&appid={CORP_ID}")

    def get_token(self) -> Response:
        if request.args["corpid"] != CORP_ID:
            return jsonify(errcode=40013, errmsg="invalid corpid")
        if request.args["corpsecret"] != SECRET:
            return jsonify(errcode=40001, errmsg="invalid credential")
        self.tokens_given += 1
        self.tokens.add(token := secrets.token_urlsafe(160))
        return jsonify(errcode=0, errmsg="ok", access_token=token, expires_in=7200)

    def get_user_info(self) -> Response:
        if request.args["access_token"] not in self.tokens:
            return jsonify(errcode=40014, errmsg="invalid access_token")
        if request.args["code"] not in self.codes:
            return jsonify(errcode=40029, errmsg="invalid code")
        user_id = self.codes.pop(request.args["code"])
        if user_id is None:
            return jsonify(errcode=0, errmsg="ok", openid="oAAAA-not-a-member", external_userid="wmAAAA")
        return jsonify(errcode=0, errmsg="ok", userid=user_id)


@contextmanager
def wecom() -> Iterator[WeCom]:
    """WeCom, running."""
    platform, app = WeCom(), Flask("wecom")
    app.add_url_rule("/wwlogin/sso/login", view_func=platform.page)
    app.add_url_rule("/cgi-bin/gettoken", view_func=platform.get_token)
    app.add_url_rule("/cgi-bin/auth/getuserinfo", view_func=platform.get_user_info)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    platform.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join()
