"""Steps 6 and 7: finding yourself again and looking ahead. Own wording; in use: do not edit, add a version."""

from schemas.programme.definition import Prompt, Question, Step, Task, Way

FIND_SELF = Step(
    key="6",
    title="Find yourself again",
    about="Who are you apart from that relationship? Take up what was dropped, and find what is new.",
    elements=("STP-6",),
    tasks=(
        Task("6a", "What matters to you", "List what matters to you, whoever is in your life.", ("ID-1",)),
        Task("6b", "What you gave up", "Name things you liked and stopped doing.", ("ID-2",)),
        Task("6c", "Who you were before", "Pick one part of yourself from before and invite it back.", ("ID-3",)),
        Task("6d", "Something new", "Try one thing you have never done, just to see if you like it.", ("ID-4",)),
        Task("6e", "A goal of your own", "Choose a goal that has nothing to do with love.", ("ID-5",), place="goals"),
        Task("6f", "A kinder voice", "What would you say to a friend? Say that to yourself.", ("SW-1",)),
        Task("6g", "Test an old belief", "“I am too much.” Who said so first? What speaks against it?", ("SW-2",)),
        Task("6h", "Mark a small gain", "Write down one thing that went a little better.", ("SW-3", "MF-2")),
        Task(
            "6i", "What you are here for", "Two or three sentences about what you want your life to be for.", ("SW-4",)
        ),
        Task(
            "6j",
            "A limit that does you good",
            "Choose one limit, say it, and decide what you do when it is crossed.",
            ("SW-5",),
            place="contact plan",
        ),
        Task("6k", "Decide from what you need", "Ask “what do I need?” before “what will they say?”", ("AU-1",)),
        Task("6l", "A short no", "Say no in one sentence, without reasons.", ("AU-2",)),
        Task("6m", "Take your place", "Sit, speak and walk as if you may be there. You may.", ("AU-3",)),
        Task("6n", "Say what you really think", "One true thing, to somebody with whom it fits.", ("AU-4",)),
        Task("6o", "Back yourself at work and among friends", "Stay with your view once, kindly.", ("AU-5",)),
        Task(
            "6p",
            "Keep a self of your own",
            "If you are still in the relationship: what is yours alone and stays so?",
            ("CX-1",),
            place="contact plan",
        ),
        Task(
            "6q",
            "Start with a group or a professional",
            "It can be easier to begin with people whose task it is to listen.",
            ("BC-1",),
            place="support people",
        ),
        Task(
            "6r",
            "Take up an old tie, slowly",
            "Choose somebody who treated you well, and begin with something small.",
            ("BC-2",),
            place="support people",
        ),
        Task(
            "6s",
            "Go where people share your interests",
            "A class, a choir, a team: company without having to explain.",
            ("BC-3",),
            place="support people",
        ),
        Task(
            "6t",
            "Share a little with somebody who fits",
            "Somebody who accepts your limits, does not try to fix you, listens, does as they say, and is glad when "
            "you stand on your own feet. Tell a little, and see what they do with it.",
            ("BC-4", "SP-1", "SP-2", "SP-3", "SP-4", "SP-5"),
            place="person check",
        ),
        Task(
            "6u",
            "Let closeness take its time",
            "Trust may grow slowly. There is no date by which it must be there.",
            ("BC-5",),
            place="support people",
        ),
    ),
    entry=(
        Question("missing", "What of yourself do you miss?"),
        Question("allowed", "What would you do if nobody minded?"),
    ),
    exit=(
        Question("mine", "What is yours again?"),
        Question("next", "What do you want to keep up?"),
    ),
    prompts=(
        Prompt("You may grieve for who you were, and see what has become strong. Name one thing.", ("IDX-1",)),
        Prompt("Being cut off was part of it, and trust is hard after that. Slow is fine.", ("BCX-1",)),
    ),
)

LOOK_AHEAD = Step(
    key="7",
    title="Look ahead and notice early",
    about="Know your own signs, keep what helps, and decide how you want to meet people from now on.",
    elements=("STP-7",),
    tasks=(
        Task(
            "7a",
            "Look at patterns",
            "Go through signs that worry and signs that are good: too much too soon, pulling you away, put-downs as "
            "help, hot and cold, limits crossed and the story changed; words that match acts, respect for your life, "
            "fair quarrels, joy in your growth, plain honest talk. Look for as long as you need.",
            ("RF-1", "RF-2", "RF-3", "RF-4", "RF-5", "GF-1", "GF-2", "GF-3", "GF-4", "GF-5"),
            place="pattern check",
        ),
        Task(
            "7b",
            "Money of your own",
            "One small step towards standing on your own money.",
            ("RS-1", "CX-2"),
            place="goals",
        ),
        Task("7c", "More than one to lean on", "Name two or three people or places for hard days.", ("RS-2", "CX-3")),
        Task("7d", "Your own life and ties", "Keep up one interest and one tie that are yours.", ("RS-3",)),
        Task("7e", "Say it clearly and kindly", "“I want … I do not want …” Practise on small things.", ("RS-4",)),
        Task("7f", "Act on early signs", "Write down your first signs, and what you do when one shows.", ("RS-5",)),
        Task("7g", "Trust by what people do", "Let trust follow what somebody does over a long time.", ("FQ-5",)),
        Task(
            "7h",
            "A plan for afterwards",
            "What keeps you well when we no longer meet each week.",
            (),
            place="after-care plan",
            ways=(
                Way("check_ins", "Booked check-ins", ("MN-1",)),
                Way("network", "People around you", ("MN-2",)),
                Way("learning", "Learning more about patterns", ("MN-3",)),
                Way("self_care", "Looking after yourself", ("MN-4",)),
                Way("boundaries", "Keeping your limits", ("MN-5",)),
            ),
        ),
    ),
    entry=(
        Question("wish_for", "How do you want to live and love from now on?"),
        Question("worry", "What do you worry could happen again?"),
    ),
    exit=(
        Question("own_ground", "What do you count on in yourself?"),
        Question("did", "Name one thing you did that you are glad of."),
    ),
    prompts=(
        Prompt("The aim is to see clearly, not to close yourself off from love.", ("FPX-1",)),
        Prompt("Look for strength in something this client did, and name that act.", ("MF-1", "MF-3")),
    ),
)
