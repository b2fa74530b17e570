"""Django by Python's own server: enough for an example, and quiet."""

import os
import socketserver
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """One thread a request, as a page and its parts may come at once."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Says nothing of requests that went well."""

    def log_request(self, *args: object) -> None:
        pass


def main(port: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "company.settings")
    with make_server("localhost", port, get_wsgi_application(), server_class=Server, handler_class=Quiet) as server:
        print("ready", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass  # Ctrl+C reaches all three processes, and needs no traceback.
