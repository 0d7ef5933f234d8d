"""The table of agencies' names, for a name typed with a slip."""

from collections.abc import Iterable
from functools import lru_cache

from data.text.normalise import fold, shapes, words
from handlers.understanding.slips import slips

_CANDIDATES = 24
_SHORTEST_NAME = 8


class Names:
    """The table of names, asked for the nearest where none fits to the letter."""

    def __init__(self, forms: Iterable[tuple[str, str]]) -> None:
        self._keys: dict[str, set[str]] = {}
        self._shapes: dict[str, set[str]] = {}
        for text, key in forms:
            form = " ".join(words(fold(text)))
            self._keys.setdefault(form, set()).add(key)
            self._shapes.setdefault(form, set()).update(shapes(text))
        self._forms = [form for form in self._keys if len(form) >= _SHORTEST_NAME]
        self._openings = {form.split()[0] for form in self._forms if " " in form}
        self.nearest = lru_cache(maxsize=4096)(self._nearest)

    def opens(self, folded: str) -> bool:
        """Whether some name begins with this word."""
        return folded in self._openings

    def _nearest(self, typed: tuple[str, ...]) -> tuple[str, ...]:
        """The keys of the name at most two slips away; several where names are as near. It has
        every letter with the shape that was typed: "công dân" is no slip of "công đoàn"."""
        said = fold(" ".join(typed))
        typed_shapes = shapes(" ".join(typed))
        if len(said) < _SHORTEST_NAME:
            return ()
        allowed = 1 if len(said) < 2 * _SHORTEST_NAME else 2
        found = [
            (form, distance)
            for form, distance in slips(said, self._forms, allowed, _CANDIDATES)
            if form.split()[0] == fold(typed[0]) and typed_shapes <= self._shapes[form]
        ]
        nearest = min((distance for _, distance in found), default=0)
        keys = {k for form, d in found if d == nearest for k in self._keys[form]}
        return tuple(sorted(keys))
