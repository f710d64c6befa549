"""The URLs of the package as it offers them, and one page of our own."""

from django.urls import include
from django.urls import path

from tests.interop.django_project.views import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("digid_eherkenning.urls")),
]
