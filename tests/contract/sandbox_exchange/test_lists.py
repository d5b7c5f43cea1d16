"""Distribution lists: members of every kind, one by one, and their expansion."""

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Clock
from tests.contract.sandbox_exchange.wire import NS, Mailbox, Ref, delete_field, set_field, text, texts


def member(content: str) -> str:
    return f"<t:Member><t:Mailbox>{content}</t:Mailbox></t:Member>"


def address(mail: str) -> str:
    return member(f"<t:Name>{mail.partition('@')[0]}</t:Name><t:EmailAddress>{mail}</t:EmailAddress>")


def stands_for(ref: Ref, kind: str) -> str:
    return member(f'<t:MailboxType>{kind}</t:MailboxType><t:ItemId Id="{ref.id}"/>')


def expand(content: str) -> str:
    return f"<m:ExpandDL><m:Mailbox>{content}</m:Mailbox></m:ExpandDL>"


def create_list(ann: Mailbox, name: str, *members: str) -> Ref:
    content = f"<t:DisplayName>{name}</t:DisplayName><t:Members>{''.join(members)}</t:Members>"
    return ann.create(content, kind="DistributionList")


def list_keys(ann: Mailbox, ref: Ref) -> list[str]:
    members = ann.get(ref, "distributionlist:Members").find("t:Members", NS)
    return [] if members is None else [each.get("Key") for each in members]


def test_a_list_is_expanded_one_level_deep(ann: Mailbox) -> None:
    jo = ann.create(
        "<t:DisplayName>Jo Doe</t:DisplayName><t:EmailAddresses>"
        '<t:Entry Key="EmailAddress1">jo@doe.example</t:Entry></t:EmailAddresses>'
    )
    inner = create_list(ann, "Inner", address("x@y.example"))
    team = create_list(ann, "Team", address("a@b.example"), stands_for(jo, "Contact"), stands_for(inner, "PrivateDL"))
    found = ann.ask_one(expand(f'<t:ItemId Id="{team.id}"/>'))
    expansion = found.find("m:DLExpansion", NS)
    assert (expansion.get("TotalItemsInView"), expansion.get("IncludesLastItemInRange")) == ("3", "true")
    assert texts(expansion, "t:Mailbox/t:MailboxType") == ["OneOff", "Contact", "PrivateDL"]
    assert texts(expansion, "t:Mailbox/t:Name") == ["a", "Jo Doe", "Inner"]
    assert texts(expansion, "t:Mailbox/t:EmailAddress") == ["a@b.example", "jo@doe.example"]
    assert text(ann.ask_one(expand("<t:Name>inner</t:Name>")), ".//t:EmailAddress") == "x@y.example"
    assert ann.codes(expand("<t:EmailAddress>no@where.example</t:EmailAddress>")) == ["ErrorNameResolutionNoResults"]
    assert ann.codes(expand(f'<t:ItemId Id="{jo.id}"/>')) == ["ErrorInvalidItemForOperationExpandDL"]
    ann.delete(team)
    assert ann.codes(expand(f'<t:ItemId Id="{team.id}"/>')) == ["ErrorItemNotFound"]


def test_members_come_and_go_one_by_one(ann: Mailbox) -> None:
    ref = create_list(ann, "Team", address("a@b.example"), address("a@b.example"))
    assert len(list_keys(ann, ref)) == 1
    more = f"<t:Members>{address('c@d.example')}</t:Members>"
    ref = ann.update(ref, set_field("distributionlist:Members", more, "DistributionList", "AppendToItemField"))
    first, second = list_keys(ann, ref)
    ref = ann.update(ref, delete_field(f"distributionlist:Members:Member/{first}"))
    assert list_keys(ann, ref) == [second]
    ann.update(ref, delete_field("distributionlist:Members"))
    assert list_keys(ann, ref) == []


def test_a_dump_keeps_what_members_stand_for(ann: Mailbox, exchange: Exchange, clock: Clock) -> None:
    jo = ann.create("<t:DisplayName>Jo</t:DisplayName>")
    create_list(ann, "Team", stands_for(jo, "Contact"), address("a@b.example"))
    world = exchange.dump()
    again = Exchange(clock)
    again.load(world)
    assert again.dump() == world
