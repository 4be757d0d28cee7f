"""The JSON edge: parse, call, dump. Rule: no decision is made here."""
