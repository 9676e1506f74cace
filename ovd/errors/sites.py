"""Errors of sites."""

from ovd.errors.foundation import InputError
from ovd.errors.requests import NotFoundError


class SiteError(InputError):
    """A site, its hours, doors or a correction cannot be used."""

    code = "bad_site"


class UnknownSiteError(NotFoundError):
    """No site has that name."""

    code = "unknown_site"


class SalesError(InputError):
    """Transactions of a till cannot be read, or are not of the site's zone."""

    code = "bad_sales"
