"""What an application server loads: `wsgi:app`."""

import gc

from guideapi.app import create_app
from guideapi.config import Config

app = create_app(Config.from_env())
# What stays for good is not searched for garbage again: a full search takes longer than most requests.
gc.collect()
gc.freeze()
# Nor is the little that a request leaves behind: hardly any of it refers to itself.
gc.set_threshold(20_000, 50, 100)
