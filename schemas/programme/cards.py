"""Cards to read on the screen in a session: four to explain, six that answer what people ask.

Own wording for readers of eleven; no promise, no date, no label. This version is in use: do not edit, add a version.
"""

from schemas.programme.definition import Card

CARDS = (
    Card(
        "mixed",
        "When kindness and hurt are mixed",
        (
            (
                "When somebody hurts you and is kind to you, and you never know which comes next, you can become very "
                "attached to them. That happens to many people."
            ),
            "It can be a way to get through something that had no good way out. It does not mean you are weak.",
            (
                "The pull can feel like a craving. People who study it do not agree on what to call it, so we only say "
                "how it feels."
            ),
        ),
        ("SCI-1", "SCI-2", "SCI-3"),
    ),
    Card(
        "first_weeks",
        "What the first weeks can feel like",
        (
            (
                "After a break some people sleep badly, feel sick, cannot keep still, cry, feel nothing, feel rage, or "
                "think of the other person all day."
            ),
            "This can be part of the break. It need not mean that going back is right.",
            (
                "These often ease, not always. New, strong or lasting signs deserve a check by a doctor. If you think "
                "of not being alive, tell us straight away."
            ),
        ),
        ("WSN-1", "WSN-2"),
    ),
    Card(
        "advice",
        "When advice hurts",
        (
            "“Forgive.” “Move on.” “Stop feeling sorry for yourself.” People may mean well, and it can still hurt.",
            "You do not owe anybody a story or a reason. “I have somebody I talk to about this” is a whole answer.",
            "You choose whom you tell, how much, and when you stop.",
        ),
        ("CH-2",),
    ),
    Card(
        "rights",
        "What is yours by right",
        (
            "You have a right to respect and to care.",
            "You have a right to your own view of what happened.",
            "You have a right to decide for yourself, to change your mind, and to say no.",
            "You have these rights on bad days too.",
        ),
        ("MF-5",),
    ),
    Card(
        "how_long",
        "How long will it take?",
        (
            "Nobody can say. It depends on many things: how long it went on, who stands by you, what help you have.",
            "It comes in waves. Some things may be lighter after months; deeper things can take longer.",
        ),
        ("FQ-1", "FQ-1a", "NLX-1"),
    ),
    Card(
        "still_there",
        "Can I work on this while we still live together?",
        (
            "Yes. Then we look first at what could happen to you, at people who can help, and at a plan.",
            "Nobody here will push you to go. What you decide, and when, stays with you.",
        ),
        ("FQ-2",),
    ),
    Card(
        "children",
        "What if we have children together?",
        (
            "Then some contact may have to go on. It can be kept short, in writing, and about the children only.",
            (
                "Each home can run by itself, with as little direct contact as can be. Keep a record of each exchange, "
                "and ask a lawyer what holds where you live."
            ),
        ),
        ("FQ-3", "FQ-3a"),
    ),
    Card(
        "love_or_tie",
        "Was it love?",
        (
            "Only you can say what you felt. We will not decide it for you.",
            "You might ask: with this person, could I grow and rest? Or was I mostly afraid and waiting?",
        ),
        ("FQ-4", "ACK-8"),
    ),
    Card(
        "trust_again",
        "Will I trust somebody again?",
        (
            "Trust may come back slowly. It can follow what people do, again and again, not what they say.",
            "You may take as long as you like, and you may stop.",
        ),
        ("FQ-5",),
    ),
    Card(
        "changed",
        "They say they have changed",
        (
            "Nobody here can tell you what another person will do.",
            (
                "You can look at what they do over a long time, also when they do not get their way. You need not be "
                "near them to look."
            ),
        ),
        ("FQ-6",),
    ),
)
