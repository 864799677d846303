"""`python -m content_center.posters > content_center/posters/template.schema.json` renews the schema file."""

import json
import sys

from content_center.posters.templates import template_schema

sys.stdout.write(json.dumps(template_schema(), indent=2, ensure_ascii=False) + "\n")
