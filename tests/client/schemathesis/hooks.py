"""Hooks of schemathesis: two of three requests get the names of things that are there, so that they come beyond the
first look for them; and a check that its own leave out. Not for: starting it (schemathesis.rs)."""

import json
import os

import schemathesis

KNOWN = json.loads(os.environ["PARCAE_KNOWN"])
# Others need what these would take away.
TAKING = ("delete", "clean", "destroy", "disable", "rerun", "update")


@schemathesis.hook
def map_body(context, body):
    """Which requests depends on what is in them alone, so that each run sends the same."""
    path = context.operation.path
    if not isinstance(body, dict) or any(word in path for word in TAKING) or len(repr(body)) % 3 == 0:
        return body
    return {key: KNOWN.get(key, value) for key, value in body.items()}


@schemathesis.check
def node_did_not_fail(context, response, case):
    """No request may bring about what only the node's log explains, nor words for programmers."""
    if response.headers.get("content-type") == ["application/json"]:
        for words in (b"its log says why", b"panicked", b"Os {", b"called `"):
            assert words not in response.content, f"{words!r} in the answer"
