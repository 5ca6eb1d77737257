from __future__ import annotations

from retrieval.reading import Document
from storage.people import everyone, quotes_of, speaker_key, with_roles
from tests.storage.conftest import Desk


def test_spellings_of_one_name_have_one_key() -> None:
    assert speaker_key("Пётр  Алёшин") == speaker_key("ПЕТР Алешин")
    assert speaker_key("Ada-Lena Berg") == speaker_key("Ada Lena Berg")
    assert speaker_key("Ada Berg") != speaker_key("Ida Berg")


async def test_the_most_quoted_come_first_with_their_last_role(desk: Desk) -> None:
    desk.write("a", "“We sail,” Mayor Ada Berg said.", "“We wait,” Berg said.")
    desk.write("b", "“The ferry is late,” Captain Olaf Strand said.")
    await desk.load()

    async with desk.database.reading() as session:
        found = await with_roles(session, await everyone(session))
        assert [(entry.name, entry.quotes) for entry in found] == [("Ada Berg", 2), ("Olaf Strand", 1)]
        assert [entry.role for entry in found] == ["Mayor", "Captain"]


async def test_a_bare_surname_and_another_script_join_the_one_person_they_fit(desk: Desk) -> None:
    desk.write("a", "“We sail,” Mayor Ada Berg said.")
    desk.write("b", "“We wait,” Berg said.")
    desk.sources["desk"]["c"] = Document(paragraphs=("«Мы ждём», — сказала мэр Ада Берг.",), language="ru")
    desk.write("d", "“No ferry today,” Captain Olaf Strand said.")
    desk.write("e", "“Nor tomorrow,” Ingrid Strand said.")
    desk.write("f", "“Perhaps on Sunday,” Strand said.")
    await desk.load()

    async with desk.database.reading() as session:
        found = {person.quotes: person for person in await everyone(session)}
        berg = found[3]
        assert berg.name in ("Ada Berg", "Ада Берг")
        assert len(await quotes_of(session, berg.keys, limit=10)) == 3
        names = [person.name for person in await everyone(session) if person != berg]
    assert sorted(names)[:3] == ["Ingrid Strand", "Olaf Strand", "Strand"]  # which Strand is meant, nobody says
    assert berg.answers_to("Берг")
    assert not berg.answers_to("Ida Berg")


async def test_quotes_of_a_speaker_come_newest_first_and_undated_last(desk: Desk) -> None:
    for key, date in (("a", "2023-01-02"), ("b", None), ("c", "2024-01-02")):
        dates = {"data": date} if date else {}
        desk.write(key, f"“Ship {key} sails,” Mayor Ada Berg said.", f"“Ship {key} waits,” Berg said.", dates=dates)
    await desk.load()

    async with desk.database.reading() as session:
        quotes = await quotes_of(session, [speaker_key("Ada Berg")], limit=10)
        assert [quotation.text for _, quotation in quotes] == [
            "Ship c sails,", "Ship c waits,", "Ship a sails,", "Ship a waits,", "Ship b sails,", "Ship b waits,",
        ]  # fmt: skip
        assert all(quotation in article.quotes for article, quotation in quotes)
        assert await quotes_of(session, [speaker_key("Ada Berg")], limit=2, offset=3) == quotes[3:5]
        assert await quotes_of(session, [speaker_key("Nobody")]) == []


async def test_who_is_quoted_in_hidden_articles_only_is_no_speaker(desk: Desk) -> None:
    desk.write("a", "“We sail,” Mayor Ada Berg said.")
    await desk.load()
    kept = desk.sources["desk"].pop("a")
    await desk.load()
    async with desk.database.reading() as session:
        assert await everyone(session) == ()

    desk.sources["desk"]["a"] = kept
    await desk.load()
    async with desk.database.reading() as session:
        assert [entry.name for entry in await everyone(session)] == ["Ada Berg"]
