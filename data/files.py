"""Where the packaged files lie. No other module knows a path inside the package."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

PLANS = _ROOT / "data" / "plans"
AGENCIES = _ROOT / "data" / "agencies.yaml"
LOCALES = _ROOT / "locales"
PHRASES = LOCALES / "vi" / "phrases"
MIGRATIONS = _ROOT / "data" / "store"
WEB = _ROOT / "bot" / "web"


def catalogue(language: str) -> Path:
    """The message catalogue of a language ("vi", "en")."""
    return LOCALES / language / "LC_MESSAGES" / "dondoc.po"
