"""Which letters can be a Vietnamese syllable at all, diacritics apart."""

import re

_SYLLABLE = re.compile(
    r"(ngh?|nh|gh|gi|g|kh|k|ch|c|ph|p|qu|th|tr|t|b|d|h|l|m|n|r|s|v|x)?"
    r"(a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|e|ec|em|en|eng|eo|ep|et|eu|ech|enh|i|ia|ich|iec|"
    r"iem|ien|ieng|iep|iet|ieu|im|in|inh|ip|it|iu|o|oa|oac|oach|oai|oam|oan|oang|oanh|oao|oap|"
    r"oat|oay|oc|oe|oen|oeo|oet|oi|om|on|ong|ooc|op|ot|u|ua|uan|uang|uat|uay|uc|ue|uech|uenh|ui|"
    r"um|un|ung|uo|uoc|uoi|uom|uon|uong|uop|uot|uou|up|ut|uu|uy|uya|uych|uyen|uyet|uynh|uyt|y|"
    r"yem|yen|yet|yeu|ynh|ych)"
)


def is_syllable(folded: str) -> bool:
    """Whether the folded letters are an onset and a rhyme of Vietnamese."""
    return _SYLLABLE.fullmatch(folded) is not None
