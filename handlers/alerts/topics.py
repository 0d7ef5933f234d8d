"""Whether a task speaks of a topic."""

from collections import defaultdict
from itertools import pairwise

from data.model import Task
from data.text import normalise
from data.text.normalise import compatible, fold


def on_topic(task: Task, topic: str) -> bool:
    """Whether a task speaks of a topic: each of its words stands there beside its neighbour.

    Diacritics that are typed count; those that are left out are forgiven.
    """
    text = normalise.words(" ".join((task.title, *task.topics, task.quote)))
    typed = normalise.words(topic)
    if len(typed) < 2:
        return any(compatible(word, other) for word in typed for other in text)
    pairs = defaultdict(list)
    for pair in pairwise(text):
        pairs[fold(pair[0]), fold(pair[1])].append(pair)
    covered: set[int] = set()
    for place, (one, other) in enumerate(pairwise(typed)):
        found = pairs.get((fold(one), fold(other)), ())
        if any(compatible(one, x) and compatible(other, y) for x, y in found):
            covered |= {place, place + 1}
    return len(covered) == len(typed)
