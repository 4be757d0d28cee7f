"""Words so common that they lead to nobody: the leak guard does not take a phrase of them for a secret.

Rule: data alone, folded (no case, no accents).
"""

COMMON = frozenset(  # a string, for a list of this length would stand one word a line
    """
    a about after afternoon again ago all always am an and any are around as ask asked at away back bag be because bed
    been before being best between big both but by call called can car child children city clothes come could day days
    did do does door down each early evening every few find first for friend friends from front full get give go goes
    going good had half has have he help her here him his home house hour hours how i if in inside is it its just keep
    keeps kept key keys kid kids know knows last late leave left let like list little live lives long look made make
    many may me minute minutes money month months more morning most mother much my name near never new next nice night
    no not note notes nothing now number of off often on once one only open or other our out outside over own paper
    papers park people person phone place plan put read ring room said same say school see seven she should show
    sister six small so some somebody something sometimes soon start station stay still stop street take talk tell ten
    than that the their them then there these they thing things think this those three through time times to today
    together told tomorrow too town two under until up us use used very wait walk want was way we week weekend weeks
    well went were what when where which while who will with without work would write year years yes you your
    monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays
    sundays january february march april june july august september october november december
    """.split()  # noqa: SIM905 - read more easily as text
)
