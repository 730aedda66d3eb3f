"""The directory: what the public sees, and what its file may not say."""

from __future__ import annotations

from datetime import date

import pytest

from lms.texts.orientation import DirectoryFaultError, directory, staff_directory

TOP = """
[[service]]
id = "linea-mujeres-079"
name = "Línea de las Mujeres"
phone = "079, opción 1"
dial = "079"
scope = "Todo el país"
handles = "Primer contacto."
source = "Diario, 05-11-2025"
verified_on = 2025-11-05
[[service]]
id = "emergencias-911"
name = "Emergencias 911"
phone = "911"
dial = "911"
scope = "Todo el país"
handles = "Peligro ahora."
emergency = true
source = "Diario, 09-01-2026"
verified_on = 2026-01-09
"""


def written(folder, more="", top=TOP):
    (folder / "orientation.toml").write_text(top + more, encoding="utf-8")
    return folder


def entry(**fields):
    base = {"id": '"x"', "name": '"X"', "scope": '"Ahí"', "handles": '"Algo"'} | fields
    return "[[service]]\n" + "".join(f"{name} = {value}\n" for name, value in base.items() if value is not None)


def test_911_and_079_come_first_and_can_be_called():
    first, second, *_ = directory()
    assert (first.dial, first.emergency) == ("911", True)
    assert (second.dial, second.phone) == ("079", "079, opción 1")


def test_the_public_sees_only_what_a_source_of_2025_or_later_confirms():
    assert all(service.verified_on >= date(2025, 1, 1) and service.source for service in directory())
    hidden = {service.id for service in staff_directory()} - {service.id for service in directory()}
    assert {"conapred", "profedet", "cdmx-sos-mujeres", "cdmx-lunas", "casa-refugiados"} <= hidden


def test_no_refuge_has_a_way_to_be_found_and_no_think_tank_attends():
    refuges = next(service for service in staff_directory() if service.id == "refugios")
    assert (refuges.phone, refuges.dial, refuges.url) == ("", "", None)
    assert not any("imco" in f"{service.id} {service.name}".lower() for service in staff_directory())


def test_numbers_nobody_confirmed_are_nowhere_in_the_file():
    phones = {service.dial for service in staff_directory()}
    assert not phones & {"8007152000", "8008428462", "8008224460", "8007172942", "8009117877", "8009112000"}


def test_a_deployments_own_file_takes_the_place_of_ours_and_keeps_the_top(tmp_path):
    found = directory(written(tmp_path, entry(source='"Oficio 1"', verified_on="2026-02-01")))
    assert [service.id for service in found] == ["emergencias-911", "linea-mujeres-079", "x"]


def test_without_a_file_of_its_own_a_deployment_gets_ours(tmp_path):
    assert directory(tmp_path) == directory()


def test_a_service_without_a_date_is_for_staff_only(tmp_path):
    folder = written(tmp_path, entry())
    assert "x" not in {service.id for service in directory(folder)}
    assert "x" in {service.id for service in staff_directory(folder)}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"phone": '"55 1234"', "dial": '"551234"'}, "falta la fuente"),
        ({"phone": '"55 1234"', "source": '"S"'}, "van juntos"),
        ({"phone": '"55"', "dial": '"javascript:1"', "source": '"S"'}, "no se puede marcar"),
        ({"verified_on": "2026-01-01"}, "no tiene fuente"),
        ({"verified_on": '"ayer"', "source": '"S"'}, "«verified_on» no es del tipo"),
        ({"emergency": '"no"'}, "«emergency» no es del tipo"),
        ({"url": '"http://x.mx"'}, "https://"),
        ({"address": '"Calle 1"'}, "«address» no existe"),
        ({"name": None}, "falta el campo «name»"),
        ({"id": '"imco"'}, "no atiende personas"),
        ({"id": '"emergencias-911"'}, "está repetido"),
    ],
)
def test_a_fault_is_said_with_its_service(tmp_path, fields, says):
    with pytest.raises(DirectoryFaultError) as refused:
        staff_directory(written(tmp_path, entry(**fields)))
    assert len(refused.value.faults) == 1
    assert says in refused.value.faults[0]
    assert fields.get("id", '"x"').strip('"') in refused.value.faults[0]


def test_all_faults_are_said_at_once(tmp_path):
    with pytest.raises(DirectoryFaultError) as refused:
        staff_directory(written(tmp_path, entry(name=None) + entry(id='"y"', url='"ftp://y"')))
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize(
    "top",
    ["", "service = 5", "service = [1]", "x = = 1", TOP.replace('dial = "911"', 'dial = "912"'),
     TOP.replace("verified_on = 2025-11-05", "")],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_refused_whole(tmp_path, top):
    with pytest.raises(DirectoryFaultError):
        staff_directory(written(tmp_path, top=top))
