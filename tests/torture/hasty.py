"""The product's settings for a server whose SQLite does not wait for the disk at each commit."""

from botv2.settings import *  # noqa: F403
from botv2.settings import DATABASES

OPTIONS = DATABASES["default"]["OPTIONS"]
OPTIONS["init_command"] = OPTIONS["init_command"].replace("synchronous=FULL", "synchronous=NORMAL")
