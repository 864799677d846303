"""What an application server loads: `wsgi:app`."""

from guideapi.app import create_app
from guideapi.config import Config

app = create_app(Config.from_env())
