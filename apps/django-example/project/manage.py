"""Django's command line: `python3 manage.py createsuperuser`, and so on."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "company.settings")
execute_from_command_line(sys.argv)
