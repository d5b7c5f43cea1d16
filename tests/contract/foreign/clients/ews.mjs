// ews-javascript-api, unmodified, over plain http: a JavaScript translation of Microsoft's EWS Managed API.
import ews from "ews-javascript-api";

import { readOrder, runSteps } from "./steps.mjs";

const { url, user } = readOrder();
const service = new ews.ExchangeService(ews.ExchangeVersion.Exchange2016);
service.Url = new ews.Uri(`${url}/EWS/Exchange.asmx`);
service.Credentials = new ews.WebCredentials(user, "sandbox");
const { Contact, ContactSchema, Folder, ItemSchema, WellKnownFolderName } = ews;
const idProperty = new ews.ExtendedPropertyDefinition(
  new ews.Guid("6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41"), "SalesforceId", ews.MapiPropertyType.String);
const whole = new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, [ItemSchema.Body, idProperty]);
whole.RequestedBodyType = ews.BodyType.Text;
const listed = new ews.PropertySet(ews.BasePropertySet.IdOnly, [ContactSchema.DisplayName, ItemSchema.Categories]);

const read = (id) => Contact.Bind(service, id, whole);
const changesOf = async (folder, state) => {
  const page = await service.SyncFolderItems(folder.Id, listed, null, 512, ews.SyncFolderItemsScope.NormalItems, state);
  const list = page.GetEnumerator().map((change) => ({
    kind: ews.ChangeType[change.ChangeType],
    name: change.Item?.DisplayName ?? null,
    id: change.ItemId.UniqueId,
  }));
  return { list, state: page.SyncState, more: page.MoreChangesAvailable };
};
async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error.ErrorCode ? ews.ServiceError[error.ErrorCode] : error.message;
  }
  return "not refused";
}
const shown = (contact) => ({
  name: contact.DisplayName,
  given: contact.GivenName,
  surname: contact.Surname,
  company: contact.CompanyName,
  body: contact.Body?.Text ?? null,
  categories: contact.Categories.GetEnumerator(),
  id: contact.Id.UniqueId,
  key: contact.Id.ChangeKey,
});

