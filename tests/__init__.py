"""Tests that read as sentences; each folder mirrors the room that it tests."""
