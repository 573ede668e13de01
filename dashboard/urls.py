"""Routes of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from dashboard import invitation_page, pages, settings_page

urlpatterns = [
    path("", pages.home, name="home"),
    path("login", pages.SignIn.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("sign-in/<str:token>", pages.sign_in, name="sign-in"),
    path("invite/<str:token>", invitation_page.invite, name="invite"),
    path("a/<slug:slug>/", pages.overview, name="overview"),
    path("a/<slug:slug>/trades", pages.trades, name="trades"),
    path("a/<slug:slug>/connect", pages.connect, name="connect"),
    path("a/<slug:slug>/settings", settings_page.account_settings, name="settings"),
]
