"""How a question was read, for the people who tend the phrases (`dondoc explain`)."""

from handlers.understanding.question import Question
from handlers.wording import say


def explained(question: Question) -> str:
    """Normal form, entities, intent, score, rivals, what was left over; one fact a line."""
    facts = [
        ("text", question.text),
        ("repairs", ", ".join(f"{typed} → {read}" for typed, read in question.repairs)),
        ("want", f"{question.want} ({question.score:g})"),
        ("rivals", ", ".join(f"{want} ({score:g})" for want, score in question.rivals)),
        ("cues", ", ".join(sorted(question.cues))),
        ("agencies", ", ".join(f"{m.words} = {'|'.join(m.keys)}" for m in question.agencies)),
        ("excluded", ", ".join("|".join(m.keys) for m in question.excluded)),
        ("plans", ", ".join(question.plans)),
        ("periods", ", ".join(f"{k}: {p.start}–{p.end}" for k, p in question.periods.items())),
        ("clauses", ", ".join(c.words for c in question.clauses)),
        ("documents", ", ".join(d.words for d in question.documents)),
        ("figures", ", ".join(f.words for f in question.figures)),
        ("indicators", ", ".join(question.indicators)),
        ("topic", question.topic_words),
        ("unknown", ", ".join(question.unknown)),
        ("scope", question.scope),
    ]
    return "\n".join(
        say("explain.line", name=say(f"explain.{key}"), value=value)
        for key, value in facts
        if value
    )
