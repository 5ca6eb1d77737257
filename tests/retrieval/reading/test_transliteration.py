"""Names in Cyrillic and in Latin letters."""

import pytest

from retrieval.reading.transliteration import name_key

SPELLINGS = """
Антонов Antonov Antonow|Хрущёв Хрущев Khrushchev Hruschev Khrushchyov Khrushchov|Щукин Shchukin Schukin
Юлия Yulia Julia Yuliya Iuliia|Дмитрий Dmitry Dmitri Dmitriy Dmitrij Dmitrii|Захарова Zakharova Zaharova
Горбачёв Gorbachev Gorbachyov Gorbatchev|Сергей Sergey Sergei Sergej|Шойгу Shoigu Shoygu|Жуков Zhukov Žukov
Цой Tsoi Tsoy
Кузнецов Kuznetsov Kuznecov|Соловьёв Solovyov Solovyev Soloviev Solov'ev|Васильев Vasilyev Vasiliev Vasil’ev
Татьяна Tatyana Tatiana Tatjana|Евгений Evgeny Yevgeny Evgenii Yevgeniy Jewgenij|Ксения Ksenia Kseniya Xenia
Александр Aleksandr Alexander Alexandr|Алексей Aleksei Alexey Alexei|Пётр Pyotr Petr|Фёдор Fyodor Fedor Fjodor
Юрий Yuri Yury Yuriy Iurii Jurij|Илья Ilya Ilia Il'ja|Достоевский Dostoevsky Dostoyevsky Dostoevskii Dostojewski
Чайковский Tchaikovsky Chaikovsky Chaykovskiy|Романов Romanov Romanoff|Быков Bykov|Белый Bely Belyi Belyy
Сергеев Sergeyev Sergeev|Ильич Ilyich Ilich|Виктор Viktor Victor|Максим Maksim Maxim|Королёв Korolev Korolyov
Любовь Lyubov Liubov Ljubov|Григорьева Grigoryeva Grigorieva|Майоров Mayorov Maiorov|Анна Anna
Наталья Natalya Natalia Natalja|Анатолий Anatoly Anatoli Anatolij Anatoliy|Мария Maria Mariya Marija
Яковлев Yakovlev Iakovlev Jakovlev|Артём Artyom Artem|Пашинян Pashinyan Pashinian|Эрдоган Erdogan Erdoğan
Зеленский Zelensky Zelenskyy Zelenskiy Zelenski|Филипп Filipp Philipp|Рябков Ryabkov Riabkov
Чехов Chekhov Čehov Tchekhov
Айвазовский Aivazovsky Ayvazovsky|Хабаров Khabarov Habarov|Лавров Lavrov Lawrow|Ельцин Yeltsin Eltsin
"""
DIFFERENT = """
Иванов Иванова|Petrov Petrova|Петров Petrova|Ivanov Ivanova|Попов Поповых|Орлов Арлов|Белов Былов|Громов Громыко
Цветков Светков|Чуркин Шуркин|Жаров Шаров|Антонов Антонян|Юлий Юлия|Маша Миша|Хомов Комов|Зорин Жорин|Zhukov Zukov
Александр Александра|Валерий Валерия|Королёв Королёва|Shukhov Sukhov
"""


@pytest.mark.parametrize("spellings", SPELLINGS.strip().replace("\n", "|").split("|"))
def test_a_name_and_its_romanisations_share_a_key(spellings: str) -> None:
    assert len({name_key(word) for word in spellings.split()}) == 1


@pytest.mark.parametrize("pair", DIFFERENT.strip().replace("\n", "|").split("|"))
def test_different_names_have_different_keys(pair: str) -> None:
    one, other = pair.split()
    assert name_key(one) != name_key(other)


def test_a_full_name_is_keyed_word_by_word() -> None:
    assert name_key("Юлия  Щукина") == name_key("Yulia Shchukina") == f"{name_key('Юлия')} {name_key('Щукина')}"


def test_what_has_no_letters_has_no_key() -> None:
    assert name_key(" — ’ ") == ""
    assert len(name_key("щ" * 100_000)) <= 200
