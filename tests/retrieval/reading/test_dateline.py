"""Datelines of agencies, real in form and invented in content."""

from __future__ import annotations

import pytest

from retrieval.reading.dateline import find_dateline


@pytest.mark.parametrize(
    ("dateline", "place", "date", "agency"),
    [
        ("OSTHAVN, December 31. / NORD /. ", "OSTHAVN", "XXXX-12-31", "NORD"),
        ("OSTHAVN , December 31 . /NORD/ . ", "OSTHAVN", "XXXX-12-31", "NORD"),
        ("OSTHAVN, December 31, 2021. /NORD/. ", "OSTHAVN", "2021-12-31", "NORD"),
        ("OSTHAVN, December 31 /NORD/ — ", "OSTHAVN", "XXXX-12-31", "NORD"),
        ("OSTHAVN, Dec. 31 (Reuters) — ", "OSTHAVN", "XXXX-12-31", "Reuters"),
        ("OSTHAVN, Dec 31 (Reuters) - ", "OSTHAVN", "XXXX-12-31", "Reuters"),
        ("OSTHAVN/BELMARE, Dec. 3 (Nordwire) -- ", "OSTHAVN/BELMARE", "XXXX-12-03", "Nordwire"),
        ("OSTHAVN, Friday, December 31 (Kyodo) – ", "OSTHAVN", "XXXX-12-31", "Kyodo"),
        ("Dec. 31 (Reuters) — ", None, "XXXX-12-31", "Reuters"),
        ("(Reuters) - ", None, None, "Reuters"),
        ("ALDERTON, 9 November 2023 (Coastal Press Agency). — ", "ALDERTON", "2023-11-09", "Coastal Press Agency"),
        ("PARIS, May 2. ", "PARIS", "XXXX-05-02", None),
        ("PARIS, May 2, 2023 – ", "PARIS", "2023-05-02", None),
        ("LONDON (AP) — ", "LONDON", None, "AP"),
        ("LONDON (AP), May 2 — ", "LONDON", "XXXX-05-02", "AP"),
        ("KYIV, Ukraine (AP) - ", "KYIV", None, "AP"),
        ("KYIV. May 12 (Interfax) – ", "KYIV", "XXXX-05-12", "Interfax"),
        ("LA ROCHE, N.H., April 1 (UPI) —\u00a0", "LA ROCHE", "XXXX-04-01", "UPI"),
        ("Osthavn (AFP) – ", "Osthavn", None, "AFP"),
        ("Brussels, 12 May (Belga) - ", "Brussels", "XXXX-05-12", "Belga"),
        ("ST. ALBAN, May 2. /NORD/. ", "ST. ALBAN", "XXXX-05-02", "NORD"),
        ("RIO DE LAGO – ", "RIO DE LAGO", None, None),
        ("GRENAU — ", "GRENAU", None, None),
        ("GRENAU, Iowa – ", "GRENAU", None, None),
        ("GRENAU, DC – March 3, 2023 – ", "GRENAU", "2023-03-03", None),
        ("Grenau, D.C. - March 3 - ", "Grenau", "XXXX-03-03", None),
        ("NEW GRENAU – March 3, 2023 – ", "NEW GRENAU", "2023-03-03", None),
        ("FOR IMMEDIATE RELEASE – March 3, 2023 – ", None, "2023-03-03", None),
        ("TASS, December 31. ", None, "XXXX-12-31", "TASS"),
        ("ВАШИНГТОН, 31 декабря. /ТАСС/. ", "ВАШИНГТОН", "XXXX-12-31", "ТАСС"),
        ("САНКТ-ПЕТЕРБУРГ, 2 мая 2022 года. /Корр. ТАСС Илья Зимин/. ", "САНКТ-ПЕТЕРБУРГ", "2022-05-02", "ТАСС"),
        ("МОСКВА, 5 мар — РИА Новости. ", "МОСКВА", "XXXX-03-05", "РИА Новости"),
        ("МОСКВА, 5 мар - ПРАЙМ. ", "МОСКВА", "XXXX-03-05", "ПРАЙМ"),
        ("Брюссель. 12 мая. ИНТЕРФАКС - ", "Брюссель", "XXXX-05-12", "ИНТЕРФАКС"),
        ("ТАСС, 31 декабря. ", None, "XXXX-12-31", "ТАСС"),
        ("Остхавн, 1 февраля - АиФ-Север. ", "Остхавн", "XXXX-02-01", "АиФ-Север"),
    ],
)
def test_a_dateline_is_taken_apart(dateline: str, place: str | None, date: str | None, agency: str | None) -> None:
    found = find_dateline([dateline + "The harbour was closed, the master said.", "It opened later."])
    assert found is not None
    assert (found.place, found.date and str(found.date), found.agency) == (place, date, agency)
    assert found.end == len(dateline)


@pytest.mark.parametrize(
    "paragraph",
    [
        "On Friday, December 31, the minister spoke.",
        "President Marta Veldhuis, May 2. She was late.",
        "December 31 was a cold day.",
        "May 2. The day after the strike.",
        "March 14 (Pi Day) — The bakers came.",
        "Ruth Vale (Labour) – The member for Holt rose.",
        "NATO — the alliance that was founded in 1949 — met.",
        "NATO — Its members met.",  # the word stands in capitals again below
        "BREAKING — The bridge is open.",
        "MARKOVA: We shall see.",
        "A U.S. - Toraine treaty was signed.",
        "OSTHAVN, N.Y. Donations came in.",
        "EDITOR'S NOTE: This text was changed.",
        "ФСБ — Федеральная служба.",
        "III – The third part.",
        "WE ARE THE CHAMPIONS. So they sang.",
        "(This story was updated with news of the strike.)",
        "PARIS, February 31. Never.",
        "Nora Quist, Observer – March 3, 2023 – The member for Holt rose.",  # an author, no place
        "Grenau, DC – March 3 was a cold day.",
        "Остхавн, 1 февраля - Ответ готов. Суд решил.",
    ],
)
def test_the_beginning_of_a_sentence_is_no_dateline(paragraph: str) -> None:
    assert find_dateline([paragraph, "The members of NATO met."]) is None


def test_a_name_before_a_dash_at_several_paragraphs_is_a_speaker_not_a_place() -> None:
    assert find_dateline(["VELDHUIS — We meet again.", "BRANDVIK — We do.", "VELDHUIS — Good."]) is None
    assert find_dateline(["GRENAU — We meet again.", "BRANDVIK — We do."]) is not None
