"""What authors run: build the notebooks, follow the translations, prepare the environment."""

import sys

# jsonschema, which nbformat imports, compiles the grammars of web addresses where it finds this package:
# a whole second, for a check that no notebook needs.
sys.modules.setdefault("rfc3987_syntax", None)
