"""Recent: things stay while there is room, those not asked for longest go first."""

from experiments.recent import Recent


def test_who_was_not_asked_for_longest_gives_way() -> None:
    held: Recent[str] = Recent(10)
    for name in ("a", "b", "c"):
        held.keep(name, name.upper(), 3)
    assert held.get("a") == "A"
    held.keep("d", "D", 3)
    assert {name: held.get(name) for name in "abcd"} == {"a": "A", "b": None, "c": "C", "d": "D"}


def test_the_room_is_never_exceeded_and_what_is_too_large_is_not_kept() -> None:
    held: Recent[int] = Recent(10)
    held.keep("small", 1, 4)
    held.keep("large", 2, 11)
    assert (held.get("small"), held.get("large")) == (1, None)
    held.keep("small", 3, 6)
    held.keep("other", 4, 4)
    assert (held.get("small"), held.get("other")) == (3, 4)
    held.keep("one more", 5, 5)
    assert (held.get("small"), held.get("other"), held.get("one more")) == (None, 4, 5)
    held.forget()
    assert held.get("other") is None
    held.keep("again", 6, 10)
    assert held.get("again") == 6
