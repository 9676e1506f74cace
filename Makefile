# make setup | demo | test | test-long | wheel | check | format | bench | screenshots | clean; each does what it needs of the ones before.
PYTHON ?= python3
PIP_ARGS ?=
AUDIT_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 7860
# The demo and the tests keep their data in the checkout, not in the user's data folder.
export OVD_DATA_DIR ?= $(CURDIR)/.ovd
APT := DEBIAN_FRONTEND=noninteractive apt-get

.PHONY: setup setup-dev demo test test-long wheel check format bench screenshots clean browser postgres broker monitoring audit

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev

$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || ($(APT) update -q && $(APT) install -q -y python3-venv && $(PYTHON) -m venv --clear $(VENV))

# One pip command names everything, so that nothing pulls another torch afterwards.
$(VENV)/.installed: pyproject.toml setup.py | $(BIN)/python
	@echo "Installing ovd into $(VENV): PyTorch, OpenCV, Gradio and some 80 more packages, 2 GB on disk (more"
	@echo "where PyTorch brings CUDA). This takes some minutes, once; pip tells what it fetches."
	$(BIN)/python -m pip install --disable-pip-version-check $(PIP_ARGS) -e .
	@$(BIN)/python -c "import cv2" 2>/dev/null || ($(APT) update -q && $(APT) install -q -y libgl1 libglib2.0-0)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml setup.py | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check $(PIP_ARGS) -e '.[dev]'
	@$(BIN)/python -c "import cv2" 2>/dev/null || ($(APT) update -q && $(APT) install -q -y libgl1 libglib2.0-0)
	@touch $@ $(VENV)/.installed

# The UI tests drive a real browser; Korean text needs a Korean font.
browser:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi nanum \
	  || ($(APT) update -q && $(APT) install -q -y chromium fonts-nanum fontconfig)

# The store tests start a PostgreSQL server of their own; only its programs are needed.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
	  || ($(APT) update -q && $(APT) install -q -y postgresql)

# The tests of MQTT start brokers of their own.
broker:
	@command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] \
	  || ($(APT) update -q && $(APT) install -q -y --no-install-recommends mosquitto)

# The tests of deploy/ ask a Prometheus for what the dashboard shows, and nginx for its example.
monitoring:
	@command -v prometheus >/dev/null && command -v nginx >/dev/null \
	  || ($(APT) update -q && $(APT) install -q -y --no-install-recommends prometheus nginx-light)

demo: setup
	$(BIN)/ovd demo --port $(PORT)

# Files of tests are shared among processes; each starts the servers that its tests need. A process that
# dies ends the run with the name of its test: started again, it would be waited for without end.
test: setup-dev browser postgres broker monitoring check
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --max-worker-restart 0 --durations 40

# What takes many minutes: installs the wheel from the package registry, and whatever is marked `long`.
test-long: setup-dev browser postgres broker monitoring
	PIP_ARGS="$(PIP_ARGS)" $(BIN)/python -m pytest --long -o faulthandler_timeout=10000

# Known vulnerabilities of what is installed; needs a database of them that can be reached: docs/security.md.
audit: setup-dev
	$(PYTHON) -m venv .audit && .audit/bin/python -m pip install --disable-pip-version-check -q $(PIP_ARGS) pip-audit
	.audit/bin/pip-audit --skip-editable $(AUDIT_ARGS) --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

wheel: setup-dev
	$(BIN)/python -m pip wheel --disable-pip-version-check $(PIP_ARGS) --no-deps -w dist .

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict ovd bench
	$(BIN)/lint-imports --no-logo

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Every view, wide and narrow, light and dark, in English and Korean, into .ovd/screenshots.
screenshots: setup-dev browser
	$(BIN)/python -m bench.screenshots .ovd/screenshots $(if $(README),--readme $(README))

bench: setup-dev
	$(BIN)/python -m bench.summary

clean:
	rm -rf $(VENV) .audit .ovd .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