const kept = {};
await runSteps({
  async bind() {
    const folder = await Folder.Bind(service, WellKnownFolderName.Contacts);
    return { name: folder.DisplayName, total: folder.TotalCount };
  },
  async createFolder() {
    const folder = new ews.ContactsFolder(service);
    folder.DisplayName = "Salesforce Contacts";
    await folder.Save(WellKnownFolderName.Contacts);
    kept.folder = await Folder.Bind(service, folder.Id);
    return { name: kept.folder.DisplayName, class: kept.folder.FolderClass };
  },
  async findFolder() {
    const found = await service.FindFolders(WellKnownFolderName.Contacts, new ews.FolderView(10));
    return found.Folders.map((f) => f.DisplayName);
  },
  async syncEmpty() {
    const page = await changesOf(kept.folder, null);
    kept.state = page.state;
    return page.list;
  },
  async createContact() {
    const contact = new Contact(service);
    contact.GivenName = "Dick";
    contact.Surname = "Hallorann";
    contact.DisplayName = "Dick Hallorann";
    contact.CompanyName = "Overlook Söhne";
    contact.Body = new ews.MessageBody(ews.BodyType.Text, "two\nlines");
    contact.EmailAddresses._setItem(ews.EmailAddressKey.EmailAddress1, new ews.EmailAddress("dick@overlook.example"));
    contact.PhoneNumbers._setItem(ews.PhoneNumberKey.BusinessPhone, "+1 212 555 0101");
    const address = new ews.PhysicalAddressEntry();
    address.Street = "1 Road";
    address.City = "Sidewinder";
    contact.PhysicalAddresses._setItem(ews.PhysicalAddressKey.Business, address);
    contact.Categories.Add("Salesforce");
    contact.SetExtendedProperty(idProperty, "003Ib0000000001IAA");
    await contact.Save(kept.folder.Id);
    kept.contact = await read(contact.Id);
    const extended = {};
    kept.contact.TryGetProperty(idProperty, extended);
    const value = (dictionary, key) => { const out = {}; dictionary.TryGetValue(key, out); return out.outValue ?? null; };
    return {
      ...shown(kept.contact),
      email: value(kept.contact.EmailAddresses, ews.EmailAddressKey.EmailAddress1)?.Address,
      phone: value(kept.contact.PhoneNumbers, ews.PhoneNumberKey.BusinessPhone),
      city: value(kept.contact.PhysicalAddresses, ews.PhysicalAddressKey.Business)?.City,
      property: extended.outValue,
    };
  },
  async syncCreated() {
    const page = await changesOf(kept.folder, kept.state);
    kept.state = page.state;
    return page.list;
  },
  async update() {
    kept.stale = await read(kept.contact.Id);
    kept.contact.JobTitle = "Cook";
    kept.contact.PhoneNumbers._setItem(ews.PhoneNumberKey.MobilePhone, "+1 212 555 0102");
    await kept.contact.Update(ews.ConflictResolutionMode.NeverOverwrite);
    const after = await read(kept.contact.Id);
    return { before: kept.stale.Id.ChangeKey, after: after.Id.ChangeKey, own: kept.contact.Id.ChangeKey, title: after.JobTitle };
  },
  async staleUpdate() {
    kept.stale.JobTitle = "Caretaker";
    const refused = await refusal(kept.stale.Update(ews.ConflictResolutionMode.NeverOverwrite));
    return { refused, title: (await read(kept.contact.Id)).JobTitle };
  },
  async overwrite() {
    kept.stale = await read(kept.contact.Id);
    kept.contact.JobTitle = "Chef";
    await kept.contact.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    return (await read(kept.contact.Id)).JobTitle;
  },
  async clear() {
    const contact = await read(kept.contact.Id);
    contact.JobTitle = null;
    await contact.Update(ews.ConflictResolutionMode.NeverOverwrite);
    return (await read(contact.Id)).JobTitle ?? "cleared";
  },
  async syncUpdated() {
    const page = await changesOf(kept.folder, kept.state);
    kept.state = page.state;
    return page.list;
  },
  async findByCategory() {
    const wanted = new ews.SearchFilter.IsEqualTo(ItemSchema.Categories, "Salesforce");
    const found = await service.FindItems(kept.folder.Id, wanted, new ews.ItemView(50));
    const none = new ews.SearchFilter.IsEqualTo(ItemSchema.Categories, "Nothing");
    const missed = await service.FindItems(kept.folder.Id, none, new ews.ItemView(50));
    return { found: found.Items.map((i) => i.DisplayName), total: found.TotalCount, missed: missed.TotalCount };
  },
  async findByProperty() {
    const wanted = new ews.SearchFilter.IsEqualTo(idProperty, "003Ib0000000001IAA");
    return (await service.FindItems(kept.folder.Id, wanted, new ews.ItemView(50))).TotalCount;
  },
  async move() {
    const before = kept.contact.Id.UniqueId;
    const moved = await kept.contact.Move(WellKnownFolderName.Contacts);
    const there = (kept.moved = await read(moved.Id));
    const old = await refusal(read(new ews.ItemId(before)));
    return { changed: moved.Id.UniqueId !== before, ...shown(there), old };
  },
  async syncMoved() {
    const page = await changesOf(kept.folder, kept.state);
    kept.state = page.state;
    return page.list;
  },
  async delete() {
    await kept.moved.Delete(ews.DeleteMode.MoveToDeletedItems);
    const trash = await service.FindItems(WellKnownFolderName.DeletedItems, new ews.ItemView(10));
    return { gone: await refusal(read(kept.moved.Id)), trash: trash.Items.map((i) => i.Subject) };
  },
  async deleteFolder() {
    await kept.folder.Delete(ews.DeleteMode.HardDelete);
    return refusal(Folder.Bind(service, kept.folder.Id));
  },
  async wrongPassword() {
    const stranger = new ews.ExchangeService(ews.ExchangeVersion.Exchange2016);
    stranger.Url = service.Url;
    stranger.Credentials = new ews.WebCredentials(user, "guessed");
    return refusal(Folder.Bind(stranger, WellKnownFolderName.Contacts));
  },
});
