"""run.py on machines that are not like ours: every process it would start is recorded instead of started."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent.parent


class Machine:
    """A pretended machine: `fails` holds words; a command that contains one of them fails."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.fails: set[str] = set()

    def call(self, command, **_options):
        self.commands.append([str(word) for word in command])
        return int(any(word in " ".join(self.commands[-1]) for word in self.fails))

    def started(self, *words: str) -> bool:
        return any(all(word in " ".join(command) for word in words) for command in self.commands)


@pytest.fixture
def run(tmp_path):
    """run.py as a module of its own, whose .venv and .tools lie in an empty folder."""
    spec = importlib.util.spec_from_file_location("run_under_test", HERE / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV, module.TOOLS = tmp_path / ".venv", tmp_path / ".tools"
    module.PEERS_VENV = tmp_path / ".venv-bench"
    module.STAMP = module.VENV / ".stamp"
    module.PYTHON = module.VENV / "bin" / "python"
    module.VENV.mkdir()
    return module


@pytest.fixture
def machine(monkeypatch):
    """All processes recorded, none started."""
    machine = Machine()
    monkeypatch.setattr(subprocess, "call", machine.call)
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda *_a, **_k: subprocess.CompletedProcess(
            [], 0, "global.index-url='https://office/simple'\n", ""
        ),
    )
    monkeypatch.delenv("RUN_WHEELHOUSE", raising=False)
    return machine


@pytest.fixture(autouse=True)
def venv_appears(run, machine, monkeypatch):
    """`uv venv` and `python -m venv` make the folder."""
    record = machine.call

    def call(command, **options):
        if "venv" in [str(word) for word in command]:
            Path(command[-1]).mkdir(exist_ok=True)
        return record(command, **options)

    monkeypatch.setattr(subprocess, "call", call)
    monkeypatch.setattr(run, "hand_over", lambda command, _environment: call(command))


def test_first_use_installs_the_lock_with_hashes_and_then_runs_the_command(run, machine):
    assert run.main(["plan", "a.csv"]) == 0
    assert machine.started("uv pip sync", "--require-hashes", "--only-binary :all:", "requirements.lock")
    assert machine.commands[-1][-2:] == ["plan", "a.csv"]
    assert run.STAMP.is_file()


def test_set_up_compiles_the_search_so_that_the_first_plan_need_not_wait(run, machine):
    run.main(["plan"])
    assert machine.started("-m optimizer.compiling")


def test_the_second_use_installs_nothing(run, machine):
    run.main(["plan"])
    machine.commands.clear()
    run.main(["plan"])
    assert len(machine.commands) == 1


def test_a_broken_set_up_says_what_to_do_and_starts_over(run, machine, capsys):
    machine.fails = {"pip sync"}
    assert run.main(["plan"]) == 2
    assert "重新运行同一命令" in capsys.readouterr().out
    assert not run.STAMP.exists()
    machine.fails = set()
    assert run.main(["plan"]) == 0
    assert run.STAMP.is_file()


def test_a_changed_lock_sets_up_again(run, machine):
    run.main(["plan"])
    run.STAMP.write_text("an older lock", encoding="utf-8")
    machine.commands.clear()
    run.main(["plan"])
    assert machine.started("uv pip sync")


def test_where_uv_has_no_wheel_venv_and_pip_install_the_same_lock(run, machine):
    machine.fails = {"--target"}
    assert run.main(["plan"]) == 0
    assert machine.started("-m venv --clear")
    assert machine.started("pip install", "--require-hashes", "requirements.lock")
    assert not machine.started("uv pip sync")


def test_a_python_without_pip_and_venv_is_told_what_to_install(run, machine, capsys):
    machine.fails = {"import pip", "import ensurepip"}
    assert run.main(["plan"]) == 2
    assert "sudo apt install python3-venv python3-pip" in capsys.readouterr().out


def test_a_wheelhouse_is_the_only_source_when_given(run, machine, tmp_path, monkeypatch):
    monkeypatch.setenv("RUN_WHEELHOUSE", str(tmp_path))
    run.main(["plan"])
    installs = [c for c in machine.commands if "install" in c or "sync" in c]
    assert all({"--no-index", "--offline"} & set(c) for c in installs)
    assert machine.started("pip sync", "--no-index", f"--find-links {tmp_path}")


def test_a_wheelhouse_that_is_not_there_is_named(run, machine, monkeypatch, capsys):
    monkeypatch.setenv("RUN_WHEELHOUSE", "/nowhere")
    assert run.main(["plan"]) == 2
    assert "RUN_WHEELHOUSE 指向的文件夹不存在：/nowhere" in capsys.readouterr().out


def test_filling_a_wheelhouse_downloads_both_locks(run, machine, tmp_path):
    assert run.main(["wheelhouse", str(tmp_path)]) == 0
    assert machine.started("pip download", "requirements-setup.lock", str(tmp_path))
    assert machine.started("pip download", "requirements.lock", str(tmp_path))


def test_the_index_of_pip_is_handed_to_uv(run, machine):
    assert run.uv_environment()["UV_DEFAULT_INDEX"] == "https://office/simple"


def test_an_old_python_is_told_so(run, machine, monkeypatch, capsys):
    monkeypatch.setattr(run, "OLDEST", (99, 0))
    assert run.main(["plan"]) == 2
    assert "需要 Python 3.11 或更新版本" in capsys.readouterr().out


def test_bench_gives_the_peers_an_environment_of_their_own_once(run, machine):
    assert run.main(["bench", "--quick"]) == 0
    assert machine.started("uv venv", ".venv-bench")
    assert machine.started("uv pip sync", ".venv-bench", "--require-hashes", "requirements-bench.lock")
    assert machine.commands[-1][-2:] == ["bench", "--quick"]
    machine.commands.clear()
    assert run.main(["bench"]) == 0
    assert len(machine.commands) == 1


def test_no_other_command_waits_for_the_peers(run, machine):
    run.main(["plan"])
    assert not machine.started(".venv-bench")


def test_bench_goes_on_without_peers_that_cannot_be_installed(run, machine, capsys):
    machine.fails = {"requirements-bench.lock"}
    assert run.main(["bench"]) == 0
    assert "准备环境时有一步失败" in capsys.readouterr().out
    assert machine.commands[-1][-1] == "bench"
    assert not run.PEERS_VENV.exists()


def test_the_lock_names_no_index():
    for lock in ("requirements.lock", "requirements-setup.lock", "requirements-bench.lock"):
        assert "://" not in (HERE / lock).read_text(encoding="utf-8")
