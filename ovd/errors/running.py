"""Errors of networks, weights, training, mail, and of closing the app."""

from ovd.errors.foundation import OvdError


class CloseError(OvdError):
    """Several parts of the app could not be closed cleanly."""

    code = "close_failed"


class RuntimeUnavailableError(OvdError):
    """A runtime cannot run a network here: it is not installed, damaged, or lacks something."""

    code = "runtime_unavailable"


class ForkedProcessError(RuntimeUnavailableError):
    """A process was forked from one that had loaded a detector, whose threads it lacks."""

    code = "forked_process"


class WeightsError(OvdError):
    """A weights file is missing or cannot be read."""

    code = "weights_missing"


class WeightsChecksumError(WeightsError):
    """A weights file is not the one its manifest names."""

    code = "weights_checksum"


class DetectorClosedError(OvdError):
    """The app is ending, so that a frame that waited for the detector was not looked at."""

    code = "detector_closed"


class TrainingDivergedError(OvdError):
    """The loss of a training run became non-finite."""

    code = "training_diverged"


class MailError(OvdError):
    """Mail cannot be sent; the message was certainly not taken."""

    code = "mail_failed"


class MailUnsureError(MailError):
    """The connection broke while a message was handed over; it may or may not arrive."""

    code = "mail_unsure"


class MqttError(OvdError):
    """A message did not reach the MQTT broker, or it is not known whether it did."""

    code = "mqtt_failed"
