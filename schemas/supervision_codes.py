"""Closed lists of supervision: how a meeting was held."""

from schemas.vocabulary import Coded


class SupervisionMode(Coded):
    INDIVIDUAL = "individual", "In person, the two of you"
    GROUP = "group", "In a group"
    REMOTE = "remote", "By video or phone"
    LIVE = "live", "Sitting in on a session"
    RECORDING = "recording", "With a recording, the client having agreed"
