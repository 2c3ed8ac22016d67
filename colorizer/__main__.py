"""`python -m colorizer` is the `colorizer` command."""

import sys

from colorizer.cli import main

sys.exit(main())
