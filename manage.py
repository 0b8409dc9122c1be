#!/usr/bin/env python3
"""Django's command line; `./dev manage …` starts it with the right Python and database."""

import os
import sys

from django.core.management import execute_from_command_line

from sccon import translations

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sccon.settings")
    translations.compile_stale()
    execute_from_command_line(sys.argv)
