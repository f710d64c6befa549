"""Who can log in to the site: an organisation, known by its RSIN as the stock backend wants it."""

from typing import Any

from digid_eherkenning.managers import BaseeHerkenningManager
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class OrganisationManager(BaseeHerkenningManager):
    """What ``eHerkenningBackend`` asks of a user model."""

    def get_by_rsin(self, rsin: str) -> Any:
        """The organisation with this RSIN. Raises ``DoesNotExist``."""
        return self.get(rsin=rsin)

    def eherkenning_create(self, rsin: str, **kwargs: Any) -> Any:
        """A new organisation, at its first login."""
        return self.create(rsin=rsin, **kwargs)


class Organisation(AbstractBaseUser):
    """An organisation that has logged in. ``kvk`` is empty with the stock backend, which keeps the RSIN only."""

    rsin = models.CharField(max_length=9, unique=True)
    kvk = models.CharField(max_length=8, blank=True)

    objects = models.Manager()
    eherkenning_objects = OrganisationManager()

    USERNAME_FIELD = "rsin"
