"""Who can log in to the site, known by whatever its backend tells them apart by."""

from typing import Any

from digid_eherkenning.managers import BaseeHerkenningManager
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class VisitorManager(BaseeHerkenningManager):
    """What ``eHerkenningBackend`` asks of a user model."""

    def get_by_rsin(self, rsin: str) -> Any:
        """The visitor of the organisation with this RSIN. Raises ``DoesNotExist``."""
        return self.get(name=rsin)

    def eherkenning_create(self, rsin: str, **kwargs: Any) -> Any:
        """A new visitor, at the first login of this organisation."""
        return self.create(name=rsin, rsin=rsin, **kwargs)


class Visitor(AbstractBaseUser):
    """Who has logged in: ``rsin`` is all that the stock backend keeps, ``received`` the whole answer, by name."""

    name = models.CharField(max_length=200, unique=True)
    rsin = models.CharField(max_length=9, blank=True)
    received = models.JSONField(default=dict)

    objects = models.Manager()
    eherkenning_objects = VisitorManager()

    USERNAME_FIELD = "name"
