"""What the tests' settings read, put there before pytest-django reads them (`-p tests.environment`).

`./dev` sets DEBUG with its own database only; with a DATABASE_URL the tests run all the same.
"""

import os

from sccon import translations

os.environ["DEBUG"] = "1"
for name in ("SITE_URL", "ALLOWED_HOSTS", "MEDIA_ROOT", "STATIC_ROOT", "PORT", "SMTP_URL", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)
os.environ["NEWSLETTER_DNS"] = "127.0.0.1:0"  # no test asks the world; that port refuses at once

# Before Django reads them: the first test may compare a German sentence.
translations.compile_stale()
