"""The Dockerfile by the rules of good images; nothing here runs Docker."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ovd.bundled import VERSION

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
KNOWN = {
    *("ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE"),
    *("STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


def read_steps() -> list[tuple[str, str]]:
    """Instruction and arguments of every step, continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def arguments_of(instruction: str) -> list[str]:
    return [arguments for name, arguments in read_steps() if name == instruction]


def last_stage() -> list[tuple[str, str]]:
    steps = read_steps()
    start = max(i for i, (name, _) in enumerate(steps) if name == "FROM")
    return steps[start:]


def test_every_instruction_is_one_of_docker():
    assert {name for name, _ in read_steps()} <= KNOWN


def test_image_has_a_fixed_base():
    [base] = {line.split("=", 1)[1] for line in arguments_of("ARG") if "PYTHON_IMAGE" in line}

    assert re.fullmatch(r"python:3\.\d+-slim-\w+", base)


def test_server_does_not_run_as_root_and_owns_its_data():
    names = [name for name, _ in last_stage()]

    assert dict(last_stage())["USER"] == "ovd"
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert "install -d -o ovd" in dict(last_stage())["RUN"]


def test_packages_leave_nothing_behind():
    [installs] = [step for step in arguments_of("RUN") if "apt-get install" in step]

    assert "--no-install-recommends" in installs
    assert "rm -rf /var/lib/apt/lists/*" in installs
    assert all("--no-cache-dir" in step for step in arguments_of("RUN") if " pip " in step)


def test_compilers_stay_in_the_first_stage():
    assert not [step for name, step in last_stage() if name == "RUN" and "pip" in step]
    assert "--from=build" in dict(last_stage())["COPY"]


def test_commands_are_lists_so_that_signals_reach_the_server():
    for name in ("ENTRYPOINT", "CMD"):
        assert [step[0] for step in arguments_of(name)] == ["["]
    assert dict(last_stage())["STOPSIGNAL"] == "SIGTERM"


def test_health_is_asked_without_credentials():
    [check] = arguments_of("HEALTHCHECK")

    assert "/api/v1/health/ready" in check


def test_no_secret_is_baked_in():
    text = " ".join(arguments_of("ENV") + arguments_of("ARG")).upper()

    assert not re.search(r"PASSWORD|SECRET|TOKEN", text)


def test_copied_files_exist_and_reach_the_build():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source
        for step in arguments_of("COPY")
        if "--from" not in step
        for source in step.split()[:-1]
    ]

    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert [source for source in copied if f"!{source}" not in ignored] == []


@pytest.mark.parametrize("step", arguments_of("RUN"))
def test_steps_are_valid_shell(step: str):
    subprocess.run(["/bin/sh", "-n", "-c", step], check=True)  # noqa: S603


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("pip_args", ["--no-deps", os.environ.get("PIP_ARGS", "")])
def test_build_stage_runs_as_a_script(tmp_path: Path, pip_args: str):
    """The steps of the first stage in folders of this test, in place of those of an image."""
    stage = read_steps()[: -len(last_stage())]
    source, opt = tmp_path / "src", tmp_path / "opt"
    for step in (arguments for name, arguments in stage if name == "COPY"):
        for copied in step.split()[:-1]:
            if (ROOT / copied).is_dir():
                shutil.copytree(ROOT / copied, source / copied)
            else:
                source.mkdir(exist_ok=True)
                shutil.copy(ROOT / copied, source)
    steps = [arguments for name, arguments in stage if name == "RUN"]
    script = " && ".join(steps).replace("/opt/", f"{opt}/").replace("/wheels", f"{tmp_path}/wheels")
    variables = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PIP_ARGS": pip_args,
        "EXTRAS": "onnx,postgres",
    }

    subprocess.run(["/bin/sh", "-e", "-c", script], cwd=source, env=variables, check=True)  # noqa: S603

    told = "from importlib.metadata import version; print(version('ovd'))"
    command = ["ovd", "--version"] if pip_args != "--no-deps" else ["python", "-c", told]
    program = [opt / "ovd" / "bin" / command[0], *command[1:]]
    shown = subprocess.run(program, capture_output=True, text=True, check=True)  # noqa: S603
    assert VERSION in shown.stdout
