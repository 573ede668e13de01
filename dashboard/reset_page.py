"""The page behind a link that an owner made for a member who has lost the password."""

from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dashboard.services.audit import Actor
from dashboard.services.outcome import DomainError
from dashboard.services.passwords import password_link_find, password_link_use


class NewPassword(forms.Form):
    password1 = forms.CharField(max_length=4096, strip=False)
    password2 = forms.CharField(max_length=4096, strip=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at the link does not use it up; the new password does. Whoever set it signs in with it as usual."""
    link = password_link_find(token, timezone.now())
    if link is None:
        return render(request, "pages/expired_reset.html", status=410)
    problems: list[str] = []
    form = NewPassword(request.POST or None)
    if request.method == "POST":
        problems = [_("Give the new password twice.")] if not form.is_valid() else []
        if not problems and form.cleaned_data["password1"] != form.cleaned_data["password2"]:
            problems = [_("The two passwords differ.")]
        if not problems:
            actor = Actor.of_request(request, f"user:{link.user.get_username()}", link.user)
            try:
                password_link_use(link=link, password=form.cleaned_data["password1"], now=timezone.now(), actor=actor)
            except DomainError as error:
                problems = error.fields["new_password"]
            else:
                logout(request)
                return redirect("login")
    return render(request, "pages/reset.html", {"link": link, "problems": problems})
