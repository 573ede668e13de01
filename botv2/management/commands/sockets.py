"""`manage.py sockets`: one process of an installation that serves WebSockets."""

import socket
from typing import Any

import uvicorn
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from botv2.checks import refuse_bad_settings
from botv2.management.commands.serve import server_config


class Command(BaseCommand):
    help = "Serve the WebSockets, until SIGTERM: then every client is told to come back, to another process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8101", metavar="ADDRESS:PORT")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_bad_settings()
        config = server_config()
        config.load()  # before anybody can connect, who would wait for it
        host, _, port = options["bind"].rpartition(":")
        try:
            listener = socket.create_server((host, int(port)), backlog=2048)
        except (OSError, ValueError) as error:
            raise CommandError(f"Cannot listen on {options['bind']}: {error}.") from None
        uvicorn.Server(config).run(sockets=[listener])
