"""Reports what a trading bot does to BotV2, and follows its live stream."""

from botv2_client.client import Client
from botv2_client.letters import DeadLetter
from botv2_client.messages import Event, Live, Message, Position, Snapshot, Tick
from botv2_client.tally import Stats

__all__ = ["Client", "DeadLetter", "Event", "Live", "Message", "Position", "Snapshot", "Stats", "Tick"]
