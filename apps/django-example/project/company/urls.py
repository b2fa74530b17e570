"""Where the pages are."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home),
    path("login/", views.sign_in),
    path("logout/", views.sign_out),
    path("note/", views.note),
]
