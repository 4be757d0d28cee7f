"""Steps 1 to 3: name it, contact, getting through. Own wording; in use: do not edit, add a version."""

from schemas.programme.definition import Prompt, Question, Step, Task

KEPT_WHERE = "Ask first where it would be kept and who could find it. It can also stay here, or in your head."

NAME_IT = Step(
    key="1",
    title="Name what is happening",
    about="Look at what has gone on between you, at your own pace. You choose the words, and you may change them.",
    elements=("STP-1",),
    tasks=(
        Task(
            "1a",
            "Put what happened into plain words",
            "Pick a few times that hurt. Say what was said and done, and leave out the reasons people gave for it.",
            ("ACK-1",),
            care=KEPT_WHERE,
        ),
        Task(
            "1b",
            "Draw how it goes round",
            "Tension, a bad time, making up, a calm spell, and again? Draw how it went for you. It need not fit.",
            ("ACK-2",),
            care=KEPT_WHERE,
            place="cycle log",
        ),
        Task(
            "1c",
            "Say it aloud, in your own words",
            "If you want to, say out loud that it did you harm. You pick the word for it, or no word at all.",
            ("ACK-3",),
        ),
        Task(
            "1d",
            "Catch the phrases that make it small",
            "“It was only the drink.” “I should not have asked.” Note the ones you know and try the sentence without.",
            ("ACK-4",),
        ),
        Task(
            "1e",
            "Look at it from outside",
            "If you would like an outside view, we can go through what you have told, fact by fact, in your words.",
            ("ACK-5", "PH-5"),
            place="relationship review",
        ),
    ),
    entry=(
        Question("why_now", "What makes you want to look at this now?"),
        Question("harder", "What could make it hard to look?"),
    ),
    exit=(
        Question("own_words", "How would you put it today, in your own words?"),
        Question("both_ways", "What do you still see both ways?"),
    ),
    prompts=(
        Prompt("Grief may come, also for what you hoped it would be. There is room for it here.", ("ACK-6",)),
        Prompt("Knowing and hoping can live side by side. You do not have to choose today.", ("ACK-7",)),
        Prompt("What you felt was yours. Nobody here decides what to call it.", ("ACK-8",)),
    ),
)

CONTACT = Step(
    key="2",
    title="Less contact or none, where that brings no harm",
    about="Decide how much contact there is, and how. It stays your choice. Sometimes the right answer is: not now.",
    elements=("STP-2",),
    tasks=(
        Task(
            "2a",
            "Choose how much contact there is",
            "None, a little with clear limits, or only a line inside. The contact plan goes through it point by point: "
            "channels, places, ready answers, somebody beside you, keeping records.",
            ("NC-1", "NC-2", "NC-3", "NC-4", "NC-5", "LC-1", "LC-2", "LC-3", "LC-4"),
            care="Ask about danger first. Blocking or moving in a hurry can make things worse. Keep proof before you "
            "change anything, and do not cut what a court or the children need.",
            place="contact plan",
        ),
        Task(
            "2b",
            "Keep a line inside",
            "Where contact has to go on, find a sentence for yourself, something to do before and after, and what you "
            "no longer share.",
            ("ENC-1",),
            place="contact plan",
        ),
        Task(
            "2c",
            "Plan for more than one thing that could happen",
            "Staying a while, getting ready, the day itself, after. One plan each, as far as you want to go.",
            ("CX-5", "PH-6"),
            place="plans",
        ),
        Task(
            "2d",
            "Find people who know this field",
            "A specialist service or a lawyer may see ways that nobody has told you about. You decide if you call.",
            ("CX-4",),
        ),
    ),
    entry=(
        Question("wish", "What would you like to be different about contact?"),
        Question("could_happen", "What could the other person do if contact changed?"),
    ),
    exit=(
        Question("holds", "What about contact is now as you want it?"),
        Question("if_crossed", "What will you do if it is crossed?"),
    ),
    prompts=(
        Prompt("Contact happened. What was going on, and what do you need now?", ("NC-6",)),
        Prompt(
            "Going can feel more frightening than staying. That feeling deserves to be heard and planned for.",
            ("SCI-7",),
        ),
    ),
)

GET_THROUGH = Step(
    key="3",
    title="Get through hard hours and urges",
    about="Missing someone who hurt you can be strong. Try ways to get through it and keep those that help.",
    elements=("STP-3",),
    tasks=(
        Task(
            "3a",
            "Slow breath, feet on the floor",
            "Breathe out for longer than in. Name what you see, hear and touch.",
            ("WMS-1",),
            care="Watching your breath can make panic worse. Then look around the room in its place.",
            place="toolkit",
        ),
        Task(
            "3b",
            "Tighten and let go",
            "One group of muscles after another, from feet to face.",
            ("WMS-2",),
            care="Leave out any part that hurts.",
            place="toolkit",
        ),
        Task(
            "3c",
            "A plan for strong urges",
            "What you do first, how long you wait, who you ring, and your own reasons.",
            ("WMS-3", "CH-1"),
            place="urge plan",
        ),
        Task(
            "3d",
            "Move hard for a short while",
            "Stairs, a fast walk, dancing to one song: for a body that will not keep still.",
            ("WMS-4",),
            care="Not after an injury to the head or neck, or when a doctor said no.",
            place="toolkit",
        ),
        Task(
            "3e",
            "Notice it and do nothing yet",
            "Say “there is the pull” and watch it rise and pass, like weather.",
            ("WMS-5",),
            care="Keep your eyes open if closing them brings pictures back.",
            place="toolkit",
        ),
    ),
    entry=(
        Question("strongest", "When is the pull at its strongest?"),
        Question("helped_before", "What has helped you through a bad hour before?"),
    ),
    exit=(
        Question("what_helps", "What helps you now, and how do you know?"),
        Question("worst_hour", "What will you do in the next bad hour?"),
    ),
    prompts=(
        Prompt("What you feel can be part of the break. It need not mean that you should go back.", ("WSN-1",)),
        Prompt("These often ease, not always. New, strong or lasting signs deserve a check.", ("WSN-2",)),
        Prompt("Restless energy is part of the picture too. Where do you notice it?", ("WMS-6",)),
        Prompt("Grief can come in waves long after. Each wave may be talked about.", ("CH-5",)),
        Prompt(
            "You may feel you must look after the other person. What is yours to carry, and what is theirs?", ("CH-3",)
        ),
        Prompt(
            "Fear of being alone for good is common and hard. What would you want in your life besides a partner?",
            ("CH-4",),
        ),
    ),
)
