"""Composition root: settings to services. The only place that picks concrete classes.

Names are imported when they are first used, so that a command loads only what it needs.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovd.bootstrap.access import add_first_admin, build_access
    from ovd.bootstrap.alerts import build_alert_engine, build_alert_rules
    from ovd.bootstrap.counting import (
        build_counter,
        build_opener,
        build_recounter,
        default_camera_name,
    )
    from ovd.bootstrap.delivery import build_targets
    from ovd.bootstrap.detectors import (
        build_detector,
        build_reader,
        build_reader_for,
        prepare_detector,
        runtime_options,
    )
    from ovd.bootstrap.evidence import open_evidence, record_evidence
    from ovd.bootstrap.models import (
        build_models,
        build_verification,
        verified_reader,
        verify_images,
    )
    from ovd.bootstrap.models.choices import require_choice
    from ovd.bootstrap.models.distilling import DistillRequest, build_distillation
    from ovd.bootstrap.reloading import Reloaded, SettingsReloader
    from ovd.bootstrap.schedules import build_scheduled_reports
    from ovd.bootstrap.services import Services, build_services
    from ovd.bootstrap.stores import open_catalogue, open_history, open_store
    from ovd.bootstrap.teaching import build_teacher, load_region_bank, read_taught_from

__all__ = [
    "DistillRequest",
    "Reloaded",
    "Services",
    "SettingsReloader",
    "add_first_admin",
    "build_access",
    "build_alert_engine",
    "build_alert_rules",
    "build_counter",
    "build_detector",
    "build_distillation",
    "build_models",
    "build_opener",
    "build_reader",
    "build_reader_for",
    "build_recounter",
    "build_scheduled_reports",
    "build_services",
    "build_targets",
    "build_teacher",
    "build_verification",
    "default_camera_name",
    "load_region_bank",
    "open_catalogue",
    "open_evidence",
    "open_history",
    "open_store",
    "prepare_detector",
    "read_taught_from",
    "record_evidence",
    "require_choice",
    "runtime_options",
    "verified_reader",
    "verify_images",
]

_MODULES = {
    "access": ("add_first_admin", "build_access"),
    "alerts": ("build_alert_engine", "build_alert_rules"),
    "models.choices": ("require_choice",),
    "counting": ("build_counter", "build_opener", "build_recounter", "default_camera_name"),
    "delivery": ("build_targets",),
    "detectors": (
        "build_detector",
        "build_reader",
        "build_reader_for",
        "prepare_detector",
        "runtime_options",
    ),
    "models.distilling": ("DistillRequest", "build_distillation"),
    "evidence": ("open_evidence", "record_evidence"),
    "models": ("build_models", "build_verification", "verified_reader", "verify_images"),
    "reloading": ("Reloaded", "SettingsReloader"),
    "schedules": ("build_scheduled_reports",),
    "services": ("Services", "build_services"),
    "stores": ("open_catalogue", "open_history", "open_store"),
    "teaching": ("build_teacher", "load_region_bank", "read_taught_from"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import the module of a name."""
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'ovd.bootstrap' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
