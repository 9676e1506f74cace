"""Cameras as people set them: adding and changing, trying an address, files of many cameras."""

from ovd.services.cameras.service import (
    REMOTE_KINDS,
    CameraService,
    add_login,
    add_password,
    choose_camera_name,
    parse_camera_address,
    recording_error,
)

__all__ = [
    "REMOTE_KINDS",
    "CameraService",
    "add_login",
    "add_password",
    "choose_camera_name",
    "parse_camera_address",
    "recording_error",
]
