"""The site for other servers than granian, behind a proxy that buffers; granian serves `sccon.site.rsgi`, which calls it.

With at most `WEB_THREADS` threads a process: who waits longer for a connection of the pool takes it for an outage.
"""

import os

from django.core.wsgi import get_wsgi_application

from sccon.statements import end_long_ones

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sccon.settings")
application = get_wsgi_application()
end_long_ones()
