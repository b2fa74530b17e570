"""Django judges what was written without it.

    judge.py FILE.json      (or the same JSON on standard input)

The file holds {"secret_key", "secret_key_fallbacks", "items": [{"kind", "name", ...}]}, and for kinds that look at one a
"database" as Django's settings have it. An item may have a "secret_key", "secret_key_fallbacks" and "settings" of its own, "now" (seconds since 1970), "min_django", and
"expect_error" (true, or the name of the exception). One JSON line for each item that failed, then one that sums up;
the status is 0 only if every item passed and there was one at least.

A kind is a function that gives what Django makes of the item: it is compared with "expect", as JSON text, or with
what the text "expect_json" holds.
"""

import contextlib
import datetime
import json
import sys
from unittest import mock

import django
from django.conf import settings

def read_task():
    if "--about" in sys.argv:
        return {}
    with open(sys.argv[1]) if len(sys.argv) > 1 else sys.stdin as source:
        return json.load(source)


TASK = read_task()

settings.configure(
    SECRET_KEY="replaced for every item",
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": TASK.get("database", {})},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    USE_TZ=True,
)
django.setup()

from django.contrib import auth
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, is_password_usable
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.backends.signed_cookies import SessionStore as CookieStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import signing
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.middleware import csrf
from django.test import RequestFactory
from django.test.utils import override_settings
from django.utils.http import urlsafe_base64_decode

KINDS = {}


def kind(function):
    """Registers the function as the judge of the items of its name."""
    KINDS[function.__name__] = function
    return function


@kind
def session(item):
    return SessionStore().decode(item["session_data"])


@kind
def signed_cookie_session(item):
    return CookieStore(item["value"]).load()


@kind
def signer(item):
    return signing.Signer(salt=item.get("salt"), sep=item.get("sep", ":")).unsign(item["signed"])


@kind
def timestamp_signer(item):
    one = signing.TimestampSigner(salt=item.get("salt"), sep=item.get("sep", ":"))
    return one.unsign(item["signed"], max_age=item.get("max_age"))


@kind
def loads(item):
    return signing.loads(item["dumped"], salt=item.get("salt", "django.core.signing"), max_age=item.get("max_age"))


@kind
def signed_cookie(item):
    """The cookie as it came, `header`, or what it says, `cookie_value`."""
    request = HttpRequest()
    request.COOKIES = parse_cookie(item["header"]) if "header" in item else {item["name"]: item["cookie_value"]}
    return request.get_signed_cookie(item["name"], salt=item.get("salt", ""), max_age=item.get("max_age"))


@kind
def session_hash(item):
    return User(password=item["password_field"]).get_session_auth_hash() == item["hash"]


@kind
def csrf_masked(item):
    # The function lost its old name with 4.1.
    unmask = getattr(csrf, "_unmask_cipher_token", None) or csrf._unsalt_cipher_token
    return unmask(item["token"]) == item["secret"]


@kind
def csrf_pair(item):
    headers = {"HTTP_X_CSRFTOKEN": item["token"], "HTTP_HOST": item.get("host", "example.com")}
    for name in ("origin", "referer"):
        if item.get(name) is not None:
            headers["HTTP_" + name.upper()] = item[name]
    request = RequestFactory().post("/", secure=item.get("secure", False), **headers)
    request.COOKIES[settings.CSRF_COOKIE_NAME] = item["cookie"]
    middleware = csrf.CsrfViewMiddleware(lambda request: None)
    middleware.process_request(request)
    return middleware.process_view(request, lambda request: None, (), {}) is None


@kind
def reset_token(item):
    user = dict(item["user"])
    if user["last_login"]:
        user["last_login"] = datetime.datetime.fromisoformat(user["last_login"])
    generator = PasswordResetTokenGenerator()
    now = datetime.datetime.fromisoformat(item["now"])
    generator._now = lambda: now
    generator._today = now.date
    return generator.check_token(User(**user), item["token"])


@kind
def uid(item):
    return urlsafe_base64_decode(item["uidb64"]).decode()


@kind
def password(item):
    return check_password(item["password"], item["encoded"])


@kind
def password_current(item):
    """Whether it verifies, and this Django would not hash it anew."""
    anew = []
    return check_password(item["password"], item["encoded"], setter=anew.append) and not anew


@kind
def unusable(item):
    return not is_password_usable(item["encoded"])


@kind
def migrate(item):
    """Makes the tables."""
    call_command("migrate", verbosity=0)
    return True


@kind
def create_user(item):
    """A user as Django makes it; `groups` by name, each with its permissions."""
    user = User.objects.create_user(**item["fields"])
    for name, codenames in item.get("groups", {}).items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(Permission.objects.filter(codename__in=codenames))
        user.groups.add(group)
    return True


