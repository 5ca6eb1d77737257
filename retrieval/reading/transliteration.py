"""One key for a name in Cyrillic and in the Latin spellings that news uses for it: Хрущёв, Khrushchev, Hruschev.

Systems of romanisation differ in a few sounds only: ж zh/ž, х kh/h, ц ts/tz, ч ch/tch, ш and щ sh/sch/shch, й ы и ий
i/y/j/iy, ё yo/e, е ye/ie/e, я ya/ia/ja, ю yu/iu/ju, кс ks/x, в v/w/ff. The key writes each one way, whichever script it
is given. A key is for finding and comparing, never for showing. Names that Russian respells by English sound (Трамп,
Байден) have no such rule and do not meet their originals.
Sources: ICAO Doc 9303-3 section 6 (passports), BGN/PCGN 1947 (the English-language press), ISO 9:1995.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# H, C, S, Z: the sounds х, ч, ш/щ, ж, so that no two small letters are taken for one of them.
_CYRILLIC = str.maketrans(
    dict(
        zip(
            "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўј",
            "a b v g d e io Z z i i k l m n o p r s t u f H c C S S ' i ' e iu ia i i e g u i".split(),
            strict=True,
        )
    )
)
_ISO_9 = str.maketrans(
    {"š": "S", "ŝ": "S", "č": "C", "ž": "Z", "â": "ia", "û": "iu", "ë": "io", "è": "e", "ʹ": "", "ʺ": ""}
)
_RULES = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"дж|dzh|dj(?=[aeou])", "j"),
        (r"shch|schtsch|tsch(?=[aeiouyr])|sch|sh", "S"),
        (r"tch|ch", "C"),
        (r"zh", "Z"),
        (r"ph", "f"),
        (r"kh|h", "H"),
        (r"tz|ts|c(?=[eiy])|c(?=ova?$)", "c"),
        (r"ck|c(?![eiy]|ova?$)|q", "k"),
        (r"x", "ks"),
        (r"(?<=[eo])ff(?=a?$)|w", "v"),
        (r"ou|oo", "u"),
        (r"[yj]", "i"),
        (r"i{2,}", "i"),
        (r"i[eo]", "e"),
        (r"(?<=[CSZ])o", "e"),
        (r"ander$", "andr"),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=1 << 14)
def name_key(name: str) -> str:
    """The key of a name, word by word, equal for its Cyrillic form and its usual romanisations; "" without letters."""
    return " ".join(filter(None, (_word_key(word) for word in name[:200].lower().split())))


def _word_key(word: str) -> str:
    key = unicodedata.normalize("NFC", word).replace("дж", "j").translate(_CYRILLIC).translate(_ISO_9)
    key = "".join(c for c in unicodedata.normalize("NFKD", key) if c.isascii() and c.isalnum())
    for pattern, form in _RULES:
        key = pattern.sub(form, key)
    return key
