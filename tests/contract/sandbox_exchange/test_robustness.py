"""Whatever arrives, Exchange answers in its own words: requests with pieces missing, doubled, moved or spoilt."""

import random
from copy import deepcopy

from lxml import etree

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Request
from tests.contract.sandbox_exchange.oracle import check_valid
from tests.contract.sandbox_exchange.test_attachments import PHOTO, attach, file, list_ids, of_attachments
from tests.contract.sandbox_exchange.test_configurations import as_bytes, entry, write
from tests.contract.sandbox_exchange.test_items import FULL
from tests.contract.sandbox_exchange.test_lists import address, create_list, expand, stands_for
from tests.contract.sandbox_exchange.test_notifications import (
    get_events,
    get_stream,
    open_subscription,
    pull,
    streaming,
)
from tests.contract.sandbox_exchange.test_recovery import copy_folder
from tests.contract.sandbox_exchange.wire import (
    OWN_ID,
    Mailbox,
    Ref,
    basic,
    contacts_of,
    create_folder,
    create_item,
    delete_field,
    envelope,
    equals,
    extended,
    find_item,
    folder_ref,
    move_item,
    phone,
    set_field,
    shape,
    sort_by,
    sync_items,
    tag,
    update_item,
)

ROUNDS = 60
SPOILT = ("", "x", "-1", "99999999999", "AAMk", "ä\t", "true", "0x9999")


def spoil(content: etree._Element, random_: random.Random) -> None:
    elements = [element for element in content.iter() if element is not content]
    element = random_.choice(elements)
    parent = element.getparent()
    what = random_.randrange(5)
    if what == 0:
        parent.remove(element)
    elif what == 1:
        parent.append(deepcopy(element))
    elif what == 2:
        element.text = random_.choice(SPOILT)
    elif what == 3 and element.attrib:
        del element.attrib[random_.choice(list(element.attrib))]
    elif element.attrib:
        element.attrib[random_.choice(list(element.attrib))] = random_.choice(SPOILT)


def list_requests(ann: Mailbox) -> list[str]:
    ref = ann.create(FULL)
    page = '<m:IndexedPageItemView MaxEntriesReturned="5" Offset="0" BasePoint="Beginning"/>'
    order = sort_by("item:Subject")
    both = f"<t:And>{equals(OWN_ID, 'x')}{{}}</t:And>"
    bits = f'<t:Excludes>{tag("0x6001", "Integer")}<t:Bitmask Value="1"/></t:Excludes>'
    return [
        create_item(FULL + "", "contacts").replace("<t:FileAsMapping>", extended(OWN_ID, "x") + "<t:FileAsMapping>"),
        update_item(
            ref,
            set_field("contacts:Surname", "<t:Surname>x</t:Surname>"),
            set_field("contacts:PhoneNumber/Pager", phone("Pager", "1")),
            delete_field("item:Body"),
        ),
        find_item("contacts", both.format(bits), OWN_ID, "item:Body", view=page, order=order),
        sync_items("contacts", "", 5, "contacts:PhoneNumber/Pager", "item:Categories"),
        move_item(ref, "contacts"),
        create_folder("One", extra=extended(OWN_ID, "x")),
        f"<m:GetFolder>{shape(OWN_ID, what='Folder')}<m:FolderIds>"
        f"{contacts_of('ann@acme.example')}</m:FolderIds></m:GetFolder>",
        '<m:GetUserConfiguration><m:UserConfigurationName Name="CategoryList"><t:DistinguishedFolderId Id="calendar"/>'
        "</m:UserConfigurationName><m:UserConfigurationProperties>All</m:UserConfigurationProperties>"
        "</m:GetUserConfiguration>",
        '<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>ann</m:UnresolvedEntry></m:ResolveNames>',
        *list_further(ann, ref),
    ]  # fmt: skip


def list_further(ann: Mailbox, ref: Ref) -> list[str]:
    team = create_list(ann, "Team", address("a@b.example"), stands_for(ref, "Contact"))
    ann.ask_one(attach(ref, PHOTO))
    attachment = list_ids(ann, ref)[0]
    identifier, watermark = open_subscription(ann, pull())
    return [
        attach(ref, PHOTO, file("a.txt")),
        of_attachments("GetAttachment", attachment),
        of_attachments("DeleteAttachment", attachment),
        expand(f'<t:ItemId Id="{team.id}"/>'),
        create_item("<t:DisplayName>x</t:DisplayName>" + f"<t:Members>{stands_for(ref, 'Contact')}</t:Members>",
                    kind="DistributionList"),
        write("Update", "CategoryList", f"<t:Dictionary>{entry('a', 'String', 'b')}</t:Dictionary>",
              as_bytes("XmlData", b"x")),
        pull(watermark=watermark),
        get_events(identifier, watermark),
        get_stream(open_subscription(ann, streaming())[0]),
        copy_folder(ann.create_folder("Copied"), "msgfolderroot"),
        "<m:GetUserPhoto><m:Email>ann@acme.example</m:Email><m:SizeRequested>HR48x48</m:SizeRequested></m:GetUserPhoto>",
        "<m:MarkAllItemsAsRead><m:ReadFlag>true</m:ReadFlag><m:SuppressReadReceipts>true</m:SuppressReadReceipts>"
        f"<m:FolderIds>{folder_ref('contacts')}</m:FolderIds></m:MarkAllItemsAsRead>",
    ]  # fmt: skip


def test_spoilt_requests_are_answered_properly(exchange: Exchange, ann: Mailbox) -> None:
    random_ = random.Random(7)
    statuses: set[int] = set()
    for content in list_requests(ann):
        whole = etree.fromstring(envelope(content))
        for _ in range(ROUNDS):
            broken = deepcopy(whole)
            for _ in range(random_.randrange(1, 4)):
                body = broken.find("{*}Body")
                if len(body) and len(list(body[0].iter())) > 1:
                    spoil(body[0], random_)
            answer = exchange.answer(
                Request("POST", "/EWS/Exchange.asmx", "", basic(ann.login), etree.tostring(broken))
            )
            statuses.add(answer.status)
            check_valid(answer.body)
    assert statuses == {200, 500}
    ann.create(FULL)
