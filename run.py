#!/usr/bin/env python3
"""Sets up .venv on a bare Python, then hands over to the zutuan command line. Standard library only.

- `python3 run.py demo`: the sample street, planned and opened in the browser
- `python3 run.py test`: the whole test suite
- `python3 run.py bench`: the side-by-side table; the peers get an environment of their own
- `python3 run.py wheelhouse DIR`, on a connected machine: fills DIR, so that
  `RUN_WHEELHOUSE=DIR python3 run.py demo` installs without any package index
"""

from __future__ import annotations  # an older Python must get as far as the sentence that it is too old

import hashlib
import io
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
TOOLS = HERE / ".tools"
STAMP = VENV / ".stamp"
LOCK = HERE / "requirements.lock"
SETUP_LOCK = HERE / "requirements-setup.lock"
PEERS_VENV = HERE / ".venv-bench"
PEERS_LOCK = HERE / "requirements-bench.lock"
IN_VENV = Path("Scripts/python.exe" if os.name == "nt" else "bin/python")
PYTHON = VENV / IN_VENV
OLDEST = (3, 11)


class SetupError(Exception):
    """A step of the set-up failed; the text says what to do."""


def main(arguments: list[str]) -> int:
    """Set up where needed, then run the command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if sys.version_info < OLDEST:
        say("需要 Python 3.11 或更新版本，当前是 %d.%d。请安装后重试。" % sys.version_info[:2])
        say("Python 3.11 or newer is needed, this is %d.%d." % sys.version_info[:2])
        return 2
    try:
        if arguments[:1] == ["wheelhouse"]:
            return fill_wheelhouse(arguments[1:])
        if not STAMP.is_file() or STAMP.read_text(encoding="utf-8") != fingerprint():
            set_up()
    except SetupError as error:
        say(str(error))
        return 2
    if arguments[:1] == ["bench"]:
        set_up_peers()
    return hand_over([str(PYTHON), "-P", "-m", "jobs.cli", *arguments], dict(os.environ, PYTHONUTF8="1"))


def hand_over(command: list[str], environment: dict[str, str]) -> int:
    """Become the command where the system can, so that what stops this process stops the work too."""
    if os.name == "posix":
        os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted
    try:
        return subprocess.call(command, env=environment)
    except KeyboardInterrupt:
        return 130


def set_up() -> None:
    """Build .venv from the lock; the stamp comes last, so that a broken set-up starts over."""
    started = time.monotonic()
    say("首次使用，正在准备运行环境（约 1–5 分钟，约需 1.5 GB 磁盘）。First use: setting up …")
    if VENV.exists():
        STAMP.unlink(missing_ok=True)
        shutil.rmtree(VENV, ignore_errors=True)
    say("[1/4] 安装工具 …")
    with_uv = fetch_uv()
    say("[2/4] 下载并安装依赖（逐个核对校验和）…")
    if with_uv:
        install_with_uv(VENV, LOCK)
    else:
        install_with_pip(VENV, LOCK)
    say("[3/4] 安装组团 …")
    install_ours(with_uv=with_uv)
    say("[4/4] 编译求解程序（约半分钟）…")
    run([str(PYTHON), "-P", "-m", "optimizer.compiling"])
    STAMP.write_text(fingerprint(), encoding="utf-8")
    say("环境已就绪，用时 %.0f 秒。Ready." % (time.monotonic() - started))


def set_up_peers() -> None:
    """Give the peers of the benchmarks their environment; where that fails, they are missing from the table, which says so."""
    stamp = PEERS_VENV / ".stamp"
    wanted = hashlib.sha256(PEERS_LOCK.read_bytes() + ("%s %s" % (sys.version, HERE)).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say("正在为对比测试安装同类软件(只在第一次)… Setting up the peers …")
    if PEERS_VENV.exists():
        shutil.rmtree(PEERS_VENV, ignore_errors=True)
    try:
        if fetch_uv():
            install_with_uv(PEERS_VENV, PEERS_LOCK)
        else:
            install_with_pip(PEERS_VENV, PEERS_LOCK)
    except SetupError as error:
        say(str(error))
        shutil.rmtree(PEERS_VENV, ignore_errors=True)
    else:
        stamp.write_text(wanted, encoding="utf-8")


def fetch_uv() -> bool:
    """Put uv into .tools and say whether it runs there: not every platform has a wheel of it."""
    if not has_module("pip"):
        if has_module("ensurepip"):
            return False
        raise SetupError(
            "当前 Python 没有 pip 也没有 venv。Debian/Ubuntu/UOS/麒麟请运行:sudo apt install python3-venv python3-pip,"
            "或从 python.org 安装 Python 后重试。\nThis Python has neither pip nor venv; install python3-venv."
        )
    shutil.rmtree(TOOLS, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
        str(TOOLS),
    ]
    command += ["--only-binary", ":all:", "--require-hashes", "-r", str(SETUP_LOCK), *from_wheelhouse()]
    # Debian marks its Python as externally managed and pip then asks for a promise not to touch it: --target keeps it.
    if subprocess.call(command, stderr=subprocess.DEVNULL) != 0:
        return False
    return subprocess.call([*uv(), "--version"], env=uv_environment(), stdout=subprocess.DEVNULL) == 0


def install_with_uv(venv: Path, lock: Path) -> None:
    """Create an environment and fill it from its lock."""
    run([*uv(), "venv", "--quiet", "--clear", "--python", sys.executable, str(venv)], uv_environment())
    python = str(venv / IN_VENV)
    sync = [*uv(), "pip", "sync", "--quiet", "--python", python, "--require-hashes", "--only-binary", ":all:"]
    run([*sync, *from_wheelhouse(), str(lock)], uv_environment())


def install_with_pip(venv: Path, lock: Path) -> None:
    """Do the same with venv and pip, slower, where uv has no wheel for the platform."""
    run([sys.executable, "-m", "venv", "--clear", str(venv)])
    pip = [str(venv / IN_VENV), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--only-binary", ":all:", "--require-hashes", "-r", str(lock), *from_wheelhouse()])


def install_ours(*, with_uv: bool) -> None:
    """Install the project itself, editable; everything it needs is there already."""
    if with_uv:
        pip = [*uv(), "pip", "install", "--quiet", "--python", str(PYTHON), "--offline"]
        environment = uv_environment()
    else:
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
        environment = None
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(HERE)], environment)


def fill_wheelhouse(arguments: list[str]) -> int:
    """Download every wheel of the lock into a folder, to be carried to a machine without internet."""
    if len(arguments) != 1:
        raise SetupError("用法：python3 run.py wheelhouse 文件夹")
    say("正在下载离线安装包到 %s（约 500 MB）…" % arguments[0])
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
    ]
    for lock in (SETUP_LOCK, LOCK):
        run([*command, "--require-hashes", "-r", str(lock), "--dest", arguments[0]])
    say("完成。把该文件夹和本项目拷到内网电脑（同一操作系统和 Python 版本），运行：")
    say("    RUN_WHEELHOUSE=%s python3 run.py demo" % arguments[0])
    return 0


def from_wheelhouse() -> list[str]:
    """Return options that make pip and uv read a folder of wheels and nothing else."""
    folder = os.environ.get("RUN_WHEELHOUSE")
    if not folder:
        return []
    if not Path(folder).is_dir():
        raise SetupError("RUN_WHEELHOUSE 指向的文件夹不存在：%s。请检查路径。" % folder)
    return ["--no-index", "--find-links", str(Path(folder).resolve())]


def uv() -> list[str]:
    """Return the command that starts the uv of .tools."""
    return [sys.executable, "-m", "uv"]


def uv_environment() -> dict[str, str]:
    """Return the environment for uv, which does not read pip's settings: the index and certificates set for pip."""
    environment = dict(os.environ, PYTHONPATH=str(TOOLS))
    environment.pop("VIRTUAL_ENV", None)
    settings = {}
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    for line in listing.stdout.splitlines():
        key, _, value = line.partition("=")
        settings[key.split(".")[-1].replace("_", "-")] = value.strip("'\"")
    for key, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        if key in settings:
            environment.setdefault(variable, settings[key])
    return environment


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run one step; where it fails, say what can be done about it."""
    if subprocess.call(command, env=environment) != 0:
        raise SetupError(
            "准备环境时有一步失败（上面是原因）。常见办法：\n"
            "  1. 检查网络后重新运行同一命令，会从头再来；\n"
            "  2. 没有互联网：在能上网的电脑上运行 python3 run.py wheelhouse 文件夹，拷来后设置 RUN_WHEELHOUSE=文件夹 再运行；\n"
            "  3. 磁盘至少留 2 GB；系统须为 glibc 2.28 以上的 Linux（x86_64、aarch64）、Windows x64 或 macOS。\n"
            "A step of the set-up failed; run the same command again, or use a wheelhouse."
        )


def has_module(name: str) -> bool:
    """Say whether this Python can run `python -m name`."""
    return subprocess.call([sys.executable, "-c", "import " + name], stderr=subprocess.DEVNULL) == 0


def fingerprint() -> str:
    """Return what .venv depends on: the locks, the project's own metadata, the interpreter and the place."""
    digest = hashlib.sha256()
    for part in (LOCK, SETUP_LOCK, HERE / "pyproject.toml"):
        digest.update(part.read_bytes())
    digest.update(("%s %s %s" % (sys.version, sys.executable, HERE)).encode())
    return digest.hexdigest()


def say(text: str) -> None:
    """Tell the person at the screen."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
