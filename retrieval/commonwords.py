"""Words so common that a text which answers often says them otherwise: "want", "leave", "get", "main".

In a large corpus their idf tells; in a small one it cannot, and a word that is not there would count like a name.
"""

from __future__ import annotations

from functools import cache

from retrieval.analysis import Analyzer

_WORDS = {
    "en": """
want wanted wants leave left leaving make made makes making get got gets getting go goes went gone going come came comes
give gave given gives take took taken takes use used uses need needed needs try tried tries ask asked asks work worked
works seem seems seemed feel feels felt become became becomes put mean means meant keep kept keeps let begin
began begins
help helped helps show showed shown shows happen happens happened provide provided provides lose lost pay paid meet met
include includes included continue continued continues set lead led leads understand stop stopped create created follow
followed allow allowed add added spend spent grow grew grown open opened win won wins offer offered consider considered
appear appeared buy bought wait serve served send sent expect expected build built stay stayed fall fell fallen
cut reach
reached remain remained suggest suggested raise raised pass passed sell sold require required decide decided find found
finds tell told tells call called calls look looked looks see saw seen sees know knew known knows think thought
thinks say
said says talk talked talks speak spoke plan planned plans start started bring brought turn turned hold held move moved
live lived believe believed claim claimed deal cause caused affect affected refer referred form formed
people person man woman thing year day time way part place case kind type name number group problem question
reason result
main major new good bad great big small large long high low old young first last next important different able likely
""",
    "ru": """
хотеть хочет хотел хотят хотела делать делает делал сделал сделать мочь может могут мог нужно надо иметь имеет
имел стать
стал стала стали становится быть был была были есть будет будут идти идет пойти прийти пришел дать дал дали дает взять
взял брать использовать используется использовал начать начал начали начался закончить работать работает работал знать
знает знал думать думает сказать сказал говорить говорит считать считает видеть видит найти нашел находится получить
получил получает происходить произошло происходит случилось являться является являлся называть называется назвал
оставить оставил уйти ушел просить спросить помочь помогает показать показал включать включает вести ведет решить решил
требовать требует предложить предложил ждать ожидать
люди человек год день время раз часть место случай вид тип имя число группа проблема вопрос причина результат
новый хороший плохой большой маленький главный основной важный другой первый последний
""",
}


@cache
def common_terms(language: str) -> frozenset[str]:
    """The terms of the language's common words; none for a language that has no list."""
    return frozenset(Analyzer().terms(_WORDS.get(language, ""), language))
