"""Closed lists of the contact plan, the toolkit and the network."""

from schemas.vocabulary import Coded


class CardKind(Coded):
    """What a card is about; the store files it under this."""

    CONTACT_PLAN = "contact_plan", "Contact plan"
    BOUNDARY = "boundary", "Boundary"
    TOOL = "tool", "Tool"
    PERSON = "person", "Person"
    CONCERN = "concern", "The other person"
    PROXY = "proxy", "Somebody who could see it elsewhere"


class ContactMode(Coded):
    """How the client wants to go about contact; set by the client, and undecided is an answer."""

    UNDECIDED = "undecided", "Undecided, and that is all right"
    FULL = "full", "No contact"
    LIMITED = "limited", "Limited contact"
    EMOTIONAL_ONLY = "emotional_only", "Contact goes on; an inner boundary"


class BoundaryKind(Coded):
    """What a boundary is about. Blocking and moving wait for their checks."""

    BLOCK = "block", "Block calls, accounts or e-mail"
    MOVE = "move", "Move, or put distance between"
    ANSWER = "answer", "How and when to answer"
    MEETING = "meeting", "How to meet where it cannot be avoided"
    TOPIC = "topic", "What is not talked about"
    OTHER = "other", "Another boundary"


class BoundaryState(Coded):
    NOT_NOW = "not_now", "Not now"
    ACTIVE = "active", "In use"


class ToolFamily(Coded):
    """Kinds of tools to steady oneself."""

    BREATHING = "breathing", "Breathing and grounding"
    RELAXATION = "relaxation", "Letting muscles go, one by one"
    MOVEMENT = "movement", "Movement"
    MINDFULNESS = "mindfulness", "Noticing without acting"
    CREATIVE = "creative", "Making something"
    NATURE = "nature", "Being outdoors"
    SPIRITUAL = "spiritual", "Faith, meaning, ritual"


class ToolUse(Coded):
    PANIC = "panic", "Panic"
    URGE = "urge", "Strong urges"
    NUMB = "numb", "Feeling numb"
    ANGER = "anger", "Anger"
    SLEEP = "sleep", "Sleep"
    SHAME = "shame", "Shame"


class Helped(Coded):
    UNTRIED = "untried", "Not tried yet"
    A_LOT = "a_lot", "Helped a lot"
    A_LITTLE = "a_little", "Helped a little"
    NOT = "not", "Did not help"
    WORSE = "worse", "Made it worse"


class PersonRole(Coded):
    """What somebody could be asked for today; the same codes as the person check."""

    EMERGENCY = "emergency", "In an emergency"
    PRACTICAL = "practical", "Practical help"
    EMOTIONAL = "emotional", "To talk to"
    DISTRACTION = "distraction", "Company and distraction"
    CHILDCARE = "childcare", "Looking after children"
    WITNESS = "witness", "As a witness"
    NONE_YET = "none_yet", "None yet"
