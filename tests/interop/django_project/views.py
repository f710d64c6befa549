"""The one page of the site: who is logged in, and what the package has to say."""

from django.http import HttpRequest
from django.http import HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """Show the user of the session and any messages."""
    return render(request, "home.html")
