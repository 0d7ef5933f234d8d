"""The library: sound plans beside broken ones, and the check of files."""

import shutil
from pathlib import Path

import pytest

from data import files
from data.errors import PlanFaultsError
from data.loading import library
from data.loading.library import check, load_library

LANG_SON, BINH_DUONG = "lang-son-2021", "binh-duong-2019"


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    """A folder with copies of the packaged plans."""
    return Path(shutil.copytree(files.PLANS, tmp_path / "plans"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_both_plans_are_loaded() -> None:
    loaded = load_library()
    assert set(loaded.plans) == {LANG_SON, BINH_DUONG}
    assert loaded.left_out == {}
    assert loaded.repairs[BINH_DUONG].letters == 400
    assert loaded.repairs[LANG_SON].marks == 12


def test_a_task_is_found_by_its_name_in_any_case() -> None:
    loaded = load_library()
    task = loaded.task("lang-son-2021/5k")
    assert task is not None
    assert task.lead == ("so-y-te",)
    assert loaded.task("LANG-SON-2021/5K") == task
    assert loaded.task("lang-son-2021/5x") is None
    assert loaded.task("ha-noi-2021/5k") is None
    assert loaded.task("5k") is None


def test_all_tasks_come_in_the_order_of_the_plans() -> None:
    loaded = load_library()
    assert loaded.tasks() == tuple(
        task for name in (BINH_DUONG, LANG_SON) for task in loaded.plans[name].tasks
    )


def test_a_sound_plan_is_loaded_beside_a_broken_one(plans: Path) -> None:
    registry = plans / f"{LANG_SON}.yaml"
    spoil(registry, "so-y-te", "so-khong-co")
    loaded = load_library(plans)
    assert set(loaded.plans) == {BINH_DUONG}
    (fault,) = loaded.left_out[LANG_SON]
    lines = registry.read_text("utf-8").split("\n")
    assert "so-khong-co" in lines[fault.line - 1]
    assert (fault.path, fault.code) == (str(registry), "agency-unknown")


def test_a_plan_without_a_registry_is_left_out_and_said(plans: Path) -> None:
    (plans / f"{LANG_SON}.yaml").unlink()
    loaded = load_library(plans)
    assert set(loaded.plans) == {BINH_DUONG}
    assert [fault.code for fault in loaded.left_out[LANG_SON]] == ["registry-missing"]


def test_a_registry_without_its_text_is_left_out_and_said(plans: Path) -> None:
    (plans / f"{LANG_SON}.txt").unlink()
    loaded = load_library(plans)
    assert [fault.code for fault in loaded.left_out[LANG_SON]] == ["file-missing"]


def test_ids_do_not_change_on_a_second_reading() -> None:
    assert load_library().tasks() == load_library().tasks()


def test_broken_agencies_stop_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "agencies.yaml"
    broken.write_text("agencies: [\n", "utf-8")
    monkeypatch.setattr(library, "load_directory", lambda: load(broken))
    with pytest.raises(PlanFaultsError) as caught:
        load_library()
    assert [fault.code for fault in caught.value.faults] == ["yaml-broken"]
    assert [fault.code for fault in check()] == ["yaml-broken"]


load = library.load_directory


def test_the_packaged_files_have_no_faults() -> None:
    assert [str(fault) for fault in check()] == []


def test_a_given_registry_is_checked_with_the_text_beside_it(plans: Path) -> None:
    spoil(plans / f"{BINH_DUONG}.yaml", "due: [2019-03-31]", "due: [2019-03-30]")
    spoil(plans / f"{LANG_SON}.yaml", "so-y-te", "so-khong-co")
    both = [plans / f"{BINH_DUONG}.yaml", plans / f"{LANG_SON}.txt"]
    assert [fault.code for fault in check(both)] == ["deadline-wrong", "agency-unknown"]
    assert [fault.code for fault in check(both[:1])] == ["deadline-wrong"]


def test_a_file_that_does_not_exist_is_a_fault(tmp_path: Path) -> None:
    codes = [fault.code for fault in check([tmp_path / "none.yaml"])]
    assert set(codes) == {"file-missing"}