@kind
def user_row(item):
    """The columns that are expected, of the user as Django reads it; and whether a `password` is the user's."""
    user = User.objects.get(username=item["username"])
    if "password" in item and not user.check_password(item["password"]):
        return "another password"
    values = {name: getattr(user, name) for name in item["expect"]}
    return {name: value.isoformat() if isinstance(value, datetime.datetime) else value for name, value in values.items()}


@kind
def login(item):
    return authenticate(username=item["username"], password=item["password"]) is not None


def through(item, view):
    """What the view gives, and the cookie that is sent, behind the middlewares that know the session and the user."""
    request = RequestFactory().get("/")
    if item.get("sessionid") is not None:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = item["sessionid"]
    seen = {}

    def answer(request):
        view(request)
        user = request.user
        seen["user"] = user.get_username() or None
        seen["id"] = user.pk
        seen["session"] = {name: value for name, value in request.session.items() if not name.startswith("_")}
        return HttpResponse()

    response = SessionMiddleware(AuthenticationMiddleware(answer))(request)
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    seen["cookie"] = None if cookie is None else "set" if cookie.value else "deleted"
    return {name: seen[name] for name in item["expect"]}


@kind
def whoami(item):
    """Whom a `sessionid` belongs to: of `user`, `id`, `session` and `cookie` what is expected."""
    return through(item, lambda request: None)


@kind
def visit(item):
    """The same after something was done: `login` (a user name), `logout`, `set` (data), or `change` (a password)."""

    def act(request):
        if "login" in item:
            auth.login(request, User.objects.get(username=item["login"]))
        if item.get("logout"):
            auth.logout(request)
        request.session.update(item.get("set", {}))
        if "change" in item:
            request.user.set_password(item["change"])
            request.user.save()
            auth.update_session_auth_hash(request, request.user)

    return through(item, act)


@kind
def save_user(item):
    """Sets `fields`, and a `password`, of a user."""
    user = User.objects.get(username=item["username"])
    for name, value in item.get("fields", {}).items():
        setattr(user, name, value)
    if "password" in item:
        user.set_password(item["password"])
    user.save()
    return True


@kind
def delete_user(item):
    User.objects.get(username=item["username"]).delete()
    return True


@kind
def storm(item):
    """The same visit of many sessions, which somebody else ends or changes meanwhile; it is told when it begins."""
    print(text({"ready": True}), flush=True)
    for sessionid in item["sessionids"]:
        # The answer is 400 where a session is gone by the time it is saved.
        with contextlib.suppress(BadRequest, SuspiciousOperation):
            KINDS["visit"]({**item["visit"], "sessionid": sessionid, "expect": {}})
    return True


# What is expected of these unless the item says otherwise.
YES = {"session_hash", "csrf_masked", "csrf_pair", "reset_token", "password", "password_current", "unusable"}
YES |= {"migrate", "create_user", "login", "save_user", "delete_user", "storm"}


def text(value):
    return json.dumps(value, sort_keys=True)


def judge(item):
    """What is wrong with an item, or None."""
    function = KINDS.get(item["kind"])
    if function is None:
        return {"error": "there is no such kind"}
    expect_error = item.get("expect_error")
    # Reset tokens have a date there.
    now = item.get("now")
    frozen = mock.patch("time.time", return_value=now) if isinstance(now, (int, float)) else contextlib.nullcontext()
    try:
        with override_settings(**item.get("settings", {})), frozen:
            got = function(item)
    except Exception as error:
        if expect_error is True or expect_error == type(error).__name__:
            return None
        return {"expected": item.get("expect"), "error": "%s: %s" % (type(error).__name__, error)}
    if expect_error:
        return {"expected": "an error", "got": got}
    if "expect_json" in item:
        expect = json.loads(item["expect_json"])
    else:
        expect = item.get("expect", True) if item["kind"] in YES else item["expect"]
    return None if text(got) == text(expect) else {"expected": expect, "got": got}


def version(name):
    return tuple(int(part) for part in name.split(".")[:2])


def main():
    if "--about" in sys.argv:
        print(text({"django": django.get_version(), "kinds": sorted(KINDS)}))
        return 0
    task = TASK
    judged, skipped, failed = 0, 0, 0
    for number, item in enumerate(task["items"]):
        if django.VERSION[:2] < version(item.get("min_django", "0.0")):
            skipped += 1
            continue
        judged += 1
        keys = {
            "SECRET_KEY": item.get("secret_key", task["secret_key"]),
            "SECRET_KEY_FALLBACKS": item.get("secret_key_fallbacks", task.get("secret_key_fallbacks", [])),
        }
        with override_settings(**keys):
            wrong = judge(item)
        if wrong:
            failed += 1
            print(text({"item": number, "kind": item["kind"], "name": item.get("name"), **wrong}))
    print(text({"django": django.get_version(), "judged": judged, "skipped": skipped, "failed": failed}))
    return 0 if judged and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
