from __future__ import annotations

import random

import pytest

from storage import articles as stored
from storage.stories import story_of
from tests.storage.conftest import Desk

DISPATCH = (
    "OSTHAVN, May 2. /NORD/. The harbour master of Osthavn, Ada Berg, said on Thursday that the old pier would be"
    " closed for repairs until the spring, and that all ferries to Lindholm would leave from the northern quay.",
    "“We found cracks in eleven of the forty pillars, and I will not wait for the twelfth,” she told reporters after a"
    " meeting of the port council, which had voted for the repairs with seven votes against two.",
    "The shipping company Lindline, which runs six ferries a day, asked for compensation of 240,000 crowns. The council"
    " will decide on the request in June, when the engineers have written their report on the remaining pillars.",
)
OTHER = (
    "LINDHOLM, May 2. /NORD/. Fishermen in Lindholm landed more herring in April than in any month since 2009, the"
    " fisheries office reported on Thursday, and prices at the quay fell by a third within a week.",
    "“The nets were so full that we had to cut two of them,” said skipper Jon Dahl, who has fished off the northern"
    " bank for thirty years and remembers only one spring like this one.",
)


def mistyped(text: str) -> str:
    """As machine-made copies have it: odd spaces, stray marks, other quotes."""
    return text.replace("“", '"').replace("”", "").replace(", ", " ,  ").replace(". ", " . ")


def reworded(text: str, share: float) -> str:
    chance = random.Random(3)  # noqa: S311
    return " ".join("indeed" if chance.random() < share else word for word in text.split(" "))


async def stories(desk: Desk) -> list[list[str | None]]:
    async with desk.database.reading() as session:
        found = await stored.latest(session, 50)
        groups = {tuple(a.external_id for a in await story_of(session, article.id)) for article in found}
        assert (await stored.count(session)).stories == len(groups)
    return sorted([list(group) for group in groups], key=str)


@pytest.mark.parametrize(
    "copy",
    [
        [*(mistyped(text) for text in DISPATCH), "Read it in full."],
        list(DISPATCH[:2]),  # cut short
        [*DISPATCH, OTHER[0]],  # with a paragraph more
        [reworded(text, 0.08) for text in DISPATCH],
        [" ".join(DISPATCH)],
    ],
    ids=["mistyped", "cut", "extended", "reworded", "lumped"],
)
async def test_copies_of_a_dispatch_are_one_story(desk: Desk, copy: list[str]) -> None:
    desk.write("a", *DISPATCH, external_id="a")
    desk.write("b", *OTHER, external_id="b")
    await desk.load()
    desk.write("c", *copy, external_id="c")
    await desk.load()
    assert await stories(desk) == [["a", "c"], ["b"]]


async def test_copies_that_come_in_together_are_one_story(desk: Desk) -> None:
    for number in range(5):
        desk.write(str(number), *DISPATCH, f"Copy {number}.", external_id=str(number))
    await desk.load()
    assert await stories(desk) == [["0", "1", "2", "3", "4"]]


async def test_the_earliest_by_its_date_comes_first_whenever_it_came_in(desk: Desk) -> None:
    desk.write("late", *DISPATCH[1:], external_id="late", dates={"data": "2024-05-04"})
    await desk.load()
    desk.write("early", *DISPATCH[1:], "Nord", external_id="early", dates={"data": "2024-05-02"})
    await desk.load()
    assert await stories(desk) == [["early", "late"]]


async def test_a_copy_between_two_stories_makes_them_one(desk: Desk) -> None:
    desk.write("a", DISPATCH[0], external_id="a")
    desk.write("b", DISPATCH[1], external_id="b")
    await desk.load()
    assert len(await stories(desk)) == 2
    desk.write("c", *DISPATCH[:2], external_id="c")
    await desk.load()
    assert await stories(desk) == [["a", "b", "c"]]


async def test_bulletins_of_other_days_and_with_other_numbers_are_other_stories(desk: Desk) -> None:
    form = (
        "The central bank of Nordland has set the rates of foreign currencies for the following day, the bank reported."
        " One dollar costs {} crowns, one euro {} crowns and a hundred yen {} crowns, while gold is at {} crowns."
    )
    desk.write("a", form.format(10.51, 11.22, 7.33, 812), external_id="a", dates={"data": "2024-05-02"})
    desk.write("b", form.format(10.64, 11.37, 7.28, 809), external_id="b", dates={"data": "2024-05-03"})
    desk.write("c", form.format(10.51, 11.22, 7.33, 812) + " Rates.", external_id="c", dates={"data": "2024-04-02"})
    await desk.load()
    assert await stories(desk) == [["a"], ["b"], ["c"]]


async def test_a_correction_stays_in_its_story(desk: Desk) -> None:
    desk.write("a", *DISPATCH, external_id="a")
    desk.write("b", *DISPATCH, "Nord", external_id="b")
    await desk.load()
    desk.write("b", *DISPATCH, "Nord. Corrected.", external_id="b")
    await desk.load()
    assert await stories(desk) == [["a", "b"]]


async def test_an_article_that_is_gone_is_in_no_story(desk: Desk) -> None:
    desk.write("a", *DISPATCH, external_id="a")
    desk.write("b", *DISPATCH, "Nord", external_id="b")
    await desk.load()
    del desk.sources["desk"]["a"]
    await desk.load()
    assert await stories(desk) == [["b"]]
