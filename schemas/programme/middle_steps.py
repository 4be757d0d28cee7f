"""Steps 4 and 5: trusting what you saw, and working through it. Own wording; in use: do not edit, add a version."""

from schemas.programme.definition import Prompt, Question, Step, Task, Way
from schemas.programme.first_steps import KEPT_WHERE

TRUST_SELF = Step(
    key="4",
    title="Trust what you see and feel again",
    about="When you have been told for long that you are wrong, trust in yourself has to grow again, in small things.",
    elements=("STP-4",),
    tasks=(
        Task(
            "4a",
            "A few lines each day",
            "What happened, what you thought, what you felt. Three lines are plenty.",
            ("RR-1",),
            care=KEPT_WHERE,
        ),
        Task(
            "4b",
            "Tell it as a camera would",
            "Only what could be seen and heard. Then, on its own line, what you make of it.",
            ("RR-2",),
            place="contact log",
        ),
        Task(
            "4c",
            "Check with somebody you trust",
            "Tell one thing to a person who listens well and ask how it sounds to them.",
            ("RR-3",),
            care="Could what you say reach the other person through them?",
            place="support people",
        ),
        Task(
            "4d",
            "Draw a time line",
            "What came when, good and bad. It is yours; it need not be finished.",
            ("RR-4",),
            care=KEPT_WHERE,
            place="relationship review",
        ),
        Task(
            "4e",
            "Keep messages as they are",
            "Pictures of messages, with dates, kept in one place that only you can open.",
            ("RR-5",),
            care="First find out who else can see your phone, your accounts and your shared folders.",
            place="digital plan",
        ),
        Task("4f", "Decide something small alone", "Pick one small thing, decide it, and see what happens.", ("ST-1",)),
        Task("4g", "Say what you like", "Food, music, a colour, how to spend an hour: what do you like?", ("ST-2",)),
        Task(
            "4h",
            "Listen to your body",
            "What does your body do in different places and with different people?",
            ("ST-3",),
        ),
        Task(
            "4i",
            "Take a bad feeling seriously",
            "If something feels wrong, stop and look. You do not need proof to step back.",
            ("ST-4",),
            care="If there is a sense of danger, ask the questions of the danger part today.",
            place="safety screen",
        ),
        Task("4j", "Mark when you backed yourself", "Write down one time you trusted your own view.", ("ST-5",)),
    ),
    entry=(
        Question("doubt", "What do you doubt most about your own view?"),
        Question("steady", "What do you know for sure?"),
    ),
    exit=(
        Question("trusted", "When did you last trust your own view?"),
        Question("check", "Who or what do you check with when you are not sure?"),
    ),
    prompts=(
        Prompt(
            "Seeing how far things were twisted can be a shock. It can take a while, and you may go slowly.", ("RR-6",)
        ),
    ),
)

WORK_THROUGH = Step(
    key="5",
    title="Work through what happened and build ways to cope",
    about="Go back to what happened with a trained person beside you, and change old ways to cope into new ones.",
    elements=("STP-5", "PM-6"),
    gated=True,
    tasks=(
        Task(
            "5a",
            "Choose a way to work through it",
            "There are several kinds of work. We look at what each asks of you before you choose.",
            (),
            place="interventions",
            ways=(
                Way("tf_cbt", "Talking work that looks at thoughts about what happened", ("PM-1",)),
                Way("emdr", "Work with eye movements while you remember (EMDR)", ("PM-2",)),
                Way("somatic", "Work that starts from the body", ("PM-3",)),
                Way("ifs_parts", "Work with the different parts of you", ("PM-4",)),
                Way("group", "A group of people who have been through it", ("PM-5",)),
            ),
        ),
        Task(
            "5b",
            "From going numb to noticing",
            "Feel a little of a feeling, for a short time, with an end you choose.",
            ("CV-1",),
            before="Going numb",
            after="Noticing what you feel",
        ),
        Task(
            "5c",
            "From pleasing to honest limits",
            "Say one honest no or one honest yes, to somebody with whom that can be done.",
            ("CV-2",),
            before="Pleasing everybody",
            after="Honest limits",
        ),
        Task(
            "5d",
            "From always on watch to looking when it counts",
            "Decide when you look around and when you may rest.",
            ("CV-3",),
            care="Being on watch may still be needed. Ask before you take it away.",
            before="Always on watch",
            after="Looking when it counts",
        ),
        Task(
            "5e",
            "From blaming yourself to anger that acts",
            "Whose act was it? What would you like to do with the anger, without harm to anybody?",
            ("CV-4",),
            before="Blaming yourself",
            after="Anger that acts",
        ),
        Task(
            "5f",
            "From alone to chosen company",
            "One hour with one person of your choice.",
            ("CV-5",),
            before="Keeping away from everybody",
            after="Chosen company",
        ),
        Task(
            "5g",
            "Fill your toolkit",
            "Try ways to come back to yourself and note which one helps for what.",
            (),
            place="toolkit",
            ways=(
                Way("breathing", "Breath, for panic", ("RT-1",)),
                Way("movement", "Movement, to let energy out", ("RT-2",)),
                Way("creative", "Drawing, music, writing, for mixed feelings", ("RT-3",)),
                Way("nature", "Time outdoors, to feel the ground", ("RT-4",)),
                Way("spiritual", "Prayer, ritual or meaning, if you want that", ("RT-5",)),
            ),
        ),
        Task(
            "5h",
            "A plan for the next days",
            "At most three small things a day, one kind act for yourself, one contact.",
            ("DDP-1",),
            place="day plan",
        ),
    ),
    entry=(
        Question("hope_for", "What would you like to be lighter?"),
        Question("stop_word", "How do we stop when it is too much?"),
    ),
    exit=(
        Question("lighter", "What is different when you think of it now?"),
        Question("left_alone", "What do you want to leave alone at present?"),
    ),
)
