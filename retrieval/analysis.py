"""Text -> terms: one analysis for passages and questions, so that both always meet."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import Stemmer

from retrieval.languages import Language, Script, languages

# A change of what analysis yields must change this: stored indexes carry it and are built again when it differs.
ANALYSIS_VERSION = 1

# A run of letters and digits, continued over: apostrophes, soft hyphens and the zero-width marks of web pages;
# combining accents; the points and commas of numbers ("1,000.5"); the points of abbreviations ("U.S."). It never has to
# try a start twice, so it is linear on any input.
_MARKS = "'\u2019\u02bc\u00ad\u200b-\u200d\u2060\u0300-\u036f"
WORD = re.compile(
    rf"[^\W_]+(?:[{_MARKS}]+[^\W_]+|[\u0300-\u036f]+|[.,](?<=\d[.,])\d+"
    r"|\.(?<=(?<![^\W_])[^\W\d_]\.)[^\W\d_](?![^\W_]))*"
)
_DROPPED = re.compile("['\u00ad\u0300-\u036f\u200b-\u200d\u2060]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_KEPT = 8_192  # paragraphs whose words are kept: some 10 MB, and 4 MB of terms alone
_CACHE_LIMIT = 500_000  # distinct words as written; about 60 MB when full


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: its term and where it stands. `term` is empty for a stop word."""

    term: str
    start: int
    end: int


class Analyzer:
    """Text -> terms: Unicode and case folding, stop words, Snowball stems.

    Words are stemmed by their own script, so texts and questions may mix languages; `language` (ISO 639-1) chooses
    among languages of one script. Each distinct word is worked out once and remembered.
    """

    def __init__(self) -> None:
        self._by_script: dict[Script, str] = {}
        for code, language in languages().items():
            self._by_script.setdefault(language.script, code)
        self._caches: dict[str, _Terms] = {}
        self._kept_words = lru_cache(_KEPT)(self._words)
        self._kept_terms = lru_cache(_KEPT)(self.terms)

    def terms(self, text: str, language: str = "en") -> list[str]:
        """The terms of the text in order, stop words left out."""
        return list(filter(None, self.sequence(text, language)))

    def sequence(self, text: str, language: str = "en") -> list[str]:
        """The term of every word in order, an empty one for each stop word, so that neighbours stay neighbours."""
        return list(map(self.mapping(language).__getitem__, WORD.findall(text)))

    def tokens(self, text: str, language: str = "en", among: Container[str] | None = None) -> list[Token]:
        """`sequence` with the place of each word: offsets are string indices into the text as given.

        `among`: only the words of these terms. The words of texts looked at so are kept for the next time.
        """
        terms, spans = self._kept_words(text, language) if among is not None else self._words(text, language)
        chosen = (n for n, term in enumerate(terms) if among is None or term in among)
        return [Token(terms[n], spans[2 * n], spans[2 * n + 1]) for n in chosen]

    def term_set(self, text: str, language: str) -> set[str]:
        """The different terms of the text, which are kept for the next time."""
        return set(self._kept_terms(text, language))

    def _words(self, text: str, language: str) -> tuple[list[str], array[int]]:
        """The term of each word, and where each begins and ends."""
        cache = self.mapping(language)
        matches = list(WORD.finditer(text))
        spans = array("I", [edge for match in matches for edge in match.span()])
        return [cache[match.group()] for match in matches], spans

    def mapping(self, code: str) -> Mapping[str, str]:
        """Word as written -> term, for a caller that finds the words by `WORD` itself."""
        known = languages()
        if code not in known:
            code = "en"
        terms = self._caches.get(code)
        if terms is None:
            chosen = {script: known[first] for script, first in self._by_script.items()}
            chosen[known[code].script] = known[code]
            terms = self._caches[code] = _Terms(chosen)
        return terms


@cache
def shared_analyzer() -> Analyzer:
    """One for all who need none of their own, so that a word is worked out once for all of them."""
    return Analyzer()


class _Terms(dict[str, str]):
    """Word as written -> term, worked out when first asked for."""

    def __init__(self, by_script: dict[Script, Language]) -> None:
        super().__init__()
        self._languages = by_script
        self._stemmers = {script: Stemmer.Stemmer(language.stemmer) for script, language in by_script.items()}

    def __missing__(self, word: str) -> str:
        term = self._term(word)
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        self[word] = term
        return term

    def _term(self, word: str) -> str:
        folded = unicodedata.normalize("NFKC", word).casefold().replace("\u2019", "'").replace("\u02bc", "'")
        script: Script = "Cyrillic" if any("\u0400" <= letter <= "\u04ff" for letter in folded) else "Latin"
        language = self._languages[script]
        # Accents are lost in machine copies; but Cyrillic й is a letter of its own.
        folded = unicodedata.normalize("NFKD", folded) if script == "Latin" else folded.replace("ё", "е")
        capitals = word.isupper() and folded in language.names_in_capitals
        if folded in language.stop_words and not capitals:
            return ""
        if folded[0].isdecimal():
            return _THOUSANDS.sub("", folded).replace(",", ".")
        folded = _DROPPED.sub("", folded.removesuffix("'s")).replace(".", "")
        if folded in language.stop_words and not (capitals or folded in language.names_in_capitals):
            return ""
        return str(self._stemmers[script].stemWord(folded))
