"""What the tests' settings read, put there before pytest-django reads them (`-p tests.environment`).

`./dev` sets DEBUG with its own database only; with a DATABASE_URL the tests run all the same.
"""

import os

os.environ["DEBUG"] = "1"
for name in ("SITE_URL", "ALLOWED_HOSTS", "MEDIA_ROOT", "STATIC_ROOT", "PORT", "SMTP_URL", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)
