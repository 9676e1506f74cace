"""Errors of models that do not ship with ovd: where they come from, and what they need."""

from ovd.errors.foundation import InputError, OvdError
from ovd.errors.running import RuntimeUnavailableError, WeightsError


class ModelMissingError(WeightsError):
    """A model is not on this machine."""

    code = "model_missing"
    exit_code = 2


class ModelMismatchError(WeightsError):
    """A folder holds another model than the one wanted, or not all of it."""

    code = "model_mismatch"
    exit_code = 2


class LicenceError(WeightsError):
    """The licence of a model was not accepted, or does not allow what ovd is for."""

    code = "licence_not_accepted"
    exit_code = 2


class HubError(OvdError):
    """The hub of models cannot be reached, or refuses."""

    code = "hub_failed"


class HubOfflineError(HubError):
    """A download was asked for while the environment forbids downloads."""

    code = "hub_offline"
    exit_code = 2


class RevisionGoneError(HubError):
    """The hub no longer has a model, or the revision that is locked."""

    code = "revision_gone"


class DownloadBrokenError(HubError):
    """A download broke off; what arrived is kept, and the next one goes on from there."""

    code = "download_broken"


class NoSpaceError(OvdError):
    """A disk has too little room for a model."""

    code = "no_space"


class NoMemoryError(RuntimeUnavailableError):
    """This machine has too little free memory for a model."""

    code = "not_enough_memory"


class UnknownModelError(InputError):
    """No model has that name."""

    code = "unknown_model"


class NotLearnedError(OvdError):
    """A large model could teach the detector nothing that it does not do already."""

    code = "not_learned"
    exit_code = 2
