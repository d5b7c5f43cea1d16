"""B2, C7: a question about a new contact, from its asking to its end."""

from tests.e2e.stage import Stage

KINDS = ("exchange", "microsoft")


def test_B2_C7_a_question_about_a_paired_record_stays_until_it_is_answered(synced: Stage):
    record = synced.org.create(FirstName="Bea", LastName="Quinn", Email="shared@x.example")
    synced.sync()
    synced.ann.create(synced.ann.folder, "Bob", "Quinn", email="shared@x.example")
    synced.sync("held")
    synced.sync("held")
    synced.org.update(record, Title="CTO")
    assert synced.sync("held")["mailbox"]["updated"] == 1
    synced.answer("B2", "reject")
    assert synced.sync()["salesforce"]["created"] == 1
    synced.assert_settled()


def test_B2_a_held_items_candidate_that_is_edited_is_not_mirrored(synced: Stage):
    record = synced.org.create(FirstName="Other", LastName="Person", Email="shared@x.example")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="shared@x.example")
    synced.sync("held")
    synced.org.update(record, Title="CTO")
    assert synced.sync("held")["mailbox"]["created"] == 0
    synced.answer("B2", "approve")
    synced.sync()
    assert synced.ann.get("Other Person").sf_id == record
    synced.assert_settled()


def test_B2_a_question_ends_with_its_item(synced: Stage):
    synced.org.create(FirstName="Bea", LastName="Quinn", Email="shared@x.example")
    synced.sync()
    synced.ann.create(synced.ann.folder, "Bob", "Quinn", email="shared@x.example")
    synced.sync("held")
    synced.ann.get("Bob Quinn").delete()
    synced.sync()
    synced.assert_settled()


def test_B2_A17_a_record_that_the_question_shows_no_more_is_mirrored_in_the_next_session(synced: Stage):
    """No feed names it again, and the scope holds as many as before: only a sweep would find it, a day later."""
    record = synced.org.create(FirstName="Other", LastName="Person", Email="shared@x.example")
    synced.ann.create(synced.ann.folder, "Zoe", "Quinn", email="shared@x.example")
    synced.sync("held")
    synced.advance(3600)
    synced.sync("held")
    synced.ann.set_email(synced.ann.get("Zoe Quinn"), "zoe@x.example")
    assert synced.sync()["salesforce"]["created"] == 1
    assert synced.sync()["mailbox"]["created"] == 1
    assert synced.ann.get("Other Person").sf_id == record
    synced.assert_settled()
