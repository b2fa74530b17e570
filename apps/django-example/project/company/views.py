"""Who is signed in, and the ways in and out."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils.html import format_html
from django.views.decorators.http import require_POST

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Django</title>
<h1>{}</h1><p id="note">{}</p>{}"""
SIGN_IN = """<form method="post" action="/login/"><input type="hidden" name="csrfmiddlewaretoken" value="{}">
<label>Name <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button>Sign in</button></form>"""
SIGN_OUT = """<form method="post" action="/logout/"><input type="hidden" name="csrfmiddlewaretoken" value="{}">
<button>Sign out</button></form>"""


def home(request: HttpRequest) -> HttpResponse:
    """The page of whoever comes, whichever service signed them in."""
    user = request.user
    title = f"Signed in as {user.get_username()}" if user.is_authenticated else "Nobody is signed in"
    form = format_html(SIGN_OUT if user.is_authenticated else SIGN_IN, get_token(request))
    return HttpResponse(format_html(PAGE, title, request.session.get("note", ""), form))


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Django's own way in."""
    user = authenticate(request, username=request.POST.get("username"), password=request.POST.get("password"))
    if user is None:
        return HttpResponse("The name or the password is wrong.", status=401)
    login(request, user)
    return redirect("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Django's own way out."""
    logout(request)
    return redirect("/")


@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Puts something into the session, which the services read and write too."""
    request.session["note"] = request.POST.get("note", "")
    return redirect("/")
