"""What a row means for what is stored."""

from dataclasses import replace

import pytest

from lms.rules.rosters_plan import Change, Stored, Wanted, decide, fingerprint

NOTHING = Wanted(None, None, None, None, None, None, None, None, None, None, None)
ANA = Stored(
    affiliation_id=5, area_id=2, employee_number="007", job="Jefa", given_names="Ana", first_surname="Núñez",
    second_surname="Ejemplo", email="ana@x.mx", phone="5512345678", enrolled=True,
)  # fmt: skip


def test_nobody_stored_is_created() -> None:
    assert decide(replace(NOTHING, given_names="Ana", email="a@x.mx"), Stored()).kind == "create"


def test_blank_cells_contradict_nothing() -> None:
    assert decide(NOTHING, ANA).kind == "already"
    assert decide(NOTHING, ANA).changes == ()


def test_without_enrolment_here_it_is_created_with_its_changes() -> None:
    found = decide(replace(NOTHING, job="Directora"), replace(ANA, enrolled=False))
    assert (found.kind, found.changes) == ("create", (Change("job", "Jefa", "Directora"),))


@pytest.mark.parametrize("field", ["employee_number", "job", "function", "entity", "phone"])
def test_a_fact_is_updated_unless_a_hand_wrote_it(field: str) -> None:
    wanted = replace(NOTHING, **{field: "nuevo"})
    found = decide(wanted, ANA)
    assert (found.kind, found.changes) == ("update", (Change(field, getattr(ANA, field), "nuevo"),))
    kept = decide(wanted, replace(ANA, by_hand=frozenset({field})))
    assert (kept.kind, kept.changes, kept.kept) == ("already", (), (f"plan_{field}_kept",))


def test_another_area_is_a_move_and_a_first_area_is_not() -> None:
    other = replace(NOTHING, area_id=3, area_name="Norte")
    assert decide(other, ANA, area_now="Sur").changes == (Change("area", "Sur", "Norte"),)
    assert decide(other, ANA).kind == "move"
    assert decide(replace(NOTHING, area_id=None, area_name="Nueva"), ANA).kind == "move"
    assert decide(replace(NOTHING, area_id=2, area_name="Sur"), ANA).kind == "already"
    assert decide(replace(NOTHING, area_name="Nueva"), replace(ANA, area_id=None)).kind == "update"
    kept = decide(other, replace(ANA, by_hand=frozenset({"area_id"})))
    assert (kept.kind, kept.kept) == ("already", ("plan_area_kept",))


def test_a_name_is_corrected_only_by_the_single_institution_that_has_her() -> None:
    wanted = replace(NOTHING, first_surname="Ibáñez")
    assert decide(wanted, ANA).changes == (Change("first_surname", "Núñez", "Ibáñez"),)
    for stored in (replace(ANA, elsewhere=True), replace(ANA, by_hand=frozenset({"given_names"}))):
        assert decide(wanted, stored).kept == ("plan_name_kept",)
        assert decide(wanted, stored).changes == ()


def test_a_name_without_accents_is_the_same_name() -> None:
    assert decide(replace(NOTHING, first_surname="NUNEZ"), ANA).kind == "already"


def test_the_address_is_set_only_until_she_enters() -> None:
    wanted = replace(NOTHING, email="otra@x.mx")
    assert decide(wanted, ANA).changes == (Change("email", "ana@x.mx", "otra@x.mx"),)
    for stored in (
        replace(ANA, activated=True),
        replace(ANA, elsewhere=True),
        replace(ANA, by_hand=frozenset({"email"})),
    ):
        assert decide(wanted, stored).kept == ("plan_email_kept",)
    assert decide(replace(NOTHING, email="ANA@x.mx"), ANA).kind == "already"


@pytest.mark.parametrize("field", ["area_id", "job", "given_names", "email", "phone", "enrolled", "entity", "function"])
def test_every_fact_that_decides_is_in_the_fingerprint(field: str) -> None:
    other = {"area_id": 9, "enrolled": False}.get(field, "otro")
    assert fingerprint(ANA) != fingerprint(replace(ANA, **{field: other}))


def test_nothing_of_a_person_of_others_is_in_the_fingerprint() -> None:
    assert fingerprint(Stored()) == ""
