// @googleapis/people, unmodified, over plain http: Google's own client of the People API for Node.
import { people as open } from "@googleapis/people";

import { readOrder, runSteps } from "./steps.mjs";

const { url, token } = readOrder();
const service = open({ version: "v1", rootUrl: `${url}/`, headers: { Authorization: `Bearer ${token}` } });
const { people, contactGroups } = service;
const personFields = "names,emailAddresses,phoneNumbers,memberships,metadata,clientData";
const named = (givenName) => ({ names: [{ givenName }] });
const givenOf = (person) => person.names?.[0].givenName ?? null;
const etagOf = (person) => ({ metadata: { sources: person.metadata.sources.map(({ type, id, etag }) => ({ type, id, etag })) } });

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.status ?? Number(error.code), message: error.message };
  }
  return "not refused";
}

async function listAll(query) {
  const pages = [];
  let pageToken;
  do {
    const { data } = await people.connections.list({
      resourceName: "people/me", personFields, pageSize: 2, requestSyncToken: true, pageToken, ...query,
    });
    pages.push(data);
    pageToken = data.nextPageToken;
  } while (pageToken);
  return { pages, token: pages.at(-1).nextSyncToken };
}
const shown = (pages) => pages.map((page) => (page.connections ?? []).map((each) => (each.metadata?.deleted ? "deleted" : givenOf(each))));

let made;
let known;
await runSteps({
  me: async () => (await people.get({ resourceName: "people/me", personFields: "emailAddresses" })).data.emailAddresses[0].value,
  group: async () => (await contactGroups.create({ requestBody: { contactGroup: { name: "Salesforce" } } })).data,
  sameGroup: async () => refusal(contactGroups.create({ requestBody: { contactGroup: { name: "Salesforce" } } })),
  create: async ({ group }) => {
    const memberships = ["contactGroups/myContacts", group.resourceName].map((name) => ({
      contactGroupMembership: { contactGroupResourceName: name },
    }));
    const requestBody = {
      ...named("Dick"), memberships, phoneNumbers: [{ value: "(212) 555-0101", type: "work" }],
      clientData: [{ key: "salesforceId", value: "003Ib0000000001IAA" }],
    };
    made = (await people.createContact({ personFields, requestBody })).data;
    return made;
  },
  batchCreate: async () => {
    const contacts = ["A", "B", "C", "D"].map((name) => ({ contactPerson: named(name) }));
    const { data } = await people.batchCreateContacts({ requestBody: { contacts, readMask: personFields } });
    return data.createdPeople.map(({ person }) => person.resourceName);
  },
  list: async () => {
    const { pages, token: last } = await listAll({});
    known = last;
    return { pages: shown(pages), tokens: pages.map((page) => Boolean(page.nextSyncToken)), total: pages[0].totalItems };
  },
  idle: async () => shown((await listAll({ syncToken: known })).pages),
  update: async () => {
    const requestBody = { ...etagOf(made), ...named("Richard") };
    const { data } = await people.updateContact({ resourceName: made.resourceName, updatePersonFields: "names", personFields, requestBody });
    return { name: givenOf(data), phone: data.phoneNumbers[0].canonicalForm, moved: data.etag !== made.etag };
  },
  staleUpdate: async () => {
    const requestBody = { ...etagOf(made), ...named("Late") };
    return refusal(people.updateContact({ resourceName: made.resourceName, updatePersonFields: "names", requestBody }));
  },
  modify: async ({ group, batchCreate }) =>
    (await contactGroups.members.modify({
      resourceName: group.resourceName, requestBody: { resourceNamesToAdd: [batchCreate[0], "people/c1"] },
    })).data,
  members: async ({ group }) => (await contactGroups.get({ resourceName: group.resourceName, maxMembers: 10 })).data.memberCount,
  delete: async ({ batchCreate }) => (await people.deleteContact({ resourceName: batchCreate[1] })).data,
  batchDelete: async ({ batchCreate }) => (await people.batchDeleteContacts({ requestBody: { resourceNames: [batchCreate[2]] } })).data,
  batchGet: async ({ batchCreate }) =>
    (await people.getBatchGet({ resourceNames: batchCreate, personFields: "names" })).data.responses.map((each) => each.httpStatusCode),
  changes: async () => shown((await listAll({ syncToken: known })).pages).flat().sort(),
  otherMask: async () => refusal(people.connections.list({ resourceName: "people/me", personFields: "names", syncToken: known, pageSize: 2 })),
  groups: async () => (await contactGroups.list({})).data.contactGroups.map((each) => each.name),
  deleteGroup: async ({ group }) => {
    await contactGroups.delete({ resourceName: group.resourceName });
    return refusal(contactGroups.get({ resourceName: group.resourceName }));
  },
  badField: async () => refusal(people.createContact({ requestBody: { salary: 1 } })),
});
