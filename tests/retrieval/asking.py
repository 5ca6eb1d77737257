"""Articles read, indexed in memory and asked, as the bot does it."""

from __future__ import annotations

import datetime as dt

from retrieval.answer import choose
from retrieval.confidence import THRESHOLD
from retrieval.embedded import EmbeddedEngine
from retrieval.passages import passages_of
from retrieval.question import understand
from retrieval.reading import Document, read
from retrieval.types import Answer, Article, DateRange, Limits, PartialDate, Query

NOW = dt.date(2024, 6, 12)
SEEN = dt.datetime(2024, 6, 4, tzinfo=dt.UTC)
DECEMBER = DateRange(PartialDate(month=12), PartialDate(month=12))


def understood(text: str, filters: Limits = Limits()) -> Query:
    """The question as it is understood `NOW`."""
    return understand(text, now=NOW, filters=filters)


class Archive:
    """The articles of these texts, numbered from 1."""

    def __init__(self, engine: EmbeddedEngine, articles: dict[int, Article]) -> None:
        self.engine = engine
        self.articles = articles

    @classmethod
    async def of(cls, *texts: str) -> Archive:
        articles = {
            number: read(Document(text=text), NOW).with_id(number, SEEN) for number, text in enumerate(texts, start=1)
        }
        engine = await EmbeddedEngine.open()
        await engine.add([passage for article in articles.values() for passage in passages_of(article)])
        return cls(engine, articles)

    async def ask(self, text: str, *, limit: int = 3, threshold: float = THRESHOLD) -> Answer:
        query = understand(text, now=NOW)
        result = await self.engine.search(query)
        return choose(query, result, self.articles, limit=limit, threshold=threshold)


HARBOUR = """VELM, June 3. /NORDPRESS/. The harbour of Velm will stay closed until the end of October because of silt, \
the port authority said on Monday.

"The treaty is a dead letter, and we will not pay for the dredging," Ambassador Lena Orlova told reporters in Velm.

Fishermen have lost some 4 million crowns since the gates were shut in March. However, none of them has been \
compensated so far.

Marek Ilyin, the mayor of Velm, said that the city would buy two new ferries before winter.

"We will dredge the harbour ourselves if nobody else does," Ilyin added.

The grain terminal on the northern bank was built in 1921 by the engineer Anton Sedge. It holds 60,000 tonnes of wheat.

Prices of bread rose by 12 percent in May. Bakers blame the closed terminal.

The harbour treaty was signed by Velm and Ostria in 1987. He who signed it for Ostria, Paul Gant, died last year.

Schools in the old town reopened on Tuesday after repairs to their roofs.

The museum of navigation shows a model of the lighthouse, which a storm destroyed in 1954.

A new railway bridge across the Silver River should be finished by 2026. Its cost is put at 90 million crowns.

The next meeting of the harbour commission takes place on 15 June."""

PORT = """ВЕЛЬМ, 3 июня. /НОРДПРЕСС/. Порт Вельма останется закрытым до конца октября из-за ила, сообщили власти.

«Договор мёртв, и мы не станем платить за углубление дна», — заявила журналистам посол Лена Орлова.

Рыбаки потеряли около 4 млн крон с тех пор, как в марте закрыли ворота. Однако им ничего не заплатили.

Мэр Вельма Марек Ильин сказал, что город купит два новых парома до зимы.

Зерновой терминал на северном берегу построил в 1921 году инженер Антон Седов. Он вмещает 60 тысяч тонн пшеницы.

Музей мореплавания показывает модель маяка, который разрушила буря в 1954 году."""
