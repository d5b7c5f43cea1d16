"""[organisations.NAME]: several Salesforce organisations in one file; each problem by its key, with the remedy."""

from pathlib import Path

import pytest

from mailsync.bootstrap import Setup, settings_of
from mailsync.errors import SettingsError
from mailsync.settings import Settings, load_settings
from mailsync.store import Secrets, open_store

ACME = """
[defaults]
view = "all"
"budget.calls" = 500

[microsoft]
client_id = "shared"

[organisations.acme.salesforce]
url = "https://acme.my.salesforce.com"
client_id = "app-of-acme"

[organisations.acme.defaults]
region = "DE"
"budget.calls" = 20

[organisations.globex]
salesforce = { url = "https://globex.my.salesforce.com", sessions_per_minute = 5.0 }
microsoft = { client_id = "own" }
"""
FEED = '[organisations.acme.feed]\nuser = "bert"\n\n[organisations.acme.defaults]'
ANN = """
[users.ann]
organisation = "acme"
mailbox = "exchange"
address = "ann@acme.example"
exchange = { url = "https://mail.acme.example/EWS/Exchange.asmx", username = "ann" }
"""
BERT = ANN.replace("ann", "bert").replace('"acme"', '"globex"')


def load(folder: Path, text: str) -> Settings:
    path = folder / "mailsync.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, {})


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(folder, text)
    return caught.value.problems


def test_each_user_belongs_to_an_organisation_with_apps_and_settings_of_its_own(tmp_path: Path) -> None:
    settings = load(tmp_path, ACME + ANN + BERT)
    acme, globex = settings.organisation_of("ann"), settings.organisation_of("bert")
    assert (acme.salesforce.url, globex.salesforce.url) == (
        "https://acme.my.salesforce.com", "https://globex.my.salesforce.com",
    )  # fmt: skip
    assert acme.salesforce.app is not None
    assert globex.salesforce.app is None
    assert acme.microsoft is not None
    assert globex.microsoft is not None
    assert (acme.microsoft.client_id, globex.microsoft.client_id) == ("shared", "own")
    assert globex.salesforce.sessions_per_minute == 5
    store = open_store(settings.store, Secrets(settings.key_file))
    ann, bert = (settings_of(Setup(settings, store), user) for user in ("ann", "bert"))
    store.close()
    assert (ann.view, ann.region, ann.budget_calls) == ("all", "DE", 20)
    assert (bert.view, bert.region, bert.budget_calls) == ("all", "US", 500)


def test_a_file_with_one_organisation_may_have_others_beside_it(tmp_path: Path) -> None:
    own = '[salesforce]\nurl = "https://own.my.salesforce.com"\n'
    settings = load(tmp_path, ACME + own + ANN.replace('organisation = "acme"\n', "") + BERT)
    assert list(settings.organisations) == ["", "acme", "globex"]
    assert settings.organisation_of("ann").place("salesforce.url") == "salesforce.url"
    assert settings.organisation_of("bert").place("salesforce.url") == "organisations.globex.salesforce.url"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('organisation = "acme"\n', "", "users.ann.organisation: missing; add it: there are: acme, globex"),
        ('= "acme"', '= "acne"', "users.ann.organisation: there is no organisation acne; did you mean acme?"),
        ("globex.my", "ACME.my", "organisations.globex.salesforce.url: organisations.acme.salesforce has the same"),
        ('region = "DE"', 'regoin = "DE"', "organisations.acme.defaults.regoin: there is no such key"),
        ('client_id = "app-of-acme"', 'client_secret = "x"', "organisations.acme.salesforce.client_secret: belongs to"),
        ('client_id = "app-of-acme"', 'ca = "no.pem"', "organisations.acme.salesforce.ca: there is no file"),
        ('client_id = "app-of-acme"', 'clientid = "x"', "organisations.acme.salesforce.clientid: there is no such key"),
        ("[organisations.acme.defaults]", "[organisations.acme.default]", "organisations.acme.default: there is no"),
        ("[organisations.globex]", '[organisations."glo bex"]', "organisations.glo bex: a name has letters"),
        ('url = "https://acme.my.salesforce.com"\n', "", "organisations.acme.salesforce.url: missing; add it"),
        ("[organisations.acme.defaults]", FEED, "organisations.acme.feed.user: there is no such user in the organis"),
    ],
)
def test_a_problem_of_an_organisation_is_named_with_its_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = ACME + ANN
    assert old in text
    assert any(problem.startswith(told) for problem in problems(tmp_path, text.replace(old, new))), problems(
        tmp_path, text.replace(old, new)
    )


def test_a_user_can_not_name_an_organisation_where_the_file_has_none(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, '[salesforce]\nurl = "https://own.my.salesforce.com"\n' + ANN)
    assert told == (
        "users.ann.organisation: there is no organisation acme; there is no [organisations.…]; leave the key away"
    )
    assert "salesforce: missing; add it" in problems(tmp_path, ANN.replace('organisation = "acme"\n', ""))
