"""The one application of the site."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Gives the application a short label, which AUTH_USER_MODEL refers to."""

    name = "tests.interop.django_project"
    label = "site"
