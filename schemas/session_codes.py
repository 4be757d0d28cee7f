"""Closed lists of what a session works with: interventions, and how homework went.

One member = one code and one label, like schemas/vocabulary.py. ELEMENTS says which elements of the source guide
(ids of the content inventory) an intervention stands for; it is recorded, never recommended.
"""

from collections.abc import Mapping

from schemas.vocabulary import Coded


class Intervention(Coded):
    TF_CBT = "tf_cbt", "Trauma-focused CBT"
    EMDR = "emdr", "EMDR"
    SOMATIC = "somatic", "Somatic, body-based work"
    IFS_PARTS = "ifs_parts", "Parts work (IFS)"
    GROUP = "group", "Group work"
    PSYCHOEDUCATION = "psychoeducation", "Psychoeducation"
    SAFETY_PLANNING = "safety_planning", "Safety planning"
    REGULATION_SKILLS = "regulation_skills", "Regulation skills"
    BOUNDARY_PRACTICE = "boundary_practice", "Boundary practice"
    VALUES_IDENTITY = "values_identity", "Values and identity"
    GRIEF = "grief", "Grief work"
    MOTIVATIONAL = "motivational", "Motivational work"
    ADVOCACY_REFERRAL = "advocacy_referral", "Advocacy and referral"
    RELAPSE_URGE_WORK = "relapse_urge_work", "Work with urges to return"


ELEMENTS: Mapping[str, tuple[Intervention, ...]] = {
    "PM-1": (Intervention.TF_CBT,),
    "PM-2": (Intervention.EMDR,),
    "PM-3": (Intervention.SOMATIC,),
    "PM-4": (Intervention.IFS_PARTS,),
    "PM-5": (Intervention.GROUP,),
    # Processing trauma usually needs a professional's support: what these have in common.
    "PM-6": (
        Intervention.TF_CBT,
        Intervention.EMDR,
        Intervention.SOMATIC,
        Intervention.IFS_PARTS,
        Intervention.GROUP,
    ),
}


class HomeworkDone(Coded):
    DONE = "done", "Done"
    PARTLY = "partly", "Done in part"
    NOT_DONE = "not_done", "Not done"
    NOT_ASKED = "not_asked", "Not asked"
