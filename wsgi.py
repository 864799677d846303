"""What an application server loads: `wsgi:app`."""

import gc
from dataclasses import replace

from guideapi.app import create_app
from guideapi.config import Config

# By then whoever asked has long hung up, and others wait for the thread. Jobs take as long as they take.
STATEMENT_SECONDS = 30

app = create_app(replace(Config.from_env(), statement_seconds=STATEMENT_SECONDS))
# What stays for good is not searched for garbage again: a full search takes longer than most requests.
gc.collect()
gc.freeze()
# Nor is the little that a request leaves behind: hardly any of it refers to itself.
gc.set_threshold(20_000, 50, 100)
